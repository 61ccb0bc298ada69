import numpy as np
import pytest
import torch

from restorekit.testing import check_task
from restorekit_gradient_task.gradient import GradientTask


def reference(images, axis):
    result = np.zeros(images.shape)
    for n, c, y, x in np.ndindex(images.shape):
        if axis[n] == 0 and x + 1 < images.shape[3]:
            result[n, c, y, x] = images[n, c, y, x + 1] - images[n, c, y, x]
        if axis[n] == 1 and y + 1 < images.shape[2]:
            result[n, c, y, x] = images[n, c, y + 1, x] - images[n, c, y, x]
    return result


def test_keeps_the_contract():
    check_task(GradientTask())


def test_is_the_signed_forward_difference_along_each_images_axis():
    images = np.random.default_rng(0).random((4, 3, 5, 7))
    axis = np.array([0, 1, 1, 0])
    found = GradientTask().encode(torch.from_numpy(images), axis=torch.from_numpy(axis))
    assert np.array_equal(found.numpy(), reference(images, axis))
    assert found.min() < 0 < found.max()


def test_is_differentiable():
    images = torch.rand(2, 3, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: GradientTask().encode(x, axis=torch.tensor([0, 1])), images)


@pytest.mark.parametrize(("axis", "drawn"), [("random", {0, 1}), ("x", {0}), ("y", {1})])
def test_draws_one_axis_for_an_image(axis, drawn):
    task, rng = GradientTask(axis=axis), np.random.default_rng(0)
    samples = [task.sample(rng)["axis"] for _ in range(20)]
    assert {int(sample) for sample in samples} == drawn
    assert all(sample.shape == () and sample.dtype == np.int64 for sample in samples)


def test_commutes_with_blur():
    images = torch.rand(1, 3, 12, 12, dtype=torch.float64)
    kernel = torch.rand(1, 1, 3, 3, dtype=torch.float64).expand(3, 1, 3, 3)
    axis = torch.tensor([0])

    def blur(x):
        return torch.nn.functional.conv2d(x, kernel, groups=3)

    inner = (..., slice(0, 9))
    blurred_gradient = blur(GradientTask().encode(images, axis=axis))[inner]
    gradient_of_blurred = GradientTask().encode(blur(images), axis=axis)[inner]
    assert torch.allclose(blurred_gradient, gradient_of_blurred)
