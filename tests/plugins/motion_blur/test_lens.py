"""Blur of the lens."""

import numpy as np
import pytest
import torch

from restorekit.testing import check_degradation
from restorekit_motion_blur.lens import DefocusBlur, GaussianBlur


def kernel(blur):
    return blur.sample(np.random.default_rng(0), 64, 64)["kernel"]


@pytest.mark.parametrize(
    "blur", [DefocusBlur(), GaussianBlur(), DefocusBlur((0.2, 0.2)), GaussianBlur((5.0, 5.0))]
)
def test_it_keeps_the_contract(blur):
    check_degradation(blur)


@pytest.mark.parametrize("radius", [0.3, 0.5, 0.51, 1.0, 2.7, 6.0, 13.0])
def test_a_disk_is_even_round_and_holds_all_its_light(radius):
    disk = kernel(DefocusBlur((radius, radius)))
    side = len(disk)
    assert disk.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6) and disk.min() >= 0
    np.testing.assert_allclose(disk, disk.T, atol=1e-9)
    np.testing.assert_allclose(disk, disk[::-1, ::-1], atol=1e-9)
    away = np.hypot(*(np.indices((side, side)) - side // 2))
    inside, outside = disk[away < radius - 0.71], disk[away > radius + 0.71]
    assert not outside.any()
    if radius >= 2:
        np.testing.assert_allclose(inside, 1 / (np.pi * radius**2), rtol=0.02)
        assert disk[side // 2, 0] > 0, "the border is used"


@pytest.mark.parametrize("sigma", [0.8, 1.5, 3.0])
def test_a_gaussian_has_the_spread_it_is_asked_for(sigma):
    bell = kernel(GaussianBlur((sigma, sigma))).astype(np.float64)
    at = np.arange(len(bell)) - len(bell) // 2
    assert bell.sum() == pytest.approx(1, abs=1e-6)
    for axis in (0, 1):
        profile = bell.sum(axis=axis)
        assert profile @ at == pytest.approx(0, abs=1e-6)
        assert np.sqrt(profile @ at**2) == pytest.approx(sigma, rel=0.03)


def test_the_smallest_blur_is_none():
    images = torch.rand(1, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    blur = DefocusBlur((0.4, 0.4))
    assert blur.margin == 0
    torch.testing.assert_close(
        blur.apply(images, torch.from_numpy(kernel(blur))[None]), images, atol=1e-6, rtol=0
    )


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (2.0, 1.0), (1.0, float("inf")), (float("nan"), 1.0)])
def test_ranges_that_make_no_sense_are_refused(bounds):
    with pytest.raises(ValueError, match="radius must be"):
        DefocusBlur(bounds)
    with pytest.raises(ValueError, match="sigma must be"):
        GaussianBlur(bounds)
