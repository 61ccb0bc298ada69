import pytest
import torch

from restorekit.testing import check_loss
from restorekit_kernel.loss import KernelL1


def kernels(*places, size=5):
    found = torch.zeros(len(places), 1, size, size)
    for n, place in enumerate(places):
        if place is not None:
            found[(n, 0, *place)] = 1
    return found


def test_keeps_the_contract():
    check_loss(KernelL1())


def test_equal_kernels_have_no_distance_and_distant_ones_the_largest():
    near, far = kernels((2, 2), size=9), kernels((6, 6), size=9)
    assert KernelL1()(near, near, None) == 0
    assert KernelL1()(near, far, None).item() == pytest.approx(2 + 18)


def test_a_path_that_lies_a_pixel_aside_costs_less_than_one_far_away():
    middle = kernels((4, 4), size=9)
    assert KernelL1()(kernels((4, 5), size=9), middle, None) < KernelL1()(
        kernels((4, 8), size=9), middle, None
    )


def test_images_without_a_single_kernel_are_left_out():
    target = kernels((2, 2), None)
    guess = kernels((2, 3), (0, 0)).requires_grad_()
    value = KernelL1()(guess, target, None)
    assert value == KernelL1()(guess[:1], target[:1], None)
    value.backward()
    assert guess.grad[1].abs().sum() == 0
    assert KernelL1()(guess[1:], target[1:], None) == 0
