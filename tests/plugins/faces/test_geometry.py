"""Where a face is put, and when it is not warped."""

import numpy as np
import pytest

from restorekit.errors import RestorekitError
from restorekit_faces.geometry import align, is_aligned_crop, settle, template_of


def moved(points, scale=1.0, degrees=0.0, shift=(0, 0)):
    """Points scaled and turned about their mean, then shifted."""
    turn = scale * np.exp(1j * np.radians(degrees))
    mean = points.mean(axis=0)
    z = ((points - mean) @ (1, 1j)) * turn
    return np.stack([z.real, z.imag], axis=1) + mean + shift


@pytest.fixture
def template(geometry):
    return template_of(geometry)


def test_a_similarity_is_found_exactly(template):
    points = moved(template.points, 3.1, 40, (200, 90))
    matrix = align(points, template).matrix
    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], template.points, atol=1e-9)


def test_eyes_of_the_template_lie_about_where_the_geometry_says(template):
    np.testing.assert_allclose(template.points[:2], [(45, 45), (82, 45)], atol=2)


@pytest.mark.parametrize(("scale", "degrees"), [(1.04, 0), (0.96, 0), (1, 2.5), (1, -2.5)])
def test_a_face_nearly_in_the_geometry_is_shifted_by_whole_pixels(scale, degrees, template):
    placement = settle(align(moved(template.points, scale, degrees, (70.3, 51.8)), template), 400, 400)
    assert not placement.warped
    assert placement.corner == (70, 52)


@pytest.mark.parametrize(("scale", "degrees"), [(1.08, 0), (0.92, 0), (1, 4), (1, -4)])
def test_a_face_off_the_geometry_is_warped(scale, degrees, template):
    assert settle(align(moved(template.points, scale, degrees, (70, 52)), template), 400, 400).warped


@pytest.mark.parametrize(
    ("shift", "corner"), [((-3, 2), (0, 2)), ((-4, 2), (-4, 2)), ((275, 0), (272, 0)), ((276, 0), (276, 0))]
)
def test_a_crop_is_moved_to_the_border_by_three_pixels_at_most(shift, corner, template):
    assert settle(align(template.points + shift, template), 400, 400).corner == corner


def test_a_picture_of_the_crops_size_is_one_although_the_detector_errs(template):
    placement = align(moved(template.points, 1.15, 4, (5, -9)), template)
    assert is_aligned_crop(placement, 128, 128)


@pytest.mark.parametrize("size", [(128, 129), (127, 128)])
def test_a_picture_of_another_size_is_no_aligned_crop(size, template):
    assert not is_aligned_crop(align(template.points, template), *size)


@pytest.mark.parametrize(("scale", "degrees", "shift"), [(0.5, 0, (0, 0)), (1, 30, (0, 0)), (1, 0, (40, 0))])
def test_a_small_turned_or_far_face_makes_no_aligned_crop(scale, degrees, shift, template):
    assert not is_aligned_crop(align(moved(template.points, scale, degrees, shift), template), 128, 128)


@pytest.mark.parametrize(
    "wrong",
    [
        {"left_eye": [45]},
        {"left_eye": [82, 45]},
        {"size": 10**9},
        {"size": "large"},
        {"size": float("inf")},
        {"right_eye": [float("nan"), 45]},
    ],
)
def test_a_geometry_that_cannot_be_is_a_line(wrong, geometry):
    with pytest.raises(RestorekitError, match="cannot be used"):
        template_of(geometry | wrong)


def test_a_geometry_without_eyes_is_a_line():
    with pytest.raises(RestorekitError, match="where the eyes lie"):
        template_of({"crop": "center", "size": 128})
