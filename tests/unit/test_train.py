"""Training: the objective written out, the game's two sides apart, and a run that can be left and taken up."""

import dataclasses
import json
import math
import os
import signal
import tomllib
from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch import nn
from torch.nn.functional import interpolate, softplus

from restorekit import Batch, Network, RestorekitError, Task, load_recipe, plugins
from restorekit.data.image_task import ImageTask
from restorekit.recipe.build import Term
from restorekit.recipe.schema import OptimTable
from restorekit.training import loop, state
from restorekit.training.adversarial import Adversary
from restorekit.training.balance import balance
from restorekit.training.interrupt import Interrupt
from restorekit.training.log import Log
from restorekit.training.loop import train
from restorekit.training.objective import Levels, content_terms, encode
from restorekit.training.optim import make_ema, make_optimizer, make_schedule
from restorekit.training.run import changed_keys
from restorekit_gradient_task.gradient import GradientTask
from restorekit_losses.adversarial import DCGAN
from restorekit_losses.content import L1

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
        self.norm = nn.BatchNorm2d(3)

    def forward(self, inputs):
        return {task: [self.norm(self.conv(level)) for level in levels] for task, levels in inputs.items()}


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


def term(name, loss, tasks=("image",), finest_only=False, weight=1.0):
    return Term(name, loss, tasks, finest_only, weight, OptimTable(lr=1e-2))


def copied(*owners):
    return [{key: value.clone() for key, value in owner.state_dict().items()} for owner in owners]


def unchanged(before, *owners):
    return all(
        torch.equal(value, old[key])
        for old, owner in zip(before, owners, strict=True)
        for key, value in owner.state_dict().items()
    )


def test_each_scale_is_reduced_first_and_encoded_then():
    sharp, degraded, axis = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8), torch.tensor([0, 1])
    gradient = GradientTask()
    tasks = {"image": ImageTask(), "gradient": gradient}
    levels = encode(Batch(sharp, degraded), tasks, {"image": {}, "gradient": {"axis": axis}}, 2)
    for images, encoded in ((degraded, levels.inputs), (sharp, levels.targets)):
        coarse = interpolate(images, size=(4, 4), mode="bicubic", antialias=True)
        for found, wanted in zip(encoded["gradient"], (coarse, images), strict=True):
            assert torch.equal(found, gradient.encode(wanted, axis=axis))
        assert torch.equal(encoded["image"][0], coarse) and torch.equal(encoded["image"][1], images)
    assert [batch.scale for batch in levels.batches] == [0, 1]
    assert torch.equal(levels.batches[0].sharp, levels.targets["image"][0])


class Count(Task):
    """Its target is no encoding of the sharp image."""

    def encode(self, images):
        return images

    def target(self, batch):
        return torch.tensor([batch.sharp.shape[-1], batch.scale]), batch.task


def test_a_target_sees_the_batch_at_its_task_and_scale():
    levels = encode(
        Batch(torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)), {"count": Count()}, {"count": {}}, 2
    )
    assert [(found.tolist(), task) for found, task in levels.targets["count"]] == [
        ([4, 0], "count"),
        ([8, 1], "count"),
    ]


def made_up_levels(*tasks):
    """Outputs, and levels whose targets they miss by 1 at the coarse scale and by 2 at the fine one."""
    batches = [
        Batch(torch.zeros(2, 3, side, side), torch.zeros(2, 3, side, side), scale=i)
        for i, side in enumerate((4, 8))
    ]
    targets = {task: [batch.sharp + 0.5 for batch in batches] for task in tasks}
    outputs = {task: [t + i + 1 for i, t in enumerate(levels)] for task, levels in targets.items()}
    return outputs, Levels(batches, outputs, targets)


def test_the_objective_is_tasks_by_scales_by_losses():
    seen = []

    class Noting(L1):
        def __call__(self, prediction, target, batch):
            seen.append((batch.task, batch.scale))
            return super().__call__(prediction, target, batch)

    outputs, levels = made_up_levels("image", "gradient")
    terms = [
        term("content", Noting(), ("image", "gradient")),
        term("fine", L1(), finest_only=True),
        term("game", DCGAN()),
    ]
    found = content_terms(outputs, levels, terms, {"content": 0.5, "fine": None, "game": 1.0})
    assert {name: value.item() for name, value in found.items()} == {
        "content/image/0": 0.5, "content/image/1": 1.0,
        "content/gradient/0": 0.5, "content/gradient/1": 1.0,
        "fine/image/1": 2.0,
    }  # fmt: skip
    assert seen == [("image", 0), ("image", 1), ("gradient", 0), ("gradient", 1)]


