"""A network that knows the blur, from the recipe to the kernel's picture."""

import json
import shutil

import numpy as np
import pytest

import restorekit
from restorekit.export import add_graph
from restorekit.images import read_rgb, write_rgb

RECIPE = """\
schema = 1
name = "kernel-tiny"
[data]
train = { type = "samples" }
size = 32
batch = 2
workers = 0
[[degradation]]
type = "trajectory_blur"
sizes = [5, 7]
kernels = 0
[network]
type = "kernel_unet"
widths = [8, 8]
blocks = [1, 1]
kernel_size = 9
cleanup = [8, 1]
tile = 48
[[task]]
type = "image"
[[task]]
type = "kernel"
size = 9
[[loss]]
name = "content"
type = "l1"
[[loss]]
name = "kernel"
type = "kernel_l1"
tasks = ["kernel"]
weight = 0.02
[optim]
type = "muon"
lr = 1e-3
[[stage]]
steps = 2
losses = ["content", "kernel"]
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernel")
    (folder / "tiny.toml").write_text(RECIPE)
    return restorekit.train(restorekit.load_recipe(folder / "tiny.toml"), folder / "run", device="cpu")


def picture(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_picture_and_its_kernels_are_written_and_told(bundle, tmp_path, run_cli):
    write_rgb(tmp_path / "small.png", picture(40, 44))
    status, out, err = run_cli(
        "restore", "small.png", "--model", bundle, "--kernels", "kernels", "--compare", "--json"
    )
    assert status == 0, err
    (part,) = json.loads(out)["parts"]["each"]
    assert np.shape(part["kernel"]) == (9, 9)
    assert np.sum(part["kernel"]) == pytest.approx(1, abs=1e-3)
    assert part["kernel_blur"] >= 0 and part["reblur_error"] > 0
    drawn = read_rgb(tmp_path / "kernels" / "small.kernel.png")
    assert drawn.shape[0] % 9 == 0 and drawn.max() == 255
    both = read_rgb(tmp_path / "small.compare.png")
    assert both.shape == (40, 88, 3)
    corner = both[:9, 44:53, 0].astype(float)
    assert np.corrcoef(corner.ravel(), np.ravel(part["kernel"]))[0, 1] > 0.99


def test_a_large_picture_has_a_kernel_for_every_tile(bundle, tmp_path, run_cli):
    write_rgb(tmp_path / "large.png", picture(300, 64))
    status, out, err = run_cli("restore", "large.png", "--model", bundle, "--kernels", "kernels", "--json")
    assert status == 0, err
    (part,) = json.loads(out)["parts"]["each"]
    assert len(part["tiles"]) > 1
    assert len(list((tmp_path / "kernels").iterdir())) == len(part["tiles"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("sizes = [5, 7]", "sizes = [5, 11]"), "blur kernels of the recipe have 11 pixels a side"),
        (
            ('type = "trajectory_blur"\nsizes = [5, 7]\nkernels = 0', 'type = "gaussian_noise"'),
            "has a blur kernel",
        ),
        (("kernel_size = 9", "kernel_size = 11"), "task 'kernel' has size 9 and the network kernel_size 11"),
    ],
)
def test_what_does_not_fit_together_is_said_before_anything_is_written(change, message, tmp_path):
    assert change[0] in RECIPE
    (tmp_path / "bad.toml").write_text(RECIPE.replace(*change))
    with pytest.raises(restorekit.RestorekitError, match=message):
        restorekit.train(restorekit.load_recipe(tmp_path / "bad.toml"), tmp_path / "run", device="cpu")
    assert not (tmp_path / "run" / "bundle").exists()


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_flat_picture_stays_as_it_is(bundle, value, tmp_path, run_cli):
    write_rgb(tmp_path / "flat.png", np.full((40, 40, 3), value, np.uint8))
    status, _, err = run_cli("restore", "flat.png", "--model", bundle)
    assert status == 0, err
    assert abs(read_rgb(tmp_path / "flat.restored.png").astype(int) - value).max() <= 1


def test_without_torch_it_restores_and_tells_the_same(bundle, tmp_path, monkeypatch):
    own = shutil.copytree(bundle, tmp_path / "bundle")
    checks = add_graph(own)  # which compares at three sizes, two of them odd
    assert max(check.difference for check in checks) < 1e-4
    by_torch, by_graph = (restorekit.load_restorer(own, "cpu", engine) for engine in ("torch", "onnx"))
    assert by_graph.footprint == by_torch.footprint and by_graph.footprint.tile == 48
    images = np.random.default_rng(1).random((2, 40, 52, 3), np.float32)
    restored = by_torch.restore_arrays(images)
    assert np.abs(by_graph.restore_arrays(images) - restored).max() < 1e-4
    monkeypatch.setattr(by_graph, "_run", None)  # it ran once, which told all
    for ours, theirs in zip(
        by_graph.examine(images, restored), by_torch.examine(images, restored), strict=True
    ):
        assert np.abs(np.array(ours.pop("kernel")) - theirs.pop("kernel")).max() < 1e-4
        assert ours == pytest.approx(theirs, rel=0.02)
