"""What of a picture is restored, and what is said about it; with stand-ins for the detector and the model."""

import cv2
import numpy as np
import pytest

from restorekit import Footprint, RestorekitError, Restorer
from restorekit.images import Picture
from restorekit.restore.pictures import restore_pictures
from restorekit.restore.steady import Steady
from restorekit.testing import check_framing
from restorekit_faces import framing, yunet
from restorekit_faces.framing import Faces


class Lighter(Restorer):
    name = "lighter"
    footprint = Footprint(geometry={"size": 128, "left_eye": [45, 45], "right_eye": [82, 45]})

    def restore(self, images):
        return images + 20 / 255


@pytest.fixture
def found(monkeypatch):
    """The faces of every picture."""
    faces = []
    monkeypatch.setattr(yunet, "load_detector", lambda path: lambda pixels: list(faces))
    return faces


@pytest.fixture
def asked(monkeypatch):
    """No detector can be loaded; which were asked for."""
    files = []

    def load(path):
        files.append(path)
        raise RestorekitError("a.onnx: cannot be read", "give another")

    monkeypatch.setattr(yunet, "load_detector", load)
    return files


@pytest.fixture
def blurred(astronaut):
    return Picture(shaken(astronaut[0]), name="a.png")


def shaken(pixels):
    """What a camera takes that moves: blurred, and with its noise."""
    noise = np.random.default_rng(0).normal(0, 1, pixels.shape)
    return (cv2.GaussianBlur(pixels, (0, 0), 4) + noise).round().clip(0, 255).astype(np.uint8)


def grey(height=60, width=70):
    return Picture(np.full((height, width, 3), 100, np.uint8), name="a.png")


def restored(picture, restorer=None, strength=1.0, **keys):
    restorer = restorer or Lighter()
    look = Faces(**keys).build(restorer)
    return restore_pictures(Steady(restorer, strength=strength), [picture], look)[0]


def test_faces_are_restored_and_nothing_else(found, blurred, astronaut):
    found.append(astronaut[1])
    made = restored(blurred)
    change = made.picture.pixels.astype(int) - blurred.pixels
    x, y = astronaut[1].landmarks[2].round().astype(int)
    assert abs(change[y - 5 : y + 5, x - 5 : x + 5] - 20).max() <= 1
    assert not change[300:].any()
    assert [part.left for part in made.parts] == [""]
    assert made.zoom[2] == round(astronaut[1].box[2])
    assert made.notes == ("1 of 1 faces restored",)


def test_strength_counts_for_faces_too(found, blurred, astronaut):
    found.append(astronaut[1])
    change = restored(blurred, strength=0.5).picture.pixels.astype(int) - blurred.pixels
    assert change.max() == 10


def test_a_picture_of_sharp_faces_is_left_alone(found, astronaut):
    found.append(astronaut[1])
    picture = Picture(astronaut[0])
    made = restored(picture)
    assert made.picture is picture and not made.changed
    assert [part.left for part in made.parts] == ["not clearly blurred"]
    assert made.zoom is None


def test_without_a_face_a_small_picture_is_restored_whole_and_it_is_said(found):
    pixels = np.zeros((60, 70, 3), np.uint8) + 60
    pixels[:, 30:] = 160
    picture = Picture(shaken(pixels))
    made = restored(picture)
    change = made.picture.pixels.astype(int) - picture.pixels
    assert (change[:, 20:40] == 20).all()
    assert made.notes == ("no face found, the whole picture restored",)
    assert made.parts == ()


@pytest.mark.parametrize("keys", [{}, {"skip_below": 1.0}])
def test_without_a_face_a_picture_that_is_not_blurred_is_left_alone(found, keys):
    picture = grey()
    made = restored(picture, **keys)
    assert made.picture is picture and not made.changed


def test_without_a_face_every_picture_is_restored_if_asked(found):
    assert (restored(grey(), faces="all").picture.pixels == 120).all()


def test_without_a_face_a_large_picture_is_left_alone_and_it_is_said(found, monkeypatch):
    monkeypatch.setattr(framing, "WHOLE_MOST", 4000)
    picture = grey()
    made = restored(picture)
    assert made.picture is picture
    assert made.notes == ("no face found, 0.0042 megapixels left alone; faces=off restores them",)


def test_where_yunet_cannot_be_fetched_the_small_detector_looks_and_it_is_said(
    monkeypatch, blurred, astronaut
):
    def unreachable(*file):
        raise RestorekitError("the Hub does not answer", "check the connection")

    monkeypatch.setattr(yunet, "fetch", unreachable)
    by = f"by the small detector that comes along, as {yunet.FILE} could not be fetched from {yunet.REPO}"
    made = restored(blurred)
    assert made.notes[1:] == (f"faces found {by}",)
    x, y, width, height = made.parts[0].box
    assert x < astronaut[1].landmarks[2, 0] < x + width and y < astronaut[1].landmarks[2, 1] < y + height
    made = restored(grey())
    assert made.notes[0].startswith(f"no face found {by}, the whole picture left alone")


def test_without_a_detector_the_whole_is_restored_if_asked(asked):
    made = restored(grey(), faces="off")
    assert (made.picture.pixels == 120).all()
    assert asked == []


def test_nothing_but_faces_if_asked(found):
    picture = grey()
    made = restored(picture, faces="only")
    assert made.picture is picture
    assert made.notes == ("no face found, left alone",)


@pytest.mark.parametrize("faces", ["auto", "all"])
def test_an_aligned_crop_comes_out_as_without_looking_for_faces(asked, faces):
    crop = Picture(np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8))
    made = restored(crop, faces=faces)
    assert np.array_equal(restored(crop, faces="off").picture.pixels, made.picture.pixels)
    assert made.notes == () and asked == []


def test_a_restorer_for_any_picture_restores_the_whole(asked):
    restorer = Lighter()
    restorer.footprint = Footprint(geometry={"crop": "random", "size": 128})
    made = restored(grey(), restorer)
    assert (made.picture.pixels == 120).all()
    assert made.notes == () and asked == []


def test_what_is_wrong_for_all_pictures_is_found_beforehand(asked, tmp_path):
    plain = Lighter()
    plain.footprint = Footprint()
    with pytest.raises(RestorekitError, match="model lighter does not state the faces"):
        Faces(faces="only").build(plain)
    with pytest.raises(RestorekitError, match="cannot be read"):
        Faces(faces="only").build(Lighter())
    with pytest.raises(RestorekitError, match="cannot be read"):
        Faces(detector=tmp_path / "a.onnx").build(Lighter())
    Faces().build(Lighter())
    Faces(detector=tmp_path / "a.onnx").build(plain)


def test_a_model_that_enlarges_restores_no_faces():
    larger = Lighter()
    larger.footprint = Footprint(geometry=Lighter.footprint.geometry, scale=2)
    with pytest.raises(RestorekitError, match="model lighter enlarges by 2"):
        Faces().build(larger)


@pytest.mark.parametrize("keys", [{"skip_below": -1.0}, {"largest": 0}])
def test_a_key_out_of_range_is_refused(keys):
    with pytest.raises(ValueError, match="must be"):
        Faces(**keys)


def test_it_keeps_the_contract(found, astronaut):
    found.append(astronaut[1])
    check_framing(Faces(), Lighter(), shaken(astronaut[0]))
