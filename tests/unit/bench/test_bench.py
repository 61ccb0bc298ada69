"""bench train: the plain loop learns the same, what is counted is counted right, and data come from somewhere."""

import dataclasses
import json
import sys

import pytest
import torch

from restorekit import RestorekitError, load_recipe
from restorekit.bench import device
from restorekit.bench.train import bench_training
from restorekit.cli import bench, main
from restorekit.training.trainer import Trainer

RECIPE = """\
schema = 1
name = "small"
[data]
train = { type = "folder" }
crop = "center"
size = 32
batch = 2
workers = 0
[[degradation]]
type = "gaussian_noise"
[network]
type = "face_multitask_unet"
widths = [4, 4]
blocks = [0, 1]
[[task]]
type = "image"
[[task]]
type = "gradient"
[[loss]]
type = "l1"
tasks = ["image", "gradient"]
[[loss]]
type = "charbonnier"
weight = "auto"
[[loss]]
type = "dcgan"
channels = 2
scales = "finest"
weight = 0.1
[optim]
type = "adamw"
lr = 1e-3
clip = 1.0
[train]
precision = "fp32"
[[stage]]
steps = 1
losses = ["l1"]
[[stage]]
steps = 1
losses = ["l1", "charbonnier", "dcgan"]
"""
SAMPLES = "data.train={type='samples'}"


@pytest.fixture(autouse=True)
def small_products(monkeypatch):
    monkeypatch.setattr(device, "SIDES", {"cpu": 64})
    monkeypatch.setattr(device, "SECONDS", 1e-9)


@pytest.fixture
def recipe(tmp_path):
    """Write a recipe that does not say where its images are."""
    path = tmp_path / "r.toml"
    path.write_text(RECIPE)
    return str(path)


def test_the_plain_loop_learns_the_same_in_every_stage(recipe):
    loaded = load_recipe(recipe, [SAMPLES])
    for stage in (0, 1):
        found = bench_training(loaded, torch.device("cpu"), steps=5, stage=stage)
        assert found.loss_difference < 1e-4
        assert (found.device, found.precision, found.batch) == ("cpu", "fp32", 2)


def test_operations_are_those_of_the_convolutions_forward_and_backward():
    convolution = torch.nn.Conv2d(3, 5, 3, padding=1)
    once = 2 * 3 * 5 * 9 * 8 * 8 * 4
    flops = device.count_flops(lambda: convolution(torch.rand(4, 3, 8, 8)).sum().backward())
    assert flops == 2 * once  # the images need no gradient


def test_figures_agree_with_each_other(recipe):
    found = bench_training(load_recipe(recipe, [SAMPLES]), torch.device("cpu"), steps=5)
    assert found.tflops == pytest.approx(found.tflop_per_step * found.images_per_s_held / found.batch)
    assert found.matmul_share == pytest.approx(found.tflops / found.matmul_tflops)
    assert 0 <= found.data_wait <= 1 and found.peak_bytes > 1e7 and found.peak_bytes_plain is None


@pytest.fixture
def cli(monkeypatch, capsys):
    """Run bench train; gives (status, stdout, stderr)."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["restorekit", "bench", "train", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capsys.readouterr()

    return run


def test_a_recipe_without_images_is_measured_on_photographs(cli, recipe):
    status, out, err = cli(recipe, "--steps", "5", "--device", "cpu", "--json")
    assert status == 0 and "photographs of scikit-image" in err
    assert json.loads(out)["batch"] == 2


def test_the_table_names_both_loops(cli, recipe):
    status, out, _ = cli(recipe, "--steps", "5", "--device", "cpu", "--set", SAMPLES)
    assert status == 0
    assert "training (fp32)" in out and "plain loop (fp32)" in out and "waiting for data" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "network.wdiths=[4]"), "unknown key 'wdiths'"),
        (("--set", "data.train={type='folder',path='nowhere'}"), "no folder "),
        (("--stage", "3"), "has 2 stages, no stage 3; give 1 to 2"),
        (("--device", "abacus"), "no device 'abacus' here"),
    ],
)
def test_what_keeps_it_is_one_line(arguments, message, cli, recipe):
    status, out, err = cli(recipe, *arguments)
    assert (status, out) == (2, "") and message in err and "Traceback" not in err


def test_too_little_memory_is_one_line(cli, recipe, monkeypatch):
    monkeypatch.setattr(Trainer, "step", lambda *_, **__: torch.empty(2**50))  # as the CPU says it
    status, out, err = cli(recipe, "--steps", "5", "--device", "cpu", "--set", SAMPLES)
    assert (status, out) == (2, "") and err.startswith("error: out of memory with batches of 2 images")


def test_a_fault_beside_the_missing_images_is_told_with_it(recipe):
    with pytest.raises(RestorekitError, match="missing key 'path'.*\n.*unknown key 'wdiths'"):
        bench._load(recipe, ["network.wdiths=[4]"])


def test_a_gpus_peak_is_its_own(monkeypatch):
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda place: 7)
    assert device.peak_memory(torch.device("cuda", 0)) == 7


def test_every_figure_is_documented():
    from restorekit.bench.train import TrainingSpeed

    for field in dataclasses.fields(TrainingSpeed):
        assert f"        {field.name}: " in TrainingSpeed.__doc__
