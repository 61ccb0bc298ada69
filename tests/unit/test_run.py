"""A run: its directory, its state on disk, its log, and how it is left and taken up again."""

import json
import math
import os
import signal
import tomllib
from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch
from torch import nn

from restorekit import Network, RestorekitError, load_recipe, plugins, train
from restorekit.training import loop, state
from restorekit.training.folder import RECIPE as FILE
from restorekit.training.folder import changed_keys, changes
from restorekit.training.interrupt import Interrupt
from restorekit.training.log import Log
from restorekit.training.progress import Progress

RECIPE = """\
schema = 1
name = "one-conv"
[data]
train = { type = "samples" }
size = 32
batch = 2
workers = 0
[network]
type = "one_conv"
[[task]]
type = "image"
[[loss]]
type = "l1"
[[loss]]
type = "charbonnier"
weight = "auto"
[[loss]]
type = "dcgan"
channels = 2
scales = "finest"
weight = 0.1
[optim]
lr = 1e-2
[train]
precision = "fp32"
log_every = 1
save_every = 2
[validation]
source = { type = "samples", names = ["cat"] }
[[stage]]
steps = 1
losses = ["l1"]
[[stage]]
steps = 3
losses = ["l1", "charbonnier", "dcgan"]
"""


class Conv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, inputs):
        return {task: [self.conv(level) for level in levels] for task, levels in inputs.items()}


@dataclass(frozen=True)
class OneConv(Network):
    scales: ClassVar[int] = 2
    size_multiple: ClassVar[int] = 2

    def build(self, tasks):
        return Conv()


@pytest.fixture
def recipe(monkeypatch, tmp_path):
    """Load the recipe of a network of one convolution, with --set."""
    host = plugins.host.__wrapped__()
    host.registries["network"].add("one_conv", OneConv, "tests")
    monkeypatch.setattr(plugins, "host", lambda: host)
    (tmp_path / "r.toml").write_text(RECIPE)
    return lambda *overrides: load_recipe(tmp_path / "r.toml", overrides)


