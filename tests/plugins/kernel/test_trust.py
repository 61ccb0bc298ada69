import pytest
import torch

from restorekit import ImageTask
from restorekit.pyramid import pyramid
from restorekit_kernel import trust
from restorekit_kernel.network import KernelUNet
from restorekit_kernel.trust_module import noise, ramp, reblur_error, spread, structure
from restorekit_kernel.wiener_module import reblur


def line(length, size=15, angle=False):
    kernel = torch.zeros(1, 1, size, size)
    for i in range(length):
        at = size // 2 - length // 2 + i
        kernel[0, 0, at if angle else size // 2, at] = 1 / length
    return kernel


def test_the_spread_is_the_standard_deviation_along_the_longer_axis():
    assert spread(line(1)).item() == 0
    assert spread(line(9)).item() == pytest.approx((80 / 12) ** 0.5, rel=1e-4)
    assert spread(line(9, angle=True)).item() == pytest.approx((2 * 80 / 12) ** 0.5, rel=1e-4)


def test_faint_values_all_over_the_kernel_are_not_blur():
    kernel = 0.999 * line(1) + 0.001 / 225
    assert spread(kernel / kernel.sum()).item() == 0


@pytest.mark.parametrize("sigma", [2 / 255, 8 / 255])
def test_the_noise_of_a_smooth_picture_is_found(sigma):
    ramped = torch.linspace(0.2, 0.8, 96).expand(1, 3, 96, 96)
    noisy = ramped + sigma * torch.randn(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    assert noise(noisy).item() == pytest.approx(sigma, rel=0.05)
    assert noise(ramped).item() == pytest.approx(0.5 / 255)


def test_the_truth_explains_its_input_and_a_wrong_kernel_does_not():
    generator = torch.Generator().manual_seed(0)
    sharp = torch.rand(1, 3, 20, 20, generator=generator).repeat_interleave(4, -1).repeat_interleave(4, -2)
    blurred = reblur(sharp, line(9)) + 2 / 255 * torch.randn(1, 3, 80, 80, generator=generator)
    assert reblur_error(blurred, sharp, line(9)).item() == pytest.approx(1, abs=0.2)
    assert reblur_error(blurred, sharp, line(9).mT).item() > 5


def test_a_ramp_is_exact_at_its_ends_both_ways():
    values = torch.tensor([0.0, 1.0, 1.5, 2.0, 3.0])
    assert ramp(values, 1.0, 2.0).tolist() == [0, 0, 0.5, 1, 1]
    assert ramp(values, 2.0, 1.0).tolist() == [1, 1, 0.5, 0, 0]


def module(**fields):
    small = {"widths": (8, 12), "blocks": (1, 1), "kernel_size": 9, "cleanup": (8, 1)}
    torch.manual_seed(0)
    built = KernelUNet(**(small | fields)).build({"image": ImageTask()})
    for head in (*built.first.heads.values(), *built.second.heads.values()):
        torch.nn.init.normal_(head.weight, std=0.05)
    return built


def test_what_is_sharp_or_not_explained_stays_as_it_is_to_the_bit_but_not_in_training():
    inputs = pyramid(torch.rand(2, 3, 32, 32), 2)
    plain = module().eval()({"image": inputs})["image"][-1]
    assert not torch.equal(plain, inputs[-1])
    for fields in ({"sharp": (50.0, 60.0)}, {"unexplained": (0.0, 1e-6)}, {"flat": (2.0, 3.0)}):
        assert torch.equal(module(**fields).eval()({"image": inputs})["image"][-1], inputs[-1])
        assert torch.equal(module(**fields).train()({"image": inputs})["image"][-1], plain)
    lax = module(unexplained=(1e6, 1e7))
    assert torch.equal(lax.eval()({"image": inputs})["image"][-1], plain)


def test_structure_tells_noise_from_a_blurred_picture():
    torch.manual_seed(0)
    noisy = 0.5 + torch.randn(1, 3, 128, 128) / 255
    assert 0.8 < structure(noisy).item() < 1.2
    assert structure(torch.full((1, 3, 128, 128), 0.5)).item() == 0.0
    edge = torch.linspace(-8, 8, 128).sigmoid().expand(1, 3, 128, 128)  # some 25 pixels from dark to light
    assert structure(0.2 + 0.6 * edge + (noisy - 0.5)).item() > 2


def test_arrays_tell_the_same_as_tensors():
    generator = torch.Generator().manual_seed(1)
    kernel = torch.rand(1, 1, 15, 15, generator=generator) ** 8
    kernel /= kernel.sum()
    sharp = torch.rand(1, 3, 23, 17, generator=generator).repeat_interleave(3, -1).repeat_interleave(3, -2)
    blurred = reblur(sharp, kernel) + 0.01 * torch.randn(1, 3, 69, 51, generator=generator)
    before, after = (images[0].permute(1, 2, 0).numpy() for images in (blurred, sharp))
    of = kernel[0, 0].numpy()
    assert trust.spread(of) == pytest.approx(spread(kernel).item(), rel=1e-5)
    assert trust.noise(before) == pytest.approx(noise(blurred).item(), rel=1e-5)
    assert trust.reblur_error(before, after, of) == pytest.approx(
        reblur_error(blurred, sharp, kernel).item(), rel=1e-4
    )
