"""What the page does with photos, without a browser and without HTTP."""

import os
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

import restorekit.web.desk
import restorekit_faces.framing
import restorekit_faces.yunet
from restorekit import RestorekitError
from restorekit.contracts import Footprint
from restorekit.framing import Framing, Part, View, WholeView
from restorekit.images import Picture, read, read_rgb, write
from restorekit.restore.whole import Whole
from restorekit.web.desk import _bytes
from restorekit_faces.framing import Faces


class Halves(View):
    """The left half, which is left alone, and the larger right one."""

    def __init__(self, pixels):
        super().__init__(looked=True)
        self.pixels = pixels

    @property
    def parts(self):
        return [Part((0, 0, 20, 40), left="sharp"), Part((20, 0, 40, 40))]

    @property
    def windows(self):
        return [self.pixels[:, :20], self.pixels[:, 20:]]

    def put_back(self, restored):
        each = [old if new is None else new for old, new in zip(self.windows, restored, strict=True)]
        return np.concatenate(each, axis=1)


class InHalves(Framing):
    parts = "halves"

    def build(self, restorer):
        return Halves


@pytest.fixture
def visitor(desk):
    return desk.enter()


def bring(desk, visitor, path):
    """Bring a photo, and wait until nothing more is done to it."""
    place = desk.place(visitor, path.name)
    shutil.copy(path, place)
    photo = desk.take(visitor, place)
    wait(desk, visitor)
    return photo


def wait(desk, visitor):
    for _ in range(6000):
        if all(each["phase"] in ("done", "failed", "cancelled") for each in desk.state(visitor)["photos"]):
            return
        time.sleep(0.01)
    raise AssertionError(desk.state(visitor))


def state(desk, visitor):
    (photo,) = desk.state(visitor)["photos"]
    return photo


def made(desk, visitor, photo, strength=1.0):
    return read_rgb(desk.written(visitor, photo, strength))[0, [0, -1], 0].tolist()


def files(desk):
    return sorted(name for _, _, names in os.walk(desk.folder) for name in names)


def test_the_photo_is_restored_under_its_name(desk, visitor, photo):
    brought = bring(desk, visitor, photo())
    output = desk.written(visitor, brought, 1.0)
    assert output.name == "a.deblurred.png" and (read_rgb(output) == (120, 70, 30)).all()
    assert state(desk, visitor)["said"] == ["The whole photo was restored."]


