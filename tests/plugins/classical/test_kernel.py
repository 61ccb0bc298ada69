"""Kernels cleaned, centred, enlarged, and the sizes of a pyramid."""

import numpy as np
import pytest
from scipy.ndimage import convolve

from restorekit_classical.kernel import bar, cleaned, delta, off_centre, spot
from restorekit_classical.pyramid import enlarged, kernel_sides, moved, reduced, resized


def blob(side, row, column):
    kernel = np.zeros((side, side))
    kernel[row - 1 : row + 2, column - 1 : column + 2] = 1 / 9
    return kernel


def test_cleaning_leaves_nothing_negative_faint_or_apart():
    estimate = blob(11, 5, 5)
    estimate[5, 5], estimate[0, 0], estimate[10, 10], estimate[8, 1] = 1.0, -0.3, 0.06, 0.01
    kernel = cleaned(estimate, 0.05, 0.1)
    assert kernel.sum() == pytest.approx(1)
    assert kernel.min() == 0
    assert (kernel > 0).sum() == 9
    assert (cleaned(estimate, 0.05) > 0).sum() == 10


def test_corners_touch():
    kernel = cleaned(np.eye(7), 0.05, 0.3)
    assert (kernel > 0).sum() == 7


@pytest.mark.parametrize("estimate", [np.zeros((5, 5)), -np.ones((5, 5))])
def test_nothing_positive_is_a_delta(estimate):
    np.testing.assert_array_equal(cleaned(estimate, 0.05, 0.1), delta(5))


@pytest.mark.parametrize("row, column", [(5, 5), (2, 7), (8, 3)])
def test_how_far_the_centre_of_mass_lies_off(row, column):
    kernel = blob(11, row, column)
    by = off_centre(kernel)
    assert by == (row - 5, column - 5)
    np.testing.assert_array_equal(np.roll(kernel, (-by[0], -by[1]), (0, 1)), blob(11, 5, 5))


def test_nothing_falls_over_the_edge():
    kernel = np.zeros((7, 7))
    kernel[3, 0], kernel[3, 6], kernel[3, 5] = 0.1, 0.6, 0.3
    assert off_centre(kernel) == (0, 0)


def test_a_picture_and_its_kernel_moved_apart_blur_to_the_same():
    image, kernel = np.random.default_rng(0).random((40, 41)), blob(11, 3, 7)
    rows, columns = off_centre(kernel)
    before = convolve(image, kernel)
    after = convolve(moved(image, rows, columns), np.roll(kernel, (-rows, -columns), (0, 1)))
    np.testing.assert_allclose(after[10:-10, 10:-10], before[10:-10, 10:-10], atol=1e-12)


def test_start_and_delta_have_sum_1():
    assert bar(3).sum() == delta(5).sum() == 1
    assert spot(3).sum() == spot(7).sum() == pytest.approx(1)
    assert bar(5)[2, 1] == bar(5)[2, 2] == 0.5


@pytest.mark.parametrize(
    "largest, ratio, smallest", [(27, 2**0.5, 3), (31, 1.6, 3), (13, 2, 5), (3, 2, 3), (19, 1.01, 3)]
)
def test_the_sides_are_odd_and_rise(largest, ratio, smallest):
    sides = kernel_sides(largest, ratio, smallest)
    assert sides[-1] == largest
    assert sides[0] >= smallest
    assert all(side % 2 == 1 for side in sides)
    assert sides == sorted(set(sides))


@pytest.mark.parametrize("side", [13, 17, 9])
def test_a_kernel_keeps_its_centre_at_another_side(side):
    kernel = enlarged(blob(11, 4, 7), side)
    assert kernel.shape == (side, side)
    assert kernel.sum() == pytest.approx(1)
    at = np.arange(side) - side // 2
    assert (kernel.sum(axis=1) @ at) == pytest.approx(-side / 11, abs=0.1)
    assert (kernel.sum(axis=0) @ at) == pytest.approx(2 * side / 11, abs=0.1)


def test_a_ramp_stays_a_ramp_when_it_is_resized():
    ramp = np.tile((np.arange(40) + 0.5) / 40, (30, 1))
    for shape in ((15, 20), (21, 28), (60, 80)):
        expected = np.tile((np.arange(shape[1]) + 0.5) / shape[1], (shape[0], 1))
        np.testing.assert_allclose(resized(ramp, shape)[:, 1:-1], expected[:, 1:-1], atol=1e-9)
    assert reduced(ramp, 0.5).shape == (15, 20)
    assert reduced(ramp, 1) is ramp


def test_reducing_keeps_no_pattern_finer_than_its_pixels():
    stripes = np.tile([0.0, 1.0], (32, 16))
    assert np.ptp(reduced(stripes, 0.4)) < 0.2