@pytest.fixture
def game():
    """An adversary, a generator, and the two sides of their game."""
    torch.manual_seed(0)
    adversary = Adversary(term("game", DCGAN(channels=2), weight=0.1), 3, 32, Accelerator(cpu=True))
    generator, degraded, sharp = Conv(), torch.rand(4, 3, 32, 32), torch.rand(4, 3, 32, 32)
    outputs = generator({"image": [degraded]})
    levels = Levels([Batch(sharp, degraded, scale=0)], {"image": [degraded]}, {"image": [sharp]})
    return adversary, generator, outputs, levels


def test_the_discriminators_step_leaves_the_generator_alone(game):
    adversary, generator, outputs, levels = game
    real, fake = levels.targets["image"][-1], outputs["image"][-1].detach()
    wanted = (softplus(-adversary.module(real)).mean() + softplus(adversary.module(fake)).mean()).item()
    before, own = copied(generator), copied(adversary.module)
    assert adversary.step(outputs, levels).item() == pytest.approx(wanted, rel=1e-5)
    assert unchanged(before, generator)
    assert all(parameter.grad is None for parameter in generator.parameters())
    assert not unchanged(own, adversary.module)


def test_the_generators_term_leaves_the_discriminator_alone(game):
    adversary, generator, outputs, levels = game
    adversary.step(outputs, levels)
    adversary.optimizer.zero_grad(set_to_none=True)
    before = copied(adversary.module)
    value = adversary.generator_term(outputs, levels)
    value.backward()
    assert unchanged(before, adversary.module)
    assert all(parameter.grad is None for parameter in adversary.module.parameters())
    assert all(
        parameter.grad.any() for name, parameter in generator.named_parameters() if name != "conv.bias"
    )
    judged = adversary.module(outputs["image"][-1])
    assert value.item() == pytest.approx(0.1 * softplus(-judged).mean().item(), rel=1e-5)
    assert not unchanged(before, adversary.module)  # it learns again: its statistics just moved
    assert all(parameter.requires_grad for parameter in adversary.module.parameters())


def test_a_balanced_loss_is_a_fifth_of_the_others():
    measured = [
        {"l1/image/0": torch.tensor(1.0), "l1/image/1": torch.tensor(3.0), "vgg/image/1": torch.tensor(300.0)}
    ]
    assert balance(measured * 3, ["vgg"]) == {"vgg": 0.00267}
    with pytest.raises(RestorekitError, match="loss 'vgg' is 0 where the others are 1: .*; give it a weight"):
        balance([{"l1/image/0": torch.tensor(1.0), "vgg/image/0": torch.tensor(0.0)}], ["vgg"])


def test_an_optimiser_is_timms_with_no_decay_of_biases():
    optimizer = make_optimizer(Conv(), OptimTable(type="adamw", lr=0.1, betas=(0.5, 0.9), weight_decay=0.3))
    decays = {group["weight_decay"]: len(group["params"]) for group in optimizer.param_groups}
    assert type(optimizer).__name__ == "AdamW" and decays == {0.3: 1, 0.0: 3}
    assert all((group["lr"], group["betas"]) == (0.1, (0.5, 0.9)) for group in optimizer.param_groups)
    with pytest.raises(RestorekitError, match=r"^optimiser 'adamm': .*; choose another one of timm's$"):
        make_optimizer(Conv(), OptimTable(type="adamm"))


def rates(schedule, steps, **options):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=9.0)
    made = make_schedule(optimizer, schedule, lr=0.1, steps=steps, **options)
    found = []
    for step in range(steps):
        made.step_update(step)
        found.append(optimizer.param_groups[0]["lr"])
    return found


def test_schedules_are_functions_of_the_step():
    assert rates("constant", 6, warmup=0) == pytest.approx([0.1] * 6)
    assert rates("constant", 6, warmup=4) == pytest.approx([0, 0.025, 0.05, 0.075, 0.1, 0.1])
    cosine = [0.05 * (1 + math.cos(math.pi * step / 8)) for step in range(8)]
    assert rates("cosine", 8, warmup=0) == pytest.approx(cosine)
    assert rates("cosine", 8, warmup=2)[2:] == pytest.approx(cosine[2:])


def test_averaged_weights_follow_slowly():
    module = Conv()
    ema = make_ema(module, 0.5)
    start = module.conv.weight.detach().clone()
    with torch.no_grad():
        module.conv.weight += 1
    for step in range(1000, 1002):
        ema.update(module, step)
    torch.testing.assert_close(ema.module.conv.weight.detach(), start + 0.75)
    assert make_ema(module, 0.0) is None


