"""What the page does with photos, without a browser; the stand-in model lightens by 20/255."""

import os
import shutil
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

import restorekit.web.choice
from restorekit import RestorekitError, images
from restorekit.contracts import Restorer
from restorekit.framing import Part
from restorekit.images import Picture, read, read_rgb, write, write_rgb
from restorekit.restore.draft import Restored
from restorekit.restore.whole import Whole
from restorekit.web.choice import LIMITS, Models
from restorekit.web.desk import Desk
from restorekit.web.gate import _held
from restorekit_faces.framing import Faces

WHOLE = "All of the photo"


class Lighter(Restorer):
    name = "lighter"
    license = "CC0-1.0"

    def restore(self, images):
        return images + 20 / 255


@pytest.fixture
def loads(monkeypatch):
    """Which models were loaded."""
    names = []

    def load_restorer(model, device, engine=None):
        names.append(model)
        return Lighter()

    monkeypatch.setattr(restorekit.web.choice, "load_restorer", load_restorer)
    monkeypatch.setattr(restorekit.web.choice, "shipped", lambda: ["face-mt-unet", "other"])
    return names


@pytest.fixture
def desk(tmp_path, loads):
    (tmp_path / "desk").mkdir()
    return Desk(tmp_path / "desk", Models(), Faces(faces="off"))


