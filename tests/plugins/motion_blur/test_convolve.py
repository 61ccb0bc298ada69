"""Convolution of a batch, each image with its own kernel."""

import numpy as np
import pytest
import torch
from scipy.signal import convolve2d

from restorekit import RestorekitError
from restorekit_motion_blur.convolve import convolve
from restorekit_motion_blur.kernel import pad
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur


def rng(seed=0):
    return np.random.default_rng(seed)


def draw_kernels(rng, size, count, width=None):
    return pad(TrajectoryBlur().draw(rng, size, count), width or size)


def delta(size, row, column):
    kernel = torch.zeros(1, size, size)
    kernel[0, row, column] = 1
    return kernel


@pytest.mark.parametrize("height, width", [(31, 40), (40, 31), (27, 27), (64, 61)])
def test_convolution_is_scipys(height, width):
    """Odd and even differences of size alike: the port pads half the difference and shifts."""
    images = rng().random((3, 3, height, width), dtype=np.float32)
    kernels = np.concatenate([draw_kernels(rng(), size, 1, width=27) for size in (3, 13, 27)])
    expected = [
        [convolve2d(channel, kernel, "valid") for channel in image]
        for image, kernel in zip(images.astype(np.float64), kernels.astype(np.float64), strict=True)
    ]
    result = convolve(torch.from_numpy(images), torch.from_numpy(kernels))
    assert result.dtype == torch.float32
    np.testing.assert_allclose(result, expected, atol=1e-5)


@pytest.mark.parametrize("down, right", [(0, 0), (1, 0), (0, -1), (2, 3), (-3, -3)])
def test_a_delta_off_the_middle_moves_the_image_that_way(down, right):
    images = torch.rand(1, 3, 20, 23, generator=torch.Generator().manual_seed(0))
    moved = torch.roll(images, (down, right), (-2, -1))[..., 3:-3, 3:-3]
    torch.testing.assert_close(convolve(images, delta(7, 3 + down, 3 + right)), moved, atol=1e-5, rtol=0)


def test_blur_keeps_the_level_and_the_input():
    """The port stretches the contrast of kernel and result, and writes into the image it was given."""
    images = torch.full((2, 3, 40, 40), 0.3)
    kernels = torch.from_numpy(draw_kernels(rng(), 13, 2))
    torch.testing.assert_close(convolve(images, kernels), torch.full((2, 3, 28, 28), 0.3), atol=1e-5, rtol=0)
    assert torch.all(images == 0.3)


def test_convolution_is_float32_under_autocast():
    images = torch.rand(1, 3, 30, 30, generator=torch.Generator().manual_seed(0))
    kernels = torch.from_numpy(draw_kernels(rng(), 13, 1))
    plain = convolve(images, kernels)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(convolve(images, kernels), plain, atol=0, rtol=0)


def test_an_image_smaller_than_the_kernel_is_an_error():
    with pytest.raises(RestorekitError, match="20 x 16 is smaller than the blur kernel of 17 x 17"):
        convolve(torch.zeros(1, 3, 16, 20), delta(17, 8, 8))
