"""A stage freezes weights by name: they stay as they are, to the bit, in one process and in two, and after resuming."""

import pytest
import torch

from restorekit import RestorekitError, train
from restorekit.training.feed import Feed
from restorekit.training.processes import Processes
from restorekit.training.spans import spans
from restorekit.training.trainer import Trainer

ALONE = Processes(torch.device("cpu"))
BOTH = "losses=['l1', 'charbonnier']"
STAGES = f"stage=[{{steps=2, {BOTH}, freeze=['start.*', 'encoder.*']}}, {{steps=2, {BOTH}}}]"


def weights(trainer):
    return {name: w.detach().clone() for name, w in trainer.networks.generator.module.named_parameters()}


@pytest.mark.parametrize("optimiser", ["adamw", "muon"])
def test_what_a_stage_freezes_stays_and_learns_in_the_next(recipe, optimiser):
    made = recipe(STAGES, f"optim.type={optimiser}", "optim.weight_decay=0.1")
    trainer, feed = Trainer(made, ALONE), Feed(made, ALONE)
    before = weights(trainer)
    for span, frozen in zip(spans(made.stages), (("start.", "encoder."), ("nothing",)), strict=True):
        trainer.enter(span)
        for raw in feed.rest(span, span.begin):
            trainer.step(raw)
        after = weights(trainer)
        same = {name for name in after if torch.equal(before[name], after[name])}
        expected = {name for name in after if name.startswith(frozen)}
        assert expected <= same and not any(name.startswith("heads") for name in same)
        if frozen == ("nothing",):
            assert not any(name.startswith(("start.", "encoder.")) for name in same)
        before = after


def test_a_resumed_run_freezes_as_the_whole_run_does(recipe, tmp_path, monkeypatch):
    from safetensors.torch import load_file

    made = recipe(STAGES)
    whole = train(made, tmp_path / "whole", device="cpu")
    step = Trainer.step

    def stopped(trainer, *given, **options):
        if trainer.taken == 3:
            raise KeyboardInterrupt
        return step(trainer, *given, **options)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Trainer, "step", stopped)
        train(made, tmp_path / "cut", device="cpu")
    cut = train(made, tmp_path / "cut", device="cpu", resume=True)
    one, other = (load_file(bundle / "model.safetensors") for bundle in (whole, cut))
    assert one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize(
    ("patterns", "words"),
    [
        ("['first.*']", "freeze: no weight of the network is named 'first.*'"),
        ("['start.*', '']", "freeze: no weight of the network is named ''"),
        ("['*']", "freeze: a stage leaves nothing to learn"),
    ],
)
def test_what_cannot_be_frozen_is_said_before_the_run_begins(recipe, tmp_path, patterns, words):
    made = recipe(f"stage=[{{steps=1, {BOTH}}}, {{steps=1, {BOTH}, freeze={patterns}}}]")
    with pytest.raises(RestorekitError) as told:
        train(made, tmp_path / "run", device="cpu")
    assert told.value.message == words and told.value.hint
    assert not (tmp_path / "run" / "bundle").exists()