def drop(desk, tmp_path, name="a.png", visitor="me", value=100, size=(40, 60)):
    """Upload a photo, and return where it lay."""
    upload = tmp_path / name
    if not upload.exists():
        write_rgb(upload, np.full((*size, 3), (value, value // 2, 10), np.uint8))
    desk.take(visitor, upload)
    return upload


def files(desk):
    return sorted(name for _, _, names in os.walk(desk.folder) for name in names)


def restore(desk, visitor="me", strength=1.0, way=WHOLE, model="face-mt-unet"):
    return desk.restore(visitor, model, way, strength)


def test_the_photo_is_restored_under_its_name(desk, tmp_path):
    drop(desk, tmp_path)
    result = restore(desk)
    assert result.output.name == "a.deblurred.png"
    assert (read_rgb(result.output) == (120, 70, 30)).all()


def test_format_depth_transparency_and_exif_are_kept(desk, tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    alpha = np.full((40, 60), 30_000, np.uint16)
    pixels = np.full((40, 60, 3), 20_001, np.uint16)
    write(
        tmp_path / "a.tif",
        Picture(pixels, alpha=alpha, exif=b"Exif\0\0" + exif.tobytes()[6:], dpi=(300, 300)),
    )
    before = read(tmp_path / "a.tif")
    drop(desk, tmp_path, "a.tif")
    after = read(restore(desk, strength=0).output)
    assert after.pixels.dtype == np.uint16 and (after.pixels == pixels).all() and (after.alpha == alpha).all()
    assert (after.exif, after.dpi) == (before.exif, before.dpi) and after.exif


def test_strength_is_the_share_of_the_change(desk, tmp_path):
    drop(desk, tmp_path)
    assert (read_rgb(restore(desk, strength=0.5).output) == (110, 60, 20)).all()


def test_before_and_after_are_shown_at_most_as_large_as_a_screen(desk, tmp_path):
    drop(desk, tmp_path, size=(20, 3000))
    before, after = (read_rgb(path) for path in restore(desk).whole)
    assert before.shape == after.shape == (11, 1600, 3)
    assert (before[5, 9] == (100, 50, 10)).all() and (after[5, 9] == (120, 70, 30)).all()


def test_the_largest_part_is_shown_where_it_is_small(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(
        restorekit.restore.batch,
        "restore_pictures",
        lambda steady, pictures, *_: [Restored(pictures[0], True, (Part((20, 10, 8, 16)),))],
    )
    drop(desk, tmp_path)
    before, after = restore(desk).part
    assert read_rgb(before).shape == read_rgb(after).shape == (24, 12, 3)  # a quarter more on each side


def test_a_photo_without_a_small_part_is_shown_once(desk, tmp_path):
    drop(desk, tmp_path)
    assert restore(desk).part is None


def test_what_was_left_alone_keeps_its_bytes_and_is_said(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(
        restorekit.restore.batch,
        "restore_pictures",
        lambda steady, pictures, *_: [Restored(pictures[0], False, notes=("left alone",))],
    )
    Image.new("RGB", (40, 40), (9, 8, 7)).save(tmp_path / "a.jpg", quality=31)
    data = (tmp_path / "a.jpg").read_bytes()
    drop(desk, tmp_path, "a.jpg")
    result = restore(desk)
    assert result.output.read_bytes() == data
    assert result.notes == ("left alone",)


def test_a_bad_photo_is_one_line_that_names_it_alone(desk, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    drop(desk, tmp_path, "bad.png")
    with pytest.raises(RestorekitError) as error:
        restore(desk)
    assert str(error.value).startswith("bad.png: is not a PNG") and "\n" not in str(error.value)
    assert files(desk) == ["bad.png"]


def test_a_file_of_another_kind_is_refused_before_anything_is_computed(desk, tmp_path, loads):
    (tmp_path / "notes.txt").write_text("a letter")
    drop(desk, tmp_path, "notes.txt")
    del loads[:]
    with pytest.raises(
        RestorekitError, match=r"^notes\.txt: cannot write this kind of file; end the name in"
    ):
        restore(desk, model="other")
    assert loads == []


def test_the_next_photo_after_a_bad_one_is_restored(desk, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    drop(desk, tmp_path, "bad.png")
    with pytest.raises(RestorekitError):
        restore(desk)
    drop(desk, tmp_path)
    assert restore(desk).output.exists()


def test_a_photo_too_large_is_refused_in_the_words_of_the_command(desk, tmp_path):
    small = Desk(desk.folder, desk.models, Faces(), max_pixels=1000)
    drop(small, tmp_path)
    with pytest.raises(RestorekitError) as said:
        restore(small)
    with pytest.raises(RestorekitError) as command:
        write_rgb(tmp_path / "a.png", np.zeros((40, 60, 3), np.uint8))
        images.read(tmp_path / "a.png", 1000)
    assert str(said.value) == str(command.value).replace(f"{tmp_path}/", "")


def test_faces_only_needs_a_model_of_faces(desk, tmp_path):
    drop(desk, tmp_path)
    with pytest.raises(RestorekitError, match="does not state the faces it was trained on"):
        restore(desk, way="Faces only")


def test_tiles_are_told(desk, tmp_path):
    drop(desk, tmp_path)
    told = []
    desk.restore("me", "face-mt-unet", WHOLE, 1.0, lambda *tiles: told.append(tiles))
    assert told[-1] == (1, 1)


def test_one_upload_serves_all_who_bring_the_same_photo(desk, tmp_path):
    for visitor in "abc":
        upload = drop(desk, tmp_path, visitor=visitor)
    assert upload.exists() and files(desk) == ["a.png"] * 3
    assert len({restore(desk, visitor).output for visitor in "abc"}) == 3


def test_an_upload_is_deleted_after_a_while_and_no_photo(desk, tmp_path):
    for name in ("old", "new"):
        (desk.folder / name).mkdir()
        write_rgb(desk.folder / name / f"{name}.png", np.zeros((40, 60, 3), np.uint8))
    desk.take("me", desk.folder / "old" / "old.png")
    for path in [desk.folder, *desk.folder.rglob("*")]:
        if "new" not in path.parts:
            os.utime(path, (0, 0))
    desk.sweep()
    assert files(desk) == ["new.png", "old.png"] and restore(desk).output.exists()
    assert not (desk.folder / "old" / "old.png").exists()


def test_only_the_last_result_is_kept_at_an_address_of_its_own(desk, tmp_path):
    drop(desk, tmp_path)
    first, second = restore(desk), restore(desk, strength=0.5)
    assert first.output != second.output and not first.output.exists()
    assert files(desk) == ["a.deblurred.png", "a.png", "whole-after.png", "whole-before.png"]


def test_another_photo_replaces_the_one_before(desk, tmp_path):
    drop(desk, tmp_path)
    restore(desk)
    drop(desk, tmp_path, "b.png")
    assert files(desk) == ["b.png"]


def test_who_leaves_leaves_nothing(desk, tmp_path):
    drop(desk, tmp_path)
    drop(desk, tmp_path, "b.png", visitor="you")
    restore(desk)
    desk.leave("me")
    desk.leave("me")
    assert files(desk) == ["b.png"]
    assert desk.photos("you") == ["b.png"] and not desk.photos("me")


def test_who_leaves_while_it_is_restored_leaves_nothing(desk, tmp_path):
    drop(desk, tmp_path)
    with pytest.raises(RestorekitError, match="a.png: its page was closed"):
        desk.restore("me", "face-mt-unet", WHOLE, 1.0, lambda *tiles: desk.leave("me"))
    assert files(desk) == []


def test_tiles_that_nobody_waits_for_are_not_computed(desk, tmp_path):
    small = Desk(desk.folder, desk.models, Faces(), tile=128)
    drop(small, tmp_path, size=(64, 1600))
    told = []

    def leave_at_the_second(done, tiles):
        told.append((done, tiles))
        if done == 2:
            small.leave("me")

    with pytest.raises(RestorekitError, match="its page was closed"):
        small.restore("me", "face-mt-unet", WHOLE, 1.0, leave_at_the_second)
    assert told[-1][0] == 2 and told[-1][1] > 3


def test_each_of_several_photos_is_restored_and_all_are_packed(desk, tmp_path):
    (tmp_path / "other").mkdir()
    paths = [tmp_path / "a.png", tmp_path / "b.png", tmp_path / "other" / "a.png"]
    for value, path in enumerate(paths):
        write_rgb(path, np.full((40, 60, 3), 100 + value, np.uint8))
    desk.take("me", *paths)
    assert desk.photos("me") == ["a.png", "b.png", "a.png"]
    results = [desk.restore("me", "face-mt-unet", WHOLE, 1.0, number=number) for number in range(3)]
    assert [int(read_rgb(result.output).max()) for result in results] == [120, 121, 122]
    with ZipFile(desk.packed("me", results)) as file:
        assert file.namelist() == ["a.deblurred.png", "b.deblurred.png", "3.a.deblurred.png"]
        assert file.read("b.deblurred.png") == results[1].output.read_bytes()
    desk.leave("me")
    assert files(desk) == []


def test_a_model_is_loaded_once_when_it_is_chosen(desk, tmp_path, loads):
    drop(desk, tmp_path)
    assert (desk.models.names, loads) == (["face-mt-unet", "other"], [None])
    restore(desk, model="other")
    restore(desk, model="other")
    assert loads == [None, "other"]


def test_the_model_given_comes_first(loads):
    models = Models("mine/bundle", "cpu", "torch")
    assert models.names == ["mine/bundle", "face-mt-unet", "other"]
    assert loads == ["mine/bundle"]


def test_terms_name_model_licence_and_limits(loads):
    words = Models().terms("face-mt-unet")
    assert words == f"Model lighter, licence: CC0-1.0. {LIMITS}"
    assert "never identify a person by its output" in words


def test_terms_of_the_shipped_model_say_research_only():
    words = Models().terms("face-mt-unet")
    assert words.startswith("Model face-mt-unet, licence: CelebA")
    assert "For non-commercial research only." in words


def test_what_was_asked_for_is_offered_first(desk, tmp_path):
    assert desk.ways[0] == WHOLE and len(desk.ways) == 4
    asked = Desk(tmp_path, desk.models, Faces(largest=1, min_face=50))
    assert asked.ways[0] == "Faces, or all of a photo without"
    assert Desk(tmp_path, desk.models, Whole()).ways == ["As asked for"]


def test_notes_call_keys_of_the_framing_as_the_page_does(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(
        restorekit.restore.batch,
        "restore_pictures",
        lambda steady, pictures, *_: [Restored(pictures[0], False, notes=("faces=off restores it",))],
    )
    drop(desk, tmp_path)
    assert restore(desk).notes == ("'All of the photo' restores it",)


def test_folders_that_vanish_while_uploads_are_counted_count_nothing(tmp_path, monkeypatch):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_bytes(b"123")
    stat = os.stat

    def one_goes(path, **named):
        monkeypatch.setattr(os, "stat", stat)
        shutil.rmtree(tmp_path / ("b" if "a" in Path(path).parts[-2:] else "a"))
        return stat(path, **named)

    monkeypatch.setattr(os, "stat", one_goes)
    assert _held(tmp_path) == 3
