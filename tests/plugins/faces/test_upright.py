"""Faces looked at by themselves, turned upright."""

import cv2
import numpy as np
import pytest

from restorekit_faces.upright import nearby, square_around

BOX = (150.0, 90.0, 60.0, 80.0)
MARKS = [(165, 110), (195, 110), (180, 130), (168, 150), (192, 150)]


def spots(turn):
    """For each mark, turned clockwise about the middle of the box, where it is and a picture of a spot there."""
    matrix = cv2.getRotationMatrix2D((179.5, 129.5), -turn, 1)
    y, x = np.mgrid[:300, :400]
    for mark in MARKS:
        there = matrix @ (*mark, 1)
        spot = 255 * np.exp(-((x - there[0]) ** 2 + (y - there[1]) ** 2) / 32)
        yield np.repeat(spot[..., None], 3, axis=2).round().astype(np.uint8), there


def middle(pixels):
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    weight = pixels[..., 0].astype(float)
    return np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum()


@pytest.mark.parametrize("turn", [0, 30, -45, 90, 180, 137.5])
@pytest.mark.parametrize("width", [40, 80, 100])
def test_a_turned_face_is_upright_in_its_square_and_its_points_find_their_way_back(turn, width):
    seen = []
    for pixels, there in spots(turn):
        square = square_around(pixels, BOX, width, turn)
        seen.append(middle(square.pixels))
        for each in (square, square.at(width / 2)):
            np.testing.assert_allclose(each.back(middle(each.pixels)[None])[0], there, atol=0.6)
    expected = (np.array(MARKS) - MARKS[0]) * width / 80
    np.testing.assert_allclose(np.array(seen) - seen[0], expected, atol=0.6)


@pytest.mark.parametrize("turn", [0, 60])
def test_a_face_at_the_border_is_cut_out_too(turn):
    square = square_around(np.full((100, 100, 3), 9, np.uint16) * 257, (-20, 70, 50, 50), 100, turn)
    assert square.pixels.dtype == np.uint8 and (square.pixels == 9).all()


@pytest.mark.parametrize(("width", "scale"), [(40, 0.5), (200, 1)])
def test_what_is_near_a_large_face_is_reduced_and_a_small_one_keeps_its_size(width, scale):
    for pixels, there in spots(0):
        near, box = nearby(pixels, BOX, width)
        assert max(box[2:]) == 80 * scale
        from_box = (middle(near) + 0.5) / scale - np.array(box[:2]) / scale
        np.testing.assert_allclose(from_box, there + 0.5 - BOX[:2], atol=0.6)
