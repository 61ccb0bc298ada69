import json

import pytest
import torch
from margins import assert_within_margin
from torch.nn.functional import conv2d, pixel_shuffle

from restorekit import ImageTask, RestorekitError
from restorekit.bundle import load_bundle
from restorekit.importing.make import import_checkpoint
from restorekit.testing import check_network
from restorekit_nah2017.network import Nah2017

TASKS = {"image": ImageTask()}


def released(channels=6, blocks=2, scales=3):
    """Random weights, named and shaped as in the authors' release for PyTorch: scale 0 is the finest."""
    draw = torch.Generator().manual_seed(0)
    weights = {}

    def convolution(name, inputs, outputs):
        spread = (25 * inputs) ** -0.5
        weights[f"{name}.weight"] = spread * torch.randn(outputs, inputs, 5, 5, generator=draw)
        weights[f"{name}.bias"] = torch.randn(outputs, generator=draw)

    for scale in range(scales):
        body = f"body_models.{scale}.body"
        convolution(f"{body}.0", 3 if scale == scales - 1 else 6, channels)
        for block in range(1, blocks + 1):
            convolution(f"{body}.{block}.body.0", channels, channels)
            convolution(f"{body}.{block}.body.2", channels, channels)
        convolution(f"{body}.{blocks + 1}", channels, 3)
        if scale:
            convolution(f"conv_end_models.{scale}.uppath.0", 3, 12)
    return weights


def as_published(weights, pictures, blocks=2):
    """What the paper's equations make of N,3,H,W in [0, 255], finest first."""

    def convolved(name, x):
        return conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=2)

    below, results = None, []
    for scale in reversed(range(len(pictures))):
        body = f"body_models.{scale}.body"
        x = pictures[scale] - 127.5
        if below is not None:
            doubled = pixel_shuffle(convolved(f"conv_end_models.{scale + 1}.uppath.0", below), 2)
            x = torch.cat((x, doubled), dim=1)
        x = convolved(f"{body}.0", x)
        for block in range(1, blocks + 1):
            x = x + convolved(f"{body}.{block}.body.2", convolved(f"{body}.{block}.body.0", x).relu())
        below = convolved(f"{body}.{blocks + 1}", x)
        results.append(below + 127.5)
    return results


@pytest.mark.parametrize(
    "wrap", [lambda w: w, lambda w: {"G": w}, lambda w: {"G": w, "D": {"dense.weight": w}}]
)
def test_the_released_weights_are_recognised_and_compute_what_was_published(tmp_path, wrap):
    weights = released()
    torch.save(wrap(weights), tmp_path / "model-1000.pt")
    said = []
    import_checkpoint(tmp_path / "model-1000.pt", tmp_path / "nah", say=said.append)
    assert json.loads(said[1].removeprefix("network: ")) == {
        "type": "nah2017", "channels": 6, "blocks": 2, "scales": 3, "levels": 255.0,
    }  # fmt: skip
    assert said[2] == "keys: 40 matched (40 of them renamed), 0 missing or of another shape, 0 unused"
    module = load_bundle(tmp_path / "nah").module().eval()
    pyramid = [torch.rand(2, 3, 16 * 2**n, 12 * 2**n) for n in range(3)]
    with torch.inference_mode():
        found = module({"image": pyramid})["image"]
        wanted = as_published(weights, [255 * each for each in reversed(pyramid)])
    for ours, theirs in zip(found, wanted, strict=True):
        assert torch.allclose(255 * ours, theirs, atol=1e-2)


def test_other_weights_are_not_taken_for_a_release():
    weights = released()
    assert Nah2017.recognise({"body.0.weight": torch.zeros(1)}) is None
    assert Nah2017.recognise({k: v for k, v in weights.items() if ".uppath." not in k}) is None
    assert Nah2017.recognise({k: v for k, v in weights.items() if "body_models.1." not in k}) is None


def test_a_release_with_a_tensor_of_another_shape_is_refused_and_nothing_written(tmp_path):
    weights = released() | {"body_models.1.body.1.body.0.weight": torch.zeros(6, 6, 3, 3)}
    torch.save(weights, tmp_path / "w.pt")
    with pytest.raises(RestorekitError, match=r"bodies\.1\.blocks\.0\.first\.weight"):
        import_checkpoint(tmp_path / "w.pt", tmp_path / "nah")
    assert not (tmp_path / "nah").exists()


def test_keeps_the_contract():
    check_network(Nah2017(channels=4, blocks=1), TASKS)


def test_the_published_number_of_parameters():
    with torch.device("meta"):
        module = Nah2017().build(TASKS)
    assert sum(parameter.numel() for parameter in module.parameters()) == 11_721_321


@pytest.mark.parametrize("spec", [Nah2017(4, 1, 1), Nah2017(4, 1, 2), Nah2017(4, 0, 3)])
def test_the_output_reaches_no_farther_than_the_margin(spec):
    torch.manual_seed(0)
    assert_within_margin(spec, spec.build(TASKS))


@pytest.mark.parametrize("fields", [{"channels": 0}, {"blocks": -1}, {"scales": 0}, {"levels": 0.0}])
def test_a_wrong_field_is_named(fields):
    with pytest.raises(ValueError, match=f"^{next(iter(fields))} must be"):
        Nah2017(**fields)
