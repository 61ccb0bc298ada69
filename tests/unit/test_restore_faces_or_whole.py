"""What of a picture is restored, and what is said about it; with stand-ins for the detector and what it serves."""

import numpy as np
import pytest

from restorekit.contracts import Footprint, Restorer
from restorekit.errors import RestorekitError
from restorekit.images import Picture
from restorekit.restore import pictures
from restorekit.restore.faces import detect, restore
from restorekit.restore.finder import FaceFinder
from restorekit.restore.pictures import restore_picture
from restorekit.restore.steady import Steady


class Lighter(Restorer):
    name = "lighter"
    footprint = Footprint(geometry={"size": 128, "left_eye": [45, 45], "right_eye": [82, 45]})

    def restore(self, images):
        return images + 20 / 255


@pytest.fixture
def faces(monkeypatch):
    """The outcomes of the faces in every picture; pixels 10:20 of a picture stand for those restored."""
    outcomes = []

    def restore_faces(pixels, call, geometry, found):
        assert geometry["size"] == 128
        result = pixels.copy()
        result[10:20, 10:20] = np.rint(call(pixels[None, 10:20, 10:20] / np.float32(255))[0] * 255)
        return restore.Restored(result, tuple(outcomes), np.ones(pixels.shape[:2], bool))

    monkeypatch.setattr(detect, "load_detector", lambda path: lambda pixels: list(outcomes))
    monkeypatch.setattr(restore, "restore_faces", restore_faces)
    return outcomes


def missing(path):
    raise detect.DetectorMissing("no face detector: no network", "give one with --detector")


def grey(height=60, width=70):
    return Picture(np.full((height, width, 3), 100, np.uint8), name="a.png")


def outcome(restored=True, blur=3.0, size=40):
    return restore.Outcome((1.4, 2.6, size, size), blur, restored)


def test_faces_are_restored_and_nothing_else(faces):
    faces += [outcome(), outcome(size=50), outcome(restored=False, blur=1.25, size=90)]
    made = restore_picture(Steady(Lighter()), grey(), FaceFinder())
    assert (made.picture.pixels[10:20, 10:20] == 120).all()
    assert made.picture.pixels.sum() == grey().pixels.sum() + 10 * 10 * 3 * 20
    assert (made.found, made.restored, made.zoom) == (3, 2, (1, 3, 50, 50))
    assert made.notes == ("2 of 3 faces restored; sharp already, by their blur in pixels: 1.2",)


def test_strength_counts_for_faces_too(faces):
    faces.append(outcome())
    made = restore_picture(Steady(Lighter(), strength=0.5), grey(), FaceFinder())
    assert (made.picture.pixels[10:20, 10:20] == 110).all()


def test_a_picture_of_sharp_faces_is_left_alone(faces):
    faces.append(outcome(restored=False, blur=1.0))
    picture = grey()
    made = restore_picture(Steady(Lighter()), picture, FaceFinder())
    assert made.picture is picture
    assert (made.found, made.restored, made.zoom) == (1, 0, None)


def test_without_a_face_a_small_picture_is_restored_whole_and_it_is_said(faces):
    made = restore_picture(Steady(Lighter()), grey(), FaceFinder())
    assert (made.picture.pixels == 120).all()
    assert made.notes == ("no face found, the whole picture restored",)
    assert made.found == 0


def test_without_a_face_a_large_picture_is_left_alone_and_it_is_said(faces, monkeypatch):
    monkeypatch.setattr(pictures, "WHOLE_MOST", 4000)
    picture = grey()
    made = restore_picture(Steady(Lighter()), picture, FaceFinder())
    assert made.picture is picture
    assert made.notes == ("no face found, 0.0042 megapixels left alone; --faces off restores them",)


def test_without_a_detector_at_hand_the_picture_is_restored_whole_and_it_is_said(monkeypatch):
    asked = []

    def load(path):
        asked.append(path)
        missing(path)

    monkeypatch.setattr(detect, "load_detector", load)
    finder = FaceFinder()
    for _ in range(2):
        made = restore_picture(Steady(Lighter()), grey(), finder)
        assert made.notes == ("no face detector at hand (--detector names one), the whole picture restored",)
        assert made.found is None
    assert asked == [None]  # once


def test_nothing_but_faces_if_asked(faces):
    picture = grey()
    made = restore_picture(Steady(Lighter()), picture, FaceFinder(only=True))
    assert made.picture is picture
    assert made.notes == ("no face found, left alone",)


def test_an_aligned_crop_comes_out_as_without_looking_for_faces(monkeypatch):
    monkeypatch.setattr(detect, "load_detector", missing)
    crop = Picture(np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8))
    off = restore_picture(Steady(Lighter()), crop)
    made = restore_picture(Steady(Lighter()), crop, FaceFinder())
    assert np.array_equal(off.picture.pixels, made.picture.pixels)
    assert made.notes == ()


def test_a_restorer_for_any_picture_restores_the_whole(monkeypatch):
    monkeypatch.setattr(detect, "load_detector", missing)
    restorer = Lighter()
    restorer.footprint = Footprint(geometry={"crop": "random", "size": 128})
    made = restore_picture(Steady(restorer), grey(), FaceFinder())
    assert (made.picture.pixels == 120).all()
    assert made.notes == ()


def test_what_is_wrong_for_all_pictures_is_found_beforehand(monkeypatch, tmp_path):
    monkeypatch.setattr(detect, "load_detector", missing)
    plain = Lighter()
    plain.footprint = Footprint()
    with pytest.raises(RestorekitError, match="model lighter does not state the faces"):
        FaceFinder(only=True).prepare(plain)
    with pytest.raises(detect.DetectorMissing):
        FaceFinder(only=True).prepare(Lighter())
    with pytest.raises(detect.DetectorMissing):
        FaceFinder(path=tmp_path / "a.onnx").prepare(Lighter())
    FaceFinder().prepare(Lighter())
    FaceFinder(path=tmp_path / "a.onnx").prepare(plain)
