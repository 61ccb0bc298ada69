"""Down and up again."""

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from restorekit.testing import check_degradation
from restorekit_degradations.resample import Resample


def resampled(images, factor):
    resample = Resample((factor, factor))
    drawn = resample.sample(np.random.default_rng(0), *images.shape[-2:])
    return resample.apply(images, **{key: torch.from_numpy(value)[None] for key, value in drawn.items()})


def test_it_is_bicubic_interpolation_there_and_back():
    images = torch.rand(1, 3, 48, 60, generator=torch.Generator().manual_seed(0))
    small = interpolate(images, size=(16, 20), mode="bicubic", antialias=True, align_corners=False)
    expected = interpolate(small, size=(48, 60), mode="bicubic", antialias=True, align_corners=False)
    torch.testing.assert_close(resampled(images, 3.0), expected, atol=1e-5, rtol=0)


def test_a_factor_of_one_changes_nothing():
    images = torch.rand(1, 3, 17, 23, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(resampled(images, 1.0), images, atol=1e-6, rtol=0)


def test_it_keeps_the_contract():
    check_degradation(Resample())


@pytest.mark.parametrize("factor", [(0.5, 2.0), (3.0, 2.0), (1.0, float("inf"))])
def test_factors_out_of_range_are_refused(factor):
    with pytest.raises(ValueError, match="factor must be"):
        Resample(factor)
