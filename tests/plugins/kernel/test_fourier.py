import pytest
import torch

from restorekit_kernel import fourier_module as fourier
from restorekit_kernel.wiener_module import WienerStep, reblur
from restorekit_motion_blur.convolve import convolve


@pytest.mark.parametrize(("height", "width"), [(32, 48), (30, 64)])
def test_matrix_products_are_the_fast_transform(height, width, monkeypatch):
    images = torch.randn(2, 3, height, width)
    fast = fourier.spectrum(images)
    monkeypatch.setattr(torch.onnx, "is_in_onnx_export", lambda: True)
    slow = fourier.spectrum(images)
    for a, b in zip(fast, slow, strict=True):
        assert (a - b).abs().max() < 2e-4
    assert (fourier.image(slow, width) - images).abs().max() < 1e-5


def test_the_middle_is_cut_about_the_origin():
    kernel = torch.rand(2, 1, 7, 7)
    spectrum = fourier.kernel_spectrum(kernel, 32, 40)
    assert (fourier.middle(fourier.image(spectrum, 40), 7) - kernel).abs().max() < 1e-5


def test_reblurring_is_the_convolution_that_blurs():
    images, kernel = torch.rand(2, 3, 41, 38), torch.rand(2, 1, 7, 7)
    inner = reblur(images, kernel)[..., 3:-3, 3:-3]
    assert (inner - convolve(images, kernel[:, 0])).abs().max() < 1e-4


def test_the_wiener_step_takes_the_estimate_towards_the_sharp_image():
    generator = torch.Generator().manual_seed(0)
    sharp = torch.rand(1, 3, 16, 16, generator=generator).repeat_interleave(5, -1).repeat_interleave(5, -2)
    kernel = torch.zeros(1, 1, 9, 9)
    kernel[0, 0, 4, 1:8] = 1 / 7
    blurred = reblur(sharp, kernel)
    residual, steps = WienerStep(3)(blurred, blurred, kernel)
    assert steps.shape == (1, 9, 80, 80)

    def error(images):
        return (images - sharp)[..., 12:-12, 12:-12].square().mean()

    assert all(error(step) < 0.5 * error(blurred) for step in steps.split(3, dim=1)[:2])
    assert WienerStep(3)(blurred, sharp, kernel)[0].abs().max() < 1e-5  # the truth leaves nothing unexplained
