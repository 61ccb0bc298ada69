"""How pictures are searched; the detector itself stands in, and the true one looks where there is one."""

import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from restorekit import RestorekitError
from restorekit_faces import yunet
from restorekit_faces.detect import Detector
from restorekit_faces.finder.detector import INCLUDED, Finder
from restorekit_faces.yunet import by_whom, cached_detector, load_detector

YUNET = "weights/face_detection_yunet_2023mar_int8bq.onnx"


class Beacon(Detector):
    """Finds the white square of a black picture as a face, where it has 10 to 300 pixels."""

    levels = (320, 640, 1280, 2560)
    looks = (50, 60, 70, 80, 90, 100)

    def __init__(self):
        self.sizes = []

    def _find(self, pixels):
        self.sizes.append(pixels.shape[:2])
        rows, columns = np.nonzero(pixels[..., 0] > 127)
        if not len(rows):
            return []
        x, y, width, height = columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1
        if not 10 <= width <= 300:
            return []
        at = np.array([(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)])
        return [
            np.array([x, y, width, height, *((x, y) + at * (width, height) - 0.5).ravel(), 0.9], float),
        ]


def square(height, width, x, y, side, dtype=np.uint8):
    pixels = np.zeros((height, width, 3), dtype)
    pixels[y : y + side, x : x + side] = np.iinfo(dtype).max
    return pixels


