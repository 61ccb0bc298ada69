import numpy as np
import pytest
import torch

from restorekit import Batch, RestorekitError
from restorekit.testing import check_task
from restorekit_kernel.task import KernelTask


def batch(kernel, halvings=0):
    images = torch.rand(len(kernel) if kernel is not None else 2, 3, 32, 40)
    return Batch(images, images, kernel=kernel, halvings=halvings)


def test_keeps_the_contract():
    check_task(KernelTask(), batch(torch.full((2, 5, 5), 1 / 25)))


def test_the_target_is_the_kernel_that_the_batch_underwent():
    kernel = torch.rand(3, 27, 27)
    target = KernelTask(31).target(batch(kernel))
    assert target.shape == (3, 1, 31, 31)
    assert torch.equal(target[:, 0, 2:-2, 2:-2], kernel)
    assert target.sum().item() == pytest.approx(kernel.sum().item(), rel=1e-5)


def test_a_coarser_scale_has_a_smaller_kernel():
    kernel = torch.rand(3, 27, 27)
    assert KernelTask(31).target(batch(kernel, halvings=1)).shape == (3, 1, 17, 17)
    assert KernelTask(31).target(batch(kernel, halvings=2)).shape == (3, 1, 9, 9)


def test_a_recipe_that_does_not_blur_is_an_error():
    with pytest.raises(RestorekitError, match="no degradation of the recipe has a blur kernel"):
        KernelTask().target(batch(None))


def test_kernels_larger_than_the_task_are_an_error():
    with pytest.raises(RestorekitError, match="have 33 pixels a side, and the task 'kernel' 31"):
        KernelTask(31).target(batch(torch.ones(2, 33, 33)))


@pytest.mark.parametrize("size", [0, 1, 30])
def test_the_size_is_odd(size):
    with pytest.raises(ValueError, match="size must be odd"):
        KernelTask(size)


def degraded(*steps):
    """Degrade two images by degradations, each with its share of images, as training does."""
    from restorekit.data.degrade import degrade
    from restorekit.data.loader import collate
    from restorekit.recipe import Step

    rng = np.random.default_rng(0)
    steps = [Step(name=f"{i}", degradation=degradation, p=p) for i, (degradation, p) in enumerate(steps)]
    side = 64
    samples = []
    for n in range(4):
        chosen = np.array([step.p == 1 or n % 2 == 0 for step in steps])
        params = {step.name: step.degradation.sample(rng, side, side) for step in steps}
        picture = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
        samples.append(
            {
                "sharp": picture,
                "params": params,
                "chosen": chosen,
                "draws": {},
                "labels": {},
                "id": "",
                "unreadable": [],
            }
        )
    return degrade(collate(samples), steps, torch.device("cpu"))


def reblurred(batch):
    from restorekit_motion_blur.convolve import convolve

    return convolve(batch.sharp, batch.kernel)


def test_the_kernel_of_a_stack_makes_the_degraded_image_of_the_sharp_one():
    from restorekit_motion_blur.lens import DefocusBlur
    from restorekit_motion_blur.linear_blur import LinearBlur

    found = degraded((LinearBlur(sizes=(9,), kernels=0), 1.0), (DefocusBlur(radius=(1.0, 2.0)), 0.5))
    assert found.kernel.shape == (4, 13, 13)
    again = reblurred(found)
    border = 6
    inner = found.degraded[..., border:-border, border:-border]
    assert (again - inner).abs().max() < 1e-5
    assert not torch.allclose(found.sharp[..., border:-border, border:-border], inner, atol=0.01)


def test_a_mixture_tells_the_kernel_of_each_choice():
    from restorekit_degradations.identity import Identity
    from restorekit_degradations.mixture import Mixture
    from restorekit_motion_blur.camera_shake import CameraShake
    from restorekit_motion_blur.linear_blur import LinearBlur

    mixture = Mixture(choices=(LinearBlur(sizes=(9,), kernels=0), Identity(), CameraShake(sizes=(7,))))
    drawn = [mixture.sample(np.random.default_rng(seed), 64, 64) for seed in range(12)]
    params = {key: torch.from_numpy(np.stack([each[key] for each in drawn])) for key in drawn[0]}
    kernels = mixture.kernel(**params)
    sums = kernels.sum(dim=(1, 2))
    for choice, kernel, total in zip(params["choice"], kernels, sums, strict=True):
        wanted = 0 if choice == 2 else 1
        assert total.item() == pytest.approx(wanted, abs=1e-5)
        assert (kernel.max() == 1) == (choice == 1)
    assert set(params["choice"].tolist()) == {0, 1, 2}