@pytest.fixture(autouse=True)
def one_thread():
    """So small a network is slower on two, and crawls where the cores have other work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_a_state_is_read_as_it_was_saved(tmp_path):
    tree = {
        "large": torch.arange(100.0).view(4, 25).t(), "half": torch.randn(50).bfloat16(), "none": torch.zeros(0, 3),
        "scalar": torch.tensor(7), "mask": torch.tensor([True, False]), "fits": torch.ones(16),
        "optimizer": {"state": {0: {"step": torch.tensor(3.0)}, 1: {}}, "groups": [{"lr": 0.1, "betas": [0.9, 0.99]}]},
        "weights": {"l1": 1.0, "vgg": None}, "step": 3,
    }  # fmt: skip
    state.save_state(tmp_path, tree, 3, keep=2)
    files = sorted(path.name for path in (tmp_path / "step-00000003").iterdir())
    assert files == ["state.json", "state.safetensors"]
    found = state.read_state(tmp_path)
    for key in ("large", "half", "none", "scalar", "mask", "fits"):
        assert found[key].dtype == tree[key].dtype and torch.equal(found.pop(key), tree.pop(key))
    assert torch.equal(found["optimizer"]["state"][0].pop("step"), tree["optimizer"]["state"][0].pop("step"))
    assert found == tree


def test_the_newest_states_stay_and_what_a_kill_left_is_none(tmp_path):
    for step in (1, 2, 2, 3):
        state.save_state(tmp_path, {"x": torch.full((2,), float(step))}, step, keep=2)
    (tmp_path / "step-00000009.part").mkdir()
    assert sorted(path.name for path in tmp_path.glob("*") if not path.suffix) == [
        "step-00000002",
        "step-00000003",
    ]
    assert state.read_state(tmp_path)["x"].tolist() == [3, 3]
    (tmp_path / "step-00000003" / "state.safetensors").write_bytes(b"cut")
    with pytest.raises(
        RestorekitError, match=r"step-00000003 is damaged: .*remove it to resume from the state before"
    ):
        state.read_state(tmp_path)
    with pytest.raises(RestorekitError, match="nothing was saved yet"):
        state.read_state(tmp_path / "nowhere")


def test_a_signal_is_noted_and_a_second_one_interrupts():
    before = signal.getsignal(signal.SIGTERM)
    with Interrupt() as interrupt:
        interrupt.hold()
        assert not interrupt.asked
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupt.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_log_drops_what_will_be_done_again_and_what_a_kill_cut_short(tmp_path):
    file = tmp_path / "log.jsonl"
    file.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"st')
    log = Log(file, 2)
    for value in (1.0, 3.0):
        log.step({"l1": torch.tensor(value)}, {"total": torch.tensor(value)}, 2)
    log.line(4, 0, 0.1, 0.0)
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert [record["step"] for record in records] == [1, 2, 4]
    assert records[-1]["terms"] == {"l1": 2.0} and records[-1]["grad_norm"] == {"total": 2.0}


def test_steps_left_out_are_not_in_the_means_but_counted_and_said(tmp_path, capsys):
    log = Log(tmp_path / "log.jsonl", 0)
    with Progress([10], 0) as progress:
        for value in (1.0, math.nan, 3.0):
            log.step({"l1": torch.tensor(value)}, {"total": torch.tensor(value)}, 2)
        progress.show(log.line(3, 0, 0.1, 0.0, skipped=1))
        log.step({"l1": torch.tensor(math.nan)}, {}, 2)
        progress.show(log.line(4, 0, 0.1, 0.0, skipped=2))
    first, second = (json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines())
    assert (first["terms"], first["grad_norm"], first["skipped"]) == ({"l1": 2.0}, {"total": 2.0}, 1)
    assert (second["terms"], second["skipped"]) == ({}, 2)
    said = "steps left out so far: their loss or its gradient was not finite"
    assert capsys.readouterr().err.splitlines() == [f"1 {said}", f"2 {said}"]


def test_a_run_directory_holds_everything(recipe, tmp_path):
    run = tmp_path / "runs" / "one"
    assert train(recipe("stage.1.schedule=cosine"), run, device="cpu") == run / "bundle"
    assert sorted(path.name for path in run.iterdir()) == [
        "best", "bundle", "environment.json", "log.jsonl", "recipe.toml", "samples", "state"]  # fmt: skip
    assert [path.name for path in (run / "samples").iterdir()] == ["step-00000004.png"]
    assert sorted(path.name for path in (run / "state").iterdir()) == ["step-00000002", "step-00000004"]
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [(line["step"], line["stage"]) for line in lines if "stage" in line] == [
        (1, 0),
        (2, 1),
        (3, 1),
        (4, 1),
    ]
    assert [line["lr"] for line in lines if "lr" in line] == pytest.approx([0.01, 0.01, 0.0075, 0.0025])
    names = {f"{loss}/image/{scale}" for loss in ("l1", "charbonnier") for scale in (0, 1)}
    assert lines[0]["terms"].keys() == {"l1/image/0", "l1/image/1"}
    assert lines[1]["terms"].keys() == names | {"dcgan/image", "dcgan/discriminator"}
    assert json.loads((run / "environment.json").read_text())["torch"]
    weights = {
        loss["name"]: loss["weight"] for loss in tomllib.loads((run / "recipe.toml").read_text())["loss"]
    }
    assert weights["l1"] == 1.0 and 0.1 < weights["charbonnier"] < 0.3


def test_an_interrupted_run_is_saved_and_goes_on_to_the_same_end(recipe, tmp_path, monkeypatch, capsys):
    train(recipe(), tmp_path / "straight", device="cpu")
    take = loop.Trainer.step

    def interrupted(*given, **options):
        os.kill(os.getpid(), signal.SIGINT)
        return take(*given, **options)

    for _ in range(3):  # after steps 1, 2 and 3
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(loop.Trainer, "step", interrupted)
            train(recipe(), tmp_path / "run", device="cpu", resume=(tmp_path / "run").exists())
    capsys.readouterr()
    train(recipe(), tmp_path / "run", device="cpu", resume=True)
    assert "changed" not in "".join(capsys.readouterr())
    for name in ("bundle/model.safetensors", "bundle/recipe.toml", "recipe.toml"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "straight" / name).read_bytes(), name


def test_a_resumed_run_says_what_changed_and_refuses_another_network(recipe, tmp_path, capsys):
    train(recipe("stage.1.steps=1"), tmp_path / "run", device="cpu")
    capsys.readouterr()
    train(recipe("stage.1.steps=2"), tmp_path / "run", device="cpu", resume=True)
    assert capsys.readouterr().err.splitlines()[0] == "changed since the run began: stage.1.steps"
    for other in (
        "network={type='face_multitask_unet', widths=[4, 4], blocks=[1, 1]}",
        "loss.dcgan.channels=3",
    ):
        with pytest.raises(RestorekitError, match=r"^the saved state does not fit the recipe: ") as caught:
            train(recipe(other), tmp_path / "run", device="cpu", resume=True)
        assert len(str(caught.value).splitlines()) == 1


def test_a_weight_found_but_not_saved_is_no_change(recipe, tmp_path):
    (tmp_path / FILE).write_text(recipe().with_weights({"charbonnier": 0.2}).dumps())
    assert changes(tmp_path, recipe()) == []
    assert changes(tmp_path, recipe().with_weights({"charbonnier": 0.2})) == []
    assert changes(tmp_path, recipe("loss.charbonnier.weight=0.3")) == ["loss.1.weight"]


def test_a_directory_is_not_run_over(recipe, tmp_path):
    mine, file = tmp_path / "mine", tmp_path / "file"
    mine.mkdir()
    (mine / "thesis.txt").write_text("precious")
    file.write_text("")
    for options, folder, message in [
        ({}, mine, "mine is not empty; choose another directory"),
        ({"overwrite": True}, mine, "mine is not empty; choose another directory"),
        ({"resume": True, "overwrite": True}, mine, "resume and overwrite exclude each other; leave one out"),
        ({"resume": True, "init": mine}, mine, "resume and init exclude each other; leave one out"),
        ({"resume": True}, mine, "nothing to resume in .*mine; train without resume"),
        ({}, file, "file is not a directory; choose another directory"),
        ({}, file / "run", "cannot write .*run"),
    ]:  # fmt: skip
        with pytest.raises(RestorekitError, match=message):
            train(recipe(), folder, device="cpu", **options)
    assert sorted(path.name for path in mine.iterdir()) == ["thesis.txt"]


def test_changed_keys_are_dotted():
    before = {"a": 1, "b": {"c": [1, {"d": 2}]}, "e": [1]}
    assert changed_keys(before, {"a": 1, "b": {"c": [1, {"d": 3}], "f": 0}, "e": [1, 2]}) == [
        "b.c.1.d",
        "b.f",
        "e",
    ]
    assert changed_keys(before, before) == []
