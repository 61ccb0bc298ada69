"""A run: its directory, and how it is left and taken up again."""

import json
import os
import signal
import tomllib
from dataclasses import dataclass
from typing import ClassVar

import pytest
from torch import nn

from restorekit import Network, RestorekitError, load_recipe, plugins, train
from restorekit.training import loop

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


def test_a_directory_is_not_run_over(recipe, tmp_path):
    mine, file = tmp_path / "mine", tmp_path / "file"
    mine.mkdir()
    (mine / "thesis.txt").write_text("precious")
    file.write_text("")
    for options, folder, message in [
        ({}, mine, "mine is not empty; choose another directory"),
        ({"overwrite": True}, mine, "mine is not empty; choose another directory"),
        ({"resume": True, "overwrite": True}, mine, "resume and overwrite cannot be used together; leave one out"),
        ({"resume": True, "init": mine}, mine, "resume and init cannot be used together; leave one out"),
        ({"resume": True}, mine, "nothing to resume in .*mine; train without resume"),
        ({}, file, "file is not a directory; choose another directory"),
        ({}, file / "run", "cannot write .*run"),
    ]:  # fmt: skip
        with pytest.raises(RestorekitError, match=message):
            train(recipe(), folder, device="cpu", **options)
    assert sorted(path.name for path in mine.iterdir()) == ["thesis.txt"]