def test_a_state_is_read_as_it_was_saved(tmp_path, monkeypatch):
    monkeypatch.setattr(state, "SHARD", 64)
    tree = {
        "large": torch.arange(100.0).view(4, 25).t(), "half": torch.randn(50).bfloat16(), "none": torch.zeros(0, 3),
        "scalar": torch.tensor(7), "mask": torch.tensor([True, False]), "fits": torch.ones(16),
        "optimizer": {"state": {0: {"step": torch.tensor(3.0)}, 1: {}}, "groups": [{"lr": 0.1, "betas": [0.9, 0.99]}]},
        "weights": {"l1": 1.0, "vgg": None}, "step": 3,
    }  # fmt: skip
    state.save_state(tmp_path, tree, 3)
    shards = sorted((tmp_path / "step-00000003").glob("*.safetensors"))
    assert len(shards) > 8
    assert all(sum(t.nbytes for t in load_file(shard).values()) <= 64 for shard in shards)
    found = state.read_state(tmp_path)
    for key in ("large", "half", "none", "scalar", "mask", "fits"):
        assert found[key].dtype == tree[key].dtype and torch.equal(found.pop(key), tree.pop(key))
    assert torch.equal(found["optimizer"]["state"][0].pop("step"), tree["optimizer"]["state"][0].pop("step"))
    assert found == tree


def test_the_newest_states_stay_and_what_a_kill_left_is_none(tmp_path):
    for step in (1, 2, 2, 3):
        state.save_state(tmp_path, {"x": torch.full((2,), float(step))}, step)
    (tmp_path / "step-00000009.part").mkdir()
    assert sorted(path.name for path in tmp_path.glob("*") if not path.suffix) == [
        "step-00000002",
        "step-00000003",
    ]
    assert state.read_state(tmp_path)["x"].tolist() == [3, 3]
    (tmp_path / "step-00000003" / "000.safetensors").write_bytes(b"cut")
    with pytest.raises(
        RestorekitError, match=r"step-00000003 is damaged: .*remove it to resume from the state before"
    ):
        state.read_state(tmp_path)
    with pytest.raises(RestorekitError, match="nothing was saved yet"):
        state.read_state(tmp_path / "nowhere")


def test_a_signal_is_noted_and_a_second_one_interrupts():
    before = signal.getsignal(signal.SIGTERM)
    with Interrupt(signal.SIGTERM) as interrupt:
        assert not interrupt.asked
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupt.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_log_drops_what_will_be_done_again_and_what_a_kill_cut_short(tmp_path):
    file = tmp_path / "log.jsonl"
    file.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"st')
    with Log(file, 2, 10) as log:
        for value in (1.0, 3.0):
            log.step({"l1": torch.tensor(value)}, 2)
        log.line(4, 0, 0.1)
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert [record["step"] for record in records] == [1, 2, 4]
    assert records[-1]["terms"] == {"l1": 2.0}
    with Log(file, 4, 10) as log, pytest.raises(RestorekitError, match="l1 is not finite by step 5"):
        log.step({"l1": torch.tensor(math.nan)}, 2)
        log.line(5, 0, 0.1)


def test_a_run_directory_holds_everything(recipe, tmp_path):
    run = tmp_path / "runs" / "one"
    assert train(recipe(), run, device="cpu") == run / "bundle"
    assert sorted(path.name for path in run.iterdir()) == [
        "bundle", "environment.json", "log.jsonl", "recipe.toml", "samples", "state"]  # fmt: skip
    assert [path.name for path in (run / "samples").iterdir()] == ["step-00000004.png"]
    assert sorted(path.name for path in (run / "state").iterdir()) == ["step-00000002", "step-00000004"]
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [(line["step"], line["stage"]) for line in lines if "stage" in line] == [
        (1, 0),
        (2, 1),
        (3, 1),
        (4, 1),
    ]
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

    def interrupted(*given):
        os.kill(os.getpid(), signal.SIGINT)
        return take(*given)

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
        ({}, mine, "mine is not empty; choose another directory with -o"),
        ({"overwrite": True}, mine, "mine is not empty; choose another directory with -o"),
        ({"resume": True}, mine, "nothing to resume in .*mine; train without --resume"),
        ({}, file, "file is not a directory; choose another directory with -o"),
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
    assert changed_keys(before, dataclasses.replace(Term("", None, (), False, 1.0, None)) and before) == []
