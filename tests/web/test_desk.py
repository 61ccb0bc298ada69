"""What the page does with photos, without a browser and without HTTP."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from desk_steps import bring, made, send, state, wait
from PIL import Image

import restorekit_faces.framing
import restorekit_faces.yunet
from restorekit.contracts import Footprint
from restorekit.framing import Framing, Part, View, WholeView
from restorekit.images import Picture, read, read_rgb, write
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
    brought = send(desk, visitor, photo())
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

        @property
        def parts(self):
            return [replace(part, left="sharp") for part in super().parts]

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