def test_format_depth_transparency_and_exif_are_kept(desk, visitor, tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    alpha, pixels = np.full((40, 60), 30_000, np.uint16), np.full((40, 60, 3), 20_001, np.uint16)
    about = {"exif": b"Exif\0\0" + exif.tobytes()[6:], "dpi": (300, 300)}
    write(tmp_path / "a.tif", Picture(pixels, alpha=alpha, **about))
    before = read(tmp_path / "a.tif")
    brought = bring(desk, visitor, tmp_path / "a.tif")
    after = read(desk.written(visitor, brought, 0.5))
    assert after.pixels.dtype == np.uint16 and after.pixels[0, 0, 0] == 20_001 + 2570
    assert (after.alpha == alpha).all() and (after.exif, after.dpi) == (before.exif, before.dpi)


def test_another_strength_computes_nothing(desk, visitor, photo, loads):
    brought = bring(desk, visitor, photo())
    assert [made(desk, visitor, brought, strength)[0] for strength in (1.0, 0.5, 0.0)] == [120, 110, 100]
    assert loads[None].restored == 1


def test_what_was_left_alone_keeps_its_bytes(desk, visitor, tmp_path):
    Image.new("RGB", (60, 40), (9, 8, 7)).save(tmp_path / "a.jpg", quality=31)
    brought = bring(desk, visitor, tmp_path / "a.jpg")
    assert desk.written(visitor, brought, 0.0).read_bytes() == (tmp_path / "a.jpg").read_bytes()


def test_parts_are_shown_restored_and_left_as_one_chooses(make_desk, photo, loads):
    desk = make_desk(InHalves())
    visitor = desk.enter()
    brought = bring(desk, visitor, photo())
    found = state(desk, visitor)
    assert [part["restored"] for part in found["parts"]] == [False, True] and found["focus"] == 1
    assert found["parts"][0]["words"] == "left as it was: already sharp"
    assert found["said"] == ["1 of 2 halves was restored."]
    assert made(desk, visitor, brought) == [100, 120]
    desk.choose(visitor, brought, 0, True)
    desk.choose(visitor, brought, 1, False)
    wait(desk, visitor)
    assert made(desk, visitor, brought) == [120, 100]
    words = [part["words"] for part in state(desk, visitor)["parts"]]
    assert words == ["restored, as you chose", "left as it was: as you chose"]
    desk.choose(visitor, brought, 1, True)
    wait(desk, visitor)
    assert made(desk, visitor, brought) == [120, 120]
    assert loads[None].restored == 2  # each half once
    with pytest.raises(KeyError):
        desk.choose(visitor, brought, 2, True)


def test_what_is_chosen_while_a_photo_is_put_together_is_done_next(make_desk, photo):
    there, go = threading.Event(), threading.Event()

    class Waiting(Halves):
        def put_back(self, restored):
            there.set()
            assert go.wait(60)
            return super().put_back(restored)

    class InWaiting(InHalves):
        def build(self, restorer):
            return Waiting

    desk = make_desk(InWaiting())
    visitor = desk.enter()
    place = desk.place(visitor, "a.png")
    shutil.copy(photo(), place)
    brought = desk.take(visitor, place)
    assert there.wait(60)
    choosing = threading.Thread(target=desk.choose, args=(visitor, brought, 0, True))
    choosing.start()
    choosing.join(0.2)
    go.set()
    choosing.join(60)
    wait(desk, visitor)
    assert made(desk, visitor, brought) == [120, 120]


def test_a_photo_without_parts_has_none_to_choose_and_says_why_it_was_left(make_desk, photo):
    class Sharp(WholeView):
        def __init__(self, pixels):
            super().__init__(pixels, "no face found")

        def decide(self, parts):
            return [replace(part, left="sharp") for part in parts]

    class Whole(Framing):
        parts = "faces"

        def build(self, restorer):
            return Sharp

    desk = make_desk(Whole())
    visitor = desk.enter()
    brought = bring(desk, visitor, photo())
    now = state(desk, visitor)
    assert (now["parts"], now["focus"], now["made"]) == ([], None, True)
    assert now["said"] == ["No face was found, and the photo is left as it was: already sharp."]
    with pytest.raises(KeyError):
        desk.choose(visitor, brought, 0, True)


def test_another_way_or_model_restores_again_and_forgets_what_was_chosen(desk, visitor, photo, loads):
    brought = bring(desk, visitor, photo())
    desk.set(visitor, "other", "All of the photo")
    wait(desk, visitor)
    assert made(desk, visitor, brought)[0] == 120 and loads["other"].restored == 1
    with pytest.raises(KeyError):
        desk.set(visitor, "other", "nothing")


def test_parts_that_were_found_in_another_way_cannot_be_chosen(make_desk, photo):
    desk = make_desk(InHalves())
    visitor = desk.enter()
    brought = bring(desk, visitor, photo())
    go = threading.Event()
    desk._work.add(lambda: go.wait(60), urgent=True)
    desk.set(visitor, "other", desk.studio.ways[0])
    with pytest.raises(KeyError):
        desk.choose(visitor, brought, 0, True)
    go.set()
    wait(desk, visitor)
    desk.choose(visitor, brought, 0, True)
    wait(desk, visitor)
    assert made(desk, visitor, brought) == [120, 120]


def test_a_bad_photo_is_one_line_that_names_it_alone_and_the_next_is_restored(desk, visitor, photo, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    bad = bring(desk, visitor, tmp_path / "bad.png")
    failed = state(desk, visitor)
    assert failed["phase"] == "failed" and failed["said"][0].startswith("bad.png: is not a PNG")
    with pytest.raises(KeyError):
        desk.written(visitor, bad, 1.0)
    bring(desk, visitor, photo())
    assert [each["phase"] for each in desk.state(visitor)["photos"]] == ["failed", "done"]
    assert not desk.failures


def test_what_nobody_expected_is_told_to_who_runs_the_page(desk, visitor, photo, loads):
    loads[None].restore = lambda images: 1 / 0
    bring(desk, visitor, photo())
    assert state(desk, visitor)["said"] == ["something went wrong"]
    assert [type(error) for error in desk.failures] == [ZeroDivisionError]


def test_a_photo_too_large_is_refused_without_naming_an_option(make_desk, photo):
    desk = make_desk(max_pixels=1000)
    visitor = desk.enter()
    bring(desk, visitor, photo())
    (said,) = state(desk, visitor)["said"]
    assert said.startswith("a.png: 60 x 40 are 1 megapixels") and "--" not in said


def test_a_large_photo_without_faces_is_left_alone_and_the_other_way_is_named(make_desk, photo, monkeypatch):
    desk = make_desk(Faces())
    geometry = {"size": 128, "left_eye": (45, 45), "right_eye": (82, 45)}
    monkeypatch.setattr(restorekit_faces.yunet, "load_detector", lambda path: lambda pixels: [])
    monkeypatch.setattr(restorekit_faces.framing, "WHOLE_MOST", 1000)
    desk.studio.models.load("kernel-unet").footprint = Footprint(geometry=geometry)
    visitor = desk.enter()
    bring(desk, visitor, photo())
    assert state(desk, visitor)["said"] == [
        "No face was found, and the photo is left as it was.",
        "To restore it all the same, choose \u201cAll of the photo\u201d.",
    ]


def test_a_framing_that_cannot_look_says_so(make_desk, photo):
    class Blind(InHalves):
        def build(self, restorer):
            return lambda pixels: View("no detector")

    desk = make_desk(Blind())
    visitor = desk.enter()
    bring(desk, visitor, photo())
    said = "This machine cannot look for halves yet, so the photo is left as it was."
    assert state(desk, visitor)["said"] == [said]


class Slow:
    """Waits in its second tile until it is let go on."""

    def __init__(self, restorer):
        self.tiles, self.there, self.go = 0, threading.Event(), threading.Event()
        self.restore = restorer.restore

    def __call__(self, images):
        self.tiles += 1
        if self.tiles == 2:
            self.there.set()
            assert self.go.wait(60)
        return self.restore(images)


@pytest.fixture
def slow(make_desk, loads, photo):
    """A desk at which a photo of many tiles is under way."""
    desk = make_desk()
    loads[None].footprint = Footprint(margin=0, tile=128)
    loads[None].restore = desk.slow = Slow(loads[None])
    desk.visitor = desk.enter()
    place = desk.place(desk.visitor, "wide.png")
    shutil.copy(photo("wide.png", size=(64, 1600)), place)
    desk.brought = desk.take(desk.visitor, place)
    assert desk.slow.there.wait(60)
    yield desk
    desk.slow.go.set()


def test_progress_is_told_and_how_long_it_takes(slow):
    now = state(slow, slow.visitor)
    assert now["phase"] == "restoring" and 0 < now["share"] < 0.5 and now["left"] >= 0


def test_what_is_cancelled_ends_at_the_next_tile_and_can_be_begun_again(slow):
    slow.cancel(slow.visitor, slow.brought)
    assert state(slow, slow.visitor)["phase"] == "cancelled"
    slow.slow.go.set()
    slow._work.add(lambda: None).result(60)
    assert slow.slow.tiles == 2
    slow.again(slow.visitor, slow.brought)
    wait(slow, slow.visitor)
    assert made(slow, slow.visitor, slow.brought) == [120, 120]


def test_a_photo_is_seen_before_it_is_restored(slow):
    for side in ("before", "after"):
        assert slow.shown(slow.visitor, slow.brought, side, None, 100)[:2] == b"\xff\xd8"


@pytest.mark.parametrize("how", ["leave", "remove"])
def test_who_leaves_or_removes_it_while_it_is_restored_leaves_nothing(slow, how):
    if how == "leave":
        slow.leave(slow.visitor)
    else:
        slow.remove(slow.visitor, slow.brought)
    slow.slow.go.set()
    slow._work.add(lambda: None).result(60)
    assert files(slow) == [] and slow.slow.tiles == 2 and not slow.failures


def test_each_of_several_photos_is_restored_and_all_are_packed(desk, visitor, photo, tmp_path):
    (tmp_path / "other").mkdir()
    for number, name in enumerate(["a.png", "b.png", "other/a.png"]):
        bring(desk, visitor, photo(name, value=100 + number))
    (tmp_path / "bad.png").write_bytes(b"no picture")
    bring(desk, visitor, tmp_path / "bad.png")
    with ZipFile(desk.packed(visitor, 1.0)) as file:
        assert file.namelist() == ["a.deblurred.png", "b.deblurred.png", "3.a.deblurred.png"]
        file.extractall(tmp_path / "out")
    assert [int(read_rgb(path).max()) for path in sorted((tmp_path / "out").iterdir())] == [122, 120, 121]
    desk.leave(visitor)
    assert files(desk) == []


def test_a_download_of_all_that_is_on_its_way_stays_whole_while_another_is_made(desk, visitor, photo):
    bring(desk, visitor, photo())
    with desk.packed(visitor, 1.0).open("rb") as sending:
        half = desk.packed(visitor, 0.5)
        with ZipFile(sending) as first, ZipFile(half) as second:
            assert first.testzip() is None and second.testzip() is None
            name = "a.deblurred.png"
            assert first.read(name) != second.read(name)
    assert len(files(desk)) == 3  # the photo, what was made of it, and one file of all


def test_photos_beyond_what_memory_holds_are_restored_again_when_they_are_asked_for(
    desk, visitor, photo, monkeypatch, loads
):
    monkeypatch.setattr(restorekit.web.desk, "HELD", 40 * 60)
    first, second = (bring(desk, visitor, photo(name)) for name in ("a.png", "b.png"))
    assert [each.pixels for each in desk._visits[visitor].photos.values()] == [0, 2400]
    assert made(desk, visitor, first) == made(desk, visitor, second) == [120, 120]
    assert loads[None].restored == 4


def test_who_does_not_listen_for_a_while_has_left(desk, photo, monkeypatch):
    gone, there = desk.enter(), desk.enter()
    for visitor in (gone, there):
        bring(desk, visitor, photo())
    desk.listens(there, True)
    desk.sweep()
    assert len(files(desk)) == 2
    monkeypatch.setattr(restorekit.web.desk, "AWAY", 0)
    time.sleep(0.01)
    desk.sweep()
    assert len(files(desk)) == 1 and state(desk, there)["phase"] == "done"
    with pytest.raises(KeyError):
        desk.state(gone)


def test_too_much_is_refused(desk, visitor, photo, monkeypatch):
    bring(desk, visitor, photo())
    monkeypatch.setattr(restorekit.web.desk, "KEPT", 10)
    with pytest.raises(RestorekitError, match="too many photos are kept; remove some first"):
        desk.place(visitor, "b.png")


def test_visitors_see_their_own_photos_alone(desk, visitor, photo):
    brought = bring(desk, visitor, photo())
    with pytest.raises(KeyError):
        desk.written(desk.enter(), brought, 1.0)
    with pytest.raises(KeyError):
        desk.place("nobody", "a.png")


def test_what_was_asked_for_is_offered_first(make_desk):
    assert make_desk().studio.ways[0] == "All of the photo" and len(make_desk().studio.ways) == 4
    assert make_desk(Faces(largest=1)).studio.ways[0] == "Faces, or all of a photo without"
    assert make_desk(Whole()).studio.ways == ["As asked for"]


def test_folders_that_vanish_while_files_are_counted_count_nothing(tmp_path, monkeypatch):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_bytes(b"123")
    stat = os.stat

    def one_goes(path, **named):
        monkeypatch.setattr(os, "stat", stat)
        shutil.rmtree(tmp_path / ("b" if "a" in Path(path).parts[-2:] else "a"))
        return stat(path, **named)

    monkeypatch.setattr(os, "stat", one_goes)
    assert _bytes(tmp_path) == 3
