import pytest
import torch

from restorekit import ImageTask, RestorekitError
from restorekit.pyramid import pyramid
from restorekit.testing import check_network
from restorekit_gradient_task.gradient import GradientTask
from restorekit_kernel.network import KernelUNet
from restorekit_kernel.task import KernelTask

SMALL = {
    "widths": (8, 12),
    "blocks": (1, 1),
    "second_widths": (8, 12),
    "second_blocks": (1, 1),
    "kernel_size": 9,
    "cleanup": (8, 1),
}
CONNECTED = {"estimator": "fully_connected"}
TASKS = {"image": ImageTask(), "gradient": GradientTask(axis="x"), "kernel": KernelTask(9)}


def build(**fields):
    torch.manual_seed(0)
    return KernelUNet(**(SMALL | fields)).build(TASKS)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"scales": 1, "second_widths": (4, 8, 8, 8), "second_blocks": (0, 1, 1, 1)},
        {"scales": 3, "groups": 3, "strengths": 1},
    ],
)
def test_keeps_the_contract_with_all_three_tasks(fields):
    check_network(KernelUNet(**(SMALL | fields)), TASKS)


def test_untrained_it_returns_what_it_is_given_and_a_kernel_of_sum_1_at_every_scale():
    inputs = pyramid(torch.rand(2, 3, 32, 48), 2)
    outputs = build()({"image": inputs, "kernel": inputs})
    for before, after in zip(inputs, outputs["image"], strict=True):
        assert torch.equal(before, after)
    assert [tuple(kernel.shape) for kernel in outputs["kernel"]] == [(2, 1, 5, 5), (2, 1, 9, 9)]
    for kernel in outputs["kernel"]:
        assert kernel.min() >= 0
        assert torch.allclose(kernel.sum(dim=(1, 2, 3)), torch.ones(2))


def test_the_kernel_alone_is_that_beside_the_image():
    inputs = pyramid(torch.rand(2, 3, 32, 48), 2)
    module = build()
    for together, alone in zip(
        module({"image": inputs, "kernel": inputs})["kernel"],
        module({"kernel": inputs})["kernel"],
        strict=True,
    ):
        assert torch.allclose(together, alone, atol=1e-6)


def test_every_weight_learns_from_the_image_and_the_kernel():
    module = build()
    for head in (*module.first.heads.values(), *module.second.heads.values(), module.cleanup.end):
        torch.nn.init.normal_(head.weight, std=0.05)
    inputs = pyramid(torch.rand(2, 3, 32, 48), 2)
    outputs = module({"image": inputs, "gradient": inputs, "kernel": inputs})
    loss = sum(level.square().mean() for level in outputs["image"] + outputs["gradient"])
    (loss + sum(kernel.square().sum() for kernel in outputs["kernel"])).backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_flat_picture_stays_finite(value):
    inputs = pyramid(torch.full((1, 3, 32, 32), value), 2)
    module = build()
    outputs = module({"image": inputs, "kernel": inputs})
    loss = sum(level.mean() for levels in outputs.values() for level in levels)
    loss.backward()
    assert all(level.isfinite().all() for levels in outputs.values() for level in levels)
    assert all(p.grad is None or p.grad.isfinite().all() for p in module.parameters())


def test_a_task_of_another_kernel_size_is_an_error():
    with pytest.raises(RestorekitError, match="task 'kernel' has size 31 and the network kernel_size 9"):
        KernelUNet(**SMALL).build({"image": ImageTask(), "kernel": KernelTask(31)})


@pytest.mark.parametrize(
    "fields",
    [
        {"widths": (8,)},
        {"blocks": (1,)},
        {"kernel_size": 8},
        {"groups": 0},
        {"cleanup": (0, 1)},
        {"estimator": "guess"},
    ],
)
def test_fields_out_of_range_are_errors(fields):
    with pytest.raises(ValueError, match="must be"):
        KernelUNet(**(SMALL | fields))


def test_a_picture_smaller_than_the_kernel_stays_as_it_is():
    inputs = pyramid(torch.rand(2, 3, 16, 48), 2)
    tasks = {"image": ImageTask(), "kernel": KernelTask(17)}
    outputs = KernelUNet(**(SMALL | {"kernel_size": 17})).build(tasks)({"image": inputs, "kernel": inputs})
    assert all(torch.equal(*pair) for pair in zip(inputs, outputs["image"], strict=True))
    assert [tuple(kernel.shape) for kernel in outputs["kernel"]] == [(2, 1, 9, 9), (2, 1, 17, 17)]
    assert all(kernel.amax() == 1 and kernel.sum() == 2 for kernel in outputs["kernel"])


def test_weights_of_half_precision_give_nearly_the_same():
    module = build()
    for head in (*module.first.heads.values(), *module.second.heads.values()):
        torch.nn.init.normal_(head.weight, std=0.02)
    inputs = pyramid(torch.rand(2, 3, 32, 48), 2)
    with torch.no_grad():
        whole = module({"image": inputs, "kernel": inputs})
        seen = [level.half() for level in inputs]
        half = module.half()({"image": seen, "kernel": seen})
    for task in whole:
        for one, other in zip(whole[task], half[task], strict=True):
            assert torch.allclose(one, other.float(), atol=0.01), task


@pytest.mark.parametrize("scales", [1, 2])
def test_a_fully_connected_layer_may_estimate_the_kernel_instead(scales):
    check_network(KernelUNet(**(SMALL | CONNECTED | {"scales": scales})), TASKS)


@pytest.mark.parametrize(("height", "width"), [(16, 48), (64, 40)])
def test_the_fully_connected_layer_takes_any_size_and_gives_a_kernel(height, width):
    inputs = pyramid(torch.rand(2, 3, height, width), 2)
    kernels = build(**CONNECTED)({"kernel": inputs})["kernel"]
    assert [tuple(kernel.shape) for kernel in kernels] == [(2, 1, 5, 5), (2, 1, 9, 9)]
    assert all(torch.allclose(kernel.sum(dim=(1, 2, 3)), torch.ones(2)) for kernel in kernels)


def test_the_fully_connected_layer_learns_and_the_quotient_is_not_there():
    module = build(**CONNECTED)
    torch.nn.init.normal_(module.cleanup.end.weight, std=0.05)
    inputs = pyramid(torch.rand(2, 3, 32, 48), 2)
    module({"kernel": inputs})["kernel"][-1].square().sum().backward()
    learnt = {name for name, p in module.quotient.named_parameters() if p.grad.abs().sum() > 0}
    assert learnt == {"layer.weight", "layer.bias"}


def test_weights_without_an_estimator_in_their_recipe_are_of_the_quotient():
    keys = set(build().state_dict())
    assert "quotient.damping" in keys
    assert not any("layer" in key for key in keys)
