import pytest
import torch

from restorekit_kernel.scale_space import coarser, enlarge, fit, reduce, sizes


def centroid(kernels):
    at = torch.arange(kernels.shape[-1]) - kernels.shape[-1] // 2
    return (kernels.sum(dim=(1, 2)) @ at.float(), kernels.sum(dim=(1, 3)) @ at.float())


def test_each_scale_spans_half_of_the_next():
    assert sizes(31, 3) == [9, 17, 31]
    assert [coarser(size) for size in (3, 5, 7, 15, 27)] == [3, 3, 5, 9, 15]


@pytest.mark.parametrize("size", [3, 5, 27, 31])
def test_reducing_keeps_the_sum_and_halves_the_centroid(size):
    kernels = torch.rand(4, 1, size, size)
    small = reduce(kernels)
    assert small.shape == (4, 1, coarser(size), coarser(size))
    assert torch.allclose(small.sum(dim=(1, 2, 3)), kernels.sum(dim=(1, 2, 3)), rtol=1e-5)
    for fine, coarse in zip(centroid(kernels), centroid(small), strict=True):
        assert torch.allclose(coarse, fine / 2, rtol=1e-4, atol=1e-3)


def test_a_reduced_kernel_acts_on_small_pictures_as_the_whole_one_on_large_ones():
    from restorekit.pyramid import pyramid
    from restorekit_motion_blur.convolve import convolve

    kernel = torch.zeros(1, 1, 9, 9)
    kernel[0, 0, 4, :] = 1 / 9
    at = torch.linspace(0, 6, 96)
    picture = (torch.sin(at[:, None]) * torch.cos(2 * at))[None, None].expand(1, 3, -1, -1)
    large = pyramid(convolve(picture, kernel[:, 0]), 2)[0]
    small = convolve(pyramid(picture, 2)[0], reduce(kernel)[:, 0])
    border = (small.shape[-1] - large.shape[-1]) // 2  # half of it was consumed
    inner = small[..., border:-border, border:-border] if border else small
    rows = min(inner.shape[-1], large.shape[-1]) - 8
    middle = [
        x[..., x.shape[-2] // 2 - rows // 2 :, x.shape[-1] // 2 - rows // 2 :][..., :rows, :rows]
        for x in (inner, large)
    ]
    assert (middle[0] - middle[1]).abs().max() < 0.02


def test_enlarging_keeps_the_middle_and_sums_to_1():
    delta = fit(torch.ones(1, 1, 1, 1), 17)
    large = enlarge(delta, 31)
    assert large.shape == (1, 1, 31, 31)
    assert large.sum().item() == pytest.approx(1)
    assert large.flatten().argmax().item() == 31 * 31 // 2


def test_fitting_pads_and_cuts_about_the_middle():
    kernel = torch.rand(2, 1, 5, 5)
    assert torch.equal(fit(fit(kernel, 9), 5), kernel)