@pytest.mark.parametrize("side", [12, 40, 150, 700, 1500])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_face_of_any_size_is_found_where_it_is(side, dtype):
    faces = Beacon()(square(1600, 2400, 300, 50, side, dtype))
    assert len(faces) == 1
    assert faces[0].box == pytest.approx((300, 50, side, side), abs=max(2, side / 40))
    expected = np.array([(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]) * side + (299.5, 49.5)
    np.testing.assert_allclose(faces[0].landmarks, expected, atol=max(1, side / 30))


def test_a_face_that_lies_outside_the_picture_is_none(monkeypatch):
    row = np.array([200, 20, 30, 30, *range(10), 0.9], float)
    monkeypatch.setattr(Beacon, "_find", lambda self, pixels: [row])
    assert Beacon()(np.zeros((100, 128, 3), np.uint8)) == []


def test_what_lies_in_a_surer_face_is_none(monkeypatch):
    def row(x, y, side, score):
        return np.array([x, y, side, side, *(x + np.arange(10)), score], float)

    rows = [row(40, 40, 12, 0.8), row(20, 20, 60, 0.9), row(90, 20, 20, 0.7)]
    monkeypatch.setattr(Beacon, "_find", lambda self, pixels: rows if pixels.shape[0] == 100 else [])
    assert [face.box[0] for face in Beacon()(np.zeros((100, 128, 3), np.uint8))] == [20, 90]


def test_the_score_may_be_the_mean_of_the_looks(monkeypatch):
    class Doubter(Beacon):
        sure = 0.3

        def _find(self, pixels):
            found = super()._find(pixels)
            return [] if len(self.sizes) % 3 == 0 else found

    (face,) = Doubter()(square(250, 250, 60, 80, 70))
    assert 0.3 < face.score < 0.9
    monkeypatch.setattr(Doubter, "sure", 0.89)
    assert Doubter()(square(250, 250, 60, 80, 70)) == []


def test_a_large_picture_is_never_searched_at_its_own_size():
    beacon = Beacon()
    beacon(np.zeros((200, 6000, 3), np.uint8))
    assert [max(size) for size in beacon.sizes] == [320, 320, 320, 640, 640, 640, 1280, 2560]


def test_a_small_picture_is_not_enlarged_and_searched_on_its_sides():
    beacon = Beacon()
    beacon(np.zeros((100, 128, 3), np.uint8))
    assert beacon.sizes == [(100, 128), (128, 100), (128, 100)]


@pytest.mark.parametrize(("x", "y"), [(0, 0), (170, 180), (0, 180)])
def test_a_face_in_a_corner_is_looked_at_again(x, y):
    faces = Beacon()(square(250, 250, x, y, 70))
    assert faces[0].box == pytest.approx((x, y, 70, 70), abs=1)


def test_a_face_is_seen_again_where_it_moved_to_in_few_looks():
    beacon = Beacon()
    (before,) = beacon(square(400, 600, 300, 50, 70))
    beacon.sizes.clear()
    face = beacon.again(square(400, 600, 312, 60, 70), before)
    assert len(beacon.sizes) == 4
    assert face.box == pytest.approx((312, 60, 70, 70), abs=2)
    np.testing.assert_allclose(face.landmarks, before.landmarks + (12, 10), atol=1)
    assert face.score == before.score
    assert beacon.again(square(400, 600, 450, 60, 70), before) is None
    assert beacon.again(np.zeros((400, 600, 3), np.uint8), before) is None


def test_a_turned_face_is_seen_again_as_it_was_turned(monkeypatch):
    beacon, seen = Beacon(), []
    (before,) = beacon(square(400, 400, 150, 150, 100))
    turned = 1j ** (1 / 2) * (before.landmarks @ (1, 1j))
    monkeypatch.setattr(beacon, "_find", lambda pixels: seen.append(pixels) or [])
    beacon.again(square(400, 400, 150, 150, 100), replace(before, landmarks=np.c_[turned.real, turned.imag]))
    assert all(pixels[len(pixels) // 2, len(pixels) // 2].min() > 0 for pixels in seen)
    corners = [pixels[round(len(pixels) * 0.27), round(len(pixels) * 0.27)].max() for pixels in seen]
    assert max(corners) == 0  # of the square, which stands on its corner there


def test_without_the_hub_the_detector_that_comes_along_serves(monkeypatch):
    asked = []

    def unreachable(*file):
        asked.append(file)
        raise RestorekitError("the Hub does not answer", "check the connection")

    monkeypatch.setattr(yunet, "fetch", unreachable)
    detector = load_detector(None)
    assert asked == [(yunet.REPO, yunet.FILE, yunet.REVISION, yunet.SHA256)]
    assert isinstance(detector, Finder)
    assert f"{yunet.FILE} could not be fetched from {yunet.REPO}" in by_whom(None, detector)
    assert by_whom(INCLUDED, detector) == by_whom(None, Beacon()) == ""


def test_where_the_detector_is_can_be_asked_without_the_hub(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *file, revision: None)
    assert "is fetched from opencv/face_detection_yunet at its first use" in cached_detector()
    assert str(INCLUDED) in cached_detector()
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *file, revision: "/a/file.onnx")
    assert cached_detector() == "/a/file.onnx"


@pytest.mark.parametrize("content", [b"", b"not onnx", b"\x08\x07\x12\x00" * 100])
def test_a_file_that_is_no_detector_is_a_line(content, tmp_path, capfd):
    (tmp_path / "x.onnx").write_bytes(content)
    with pytest.raises(RestorekitError, match="is not a face detector"):
        load_detector(tmp_path / "x.onnx")
    assert not capfd.readouterr().err


def test_a_detector_that_is_not_there_is_a_line(tmp_path):
    with pytest.raises(RestorekitError, match=r"no\.onnx: cannot be read"):
        load_detector(tmp_path / "no.onnx")


@pytest.fixture(scope="module")
def detector():
    return load_detector(Path(os.environ["RESTOREKIT_SHARED"]) / YUNET)


@pytest.mark.shared
def test_yunet_finds_the_astronaut_alone(detector, astronaut):
    picture, face = astronaut
    (found,) = detector(picture)
    np.testing.assert_allclose(found.landmarks, face.landmarks, atol=2)


@pytest.mark.shared
@pytest.mark.parametrize("turn", [35, 90, -90, 140])
def test_yunet_finds_a_turned_face_and_where_its_eyes_are(turn, detector, astronaut):
    picture, face = astronaut
    matrix = cv2.getRotationMatrix2D((223, 120), -turn, 1)
    turned = cv2.warpAffine(picture, matrix, (512, 400), borderMode=cv2.BORDER_REPLICATE)
    (found, *_) = detector(turned)
    expected = face.landmarks @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(found.landmarks, expected, atol=6)


@pytest.mark.shared
def test_small_faces_of_24_megapixels_are_found(detector, astronaut):
    picture = np.zeros((4000, 6000, 3), np.uint8) + 90
    for x, y in [(0, 0), (5300, 200), (2600, 3400)]:
        picture[y : y + 300, x : x + 300] = astronaut[0][:300, 80:380][::-1][::-1]
    small = sorted((round(face.box[0], -2), round(face.box[1], -2)) for face in detector(picture))
    assert small == [(100, 100), (2700, 3500), (5400, 300)]


@pytest.mark.shared
@pytest.mark.parametrize("size", [(1, 1), (16, 9000), (9000, 16)])
def test_odd_sizes_have_no_face(size, detector):
    assert detector(np.zeros((*size, 3), np.uint8)) == []
