import numpy as np
import pytest
import torch

from restorekit.testing import check_degradation
from restorekit_degradations.shrink import Shrink


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_the_contract_is_kept(factor):
    check_degradation(Shrink(factor))


def test_a_flat_image_stays_flat_and_a_fine_pattern_becomes_grey():
    flat = torch.full((1, 3, 16, 16), 0.3)
    assert torch.allclose(Shrink(2).apply(flat), torch.full((1, 3, 8, 8), 0.3), atol=1e-6)
    stripes = torch.zeros(1, 3, 32, 32)
    stripes[..., ::2] = 1
    inner = Shrink(4).apply(stripes)[..., 2:-2, 2:-2]
    assert (inner - 0.5).abs().max() < 0.02, "aliasing would leave it black or white"


def test_nothing_is_moved():
    ramp = torch.arange(32.0).expand(1, 3, 32, 32) / 32
    small = Shrink(2).apply(ramp)[0, 0, 4, 2:-2].numpy()
    assert np.allclose(small, (np.arange(16) * 2 + 0.5)[2:-2] / 32, atol=1e-5)


def test_a_factor_below_2_is_refused():
    with pytest.raises(ValueError, match="factor must be at least 2, not 1"):
        Shrink(1)
