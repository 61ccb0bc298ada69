import pytest
import torch
from margins import assert_within_margin
from torch.nn.functional import interpolate

from restorekit import RestorekitError
from restorekit.testing import check_network
from restorekit_face_multitask.generator import FaceMultitask
from restorekit_face_multitask.unet import FaceMultitaskUNet
from restorekit_gradient_task.gradient import GradientTask

TASKS = {"image": GradientTask(), "gradient": GradientTask()}
SMALL = {
    "paper": FaceMultitask(channels=8, blocks=1),
    "unshared": FaceMultitask(channels=8, blocks=1, share_scales=False),
    "three scales": FaceMultitask(channels=4, blocks=0, scales=3),
    "one scale": FaceMultitask(channels=4, blocks=1, scales=1),
    "zeros": FaceMultitask(channels=8, blocks=1, padding="zeros", residual=True),
    "unet": FaceMultitaskUNet(widths=(8, 12, 16), blocks=(1, 0, 2)),
    "unet, one scale": FaceMultitaskUNet(widths=(8, 12, 16), blocks=(1, 0, 2), scales=1),
}
specs = pytest.mark.parametrize("spec", SMALL.values(), ids=SMALL.keys())


def pyramids(spec, tasks=TASKS, batch=2, height=48, width=80):
    sizes = [(height // 2**level, width // 2**level) for level in reversed(range(spec.scales))]
    return {task: [torch.rand(batch, 3, *size) for size in sizes] for task in tasks}


def build(spec, tasks=TASKS):
    """Build with heads away from zero, so that every path through the network shows in its output."""
    torch.manual_seed(0)
    network = spec.build(tasks)
    for parameter in network.heads.parameters() if hasattr(network, "heads") else ():
        torch.nn.init.normal_(parameter, std=0.1)
    return network


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_papers_parameter_counts():
    network = FaceMultitask().build(TASKS)
    (level,) = network.levels
    assert parameters(level.start) + parameters(level.blocks) == 1_481_024
    assert [parameters(head) for head in level.heads.values()] == [209_731, 209_731]
    assert [parameters(up) for up in network.up[0].values()] == [147, 147]
    assert parameters(network) == 1_900_780
    assert parameters(FaceMultitask(share_scales=False).build(TASKS)) == 3_801_266


@specs
def test_keeps_the_contract(spec):
    check_network(spec, TASKS)


@specs
def test_takes_any_multiple_of_its_size(spec):
    height, width = 3 * spec.size_multiple + 16, 5 * spec.size_multiple + 16
    inputs = pyramids(
        spec, height=height - height % spec.size_multiple, width=width - width % spec.size_multiple
    )
    for subset in (inputs, {"gradient": inputs["gradient"]}):
        outputs = build(spec)(subset)
        assert list(outputs) == list(subset)
        for task in subset:
            assert [x.shape for x in outputs[task]] == [x.shape for x in subset[task]]


@specs
def test_tasks_together_are_as_tasks_alone(spec):
    network, inputs = build(spec).eval(), pyramids(spec)
    inputs["gradient"] = [x[:1] for x in inputs["gradient"]]
    together = network(inputs)
    for task in inputs:
        alone = network({task: inputs[task]})
        for a, b in zip(together[task], alone[task], strict=True):
            assert torch.allclose(a, b, atol=1e-5)


@specs
def test_every_parameter_learns(spec):
    network = build(spec)
    outputs = network(pyramids(spec))
    sum(x.square().mean() for levels in outputs.values() for x in levels).backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())


@specs
def test_the_output_reaches_no_farther_than_the_margin(spec):
    assert_within_margin(spec, build(spec))


def test_the_papers_field():
    assert FaceMultitask(scales=1).margin == 39
    assert FaceMultitask().margin == 122


def test_sharing_weights_between_scales():
    assert len(SMALL["three scales"].build(TASKS).levels) == 1
    assert len(SMALL["unshared"].build(TASKS).levels) == 2


def test_the_deconvolution_begins_as_bilinear():
    up = SMALL["paper"].build(TASKS).up[0]["image"]
    image = torch.rand(1, 3, 9, 9)
    wanted = interpolate(image, scale_factor=2, mode="bilinear")
    assert torch.allclose(up(image)[..., 1:-1, 1:-1], wanted[..., 1:-1, 1:-1], atol=1e-6)


def test_a_residual_generator_adds_to_its_input():
    plain, added = (FaceMultitask(channels=4, blocks=1, scales=1, residual=flag) for flag in (False, True))
    inputs = pyramids(plain)
    difference = build(added)(inputs)["image"][0] - build(plain)(inputs)["image"][0]
    assert torch.allclose(difference, inputs["image"][0], atol=1e-6)


def test_the_unet_begins_as_identity_and_fits_its_budget():
    network = FaceMultitaskUNet().build(TASKS)
    inputs = pyramids(FaceMultitaskUNet(), height=16, width=32)
    outputs = network(inputs)
    for task in inputs:
        assert all(torch.equal(a, b) for a, b in zip(outputs[task], inputs[task], strict=True))
    assert parameters(network) < 8_000_000


def test_a_picture_too_small_to_reflect_is_named():
    with pytest.raises(RestorekitError, match="4 px at the coarsest scale.*at least 24 px"):
        SMALL["three scales"].build(TASKS)(pyramids(SMALL["three scales"], height=16, width=16))


def test_a_task_of_other_channels_is_refused():
    class Depth(GradientTask):
        channels = 1

    for spec in (FaceMultitask(), FaceMultitaskUNet()):
        with pytest.raises(RestorekitError, match="task 'depth' has 1 channels"):
            spec.build({"depth": Depth()})


@pytest.mark.parametrize(
    ("network", "fields"),
    [
        (FaceMultitask, {"channels": 0}),
        (FaceMultitask, {"blocks": -1}),
        (FaceMultitask, {"scales": 0}),
        (FaceMultitaskUNet, {"widths": (48,)}),
        (FaceMultitaskUNet, {"widths": (48, 0), "blocks": (1, 1)}),
        (FaceMultitaskUNet, {"blocks": (2, 2)}),
        (FaceMultitaskUNet, {"blocks": (2, 2, 2, -1)}),
    ],
)
def test_a_wrong_field_is_named(network, fields):
    with pytest.raises(ValueError, match=f"^{next(iter(fields))} must be"):
        network(**fields)
