"""A batch cut into parts teaches what the whole batch does."""

import pytest
import torch

from restorekit.training.feed import Feed
from restorekit.training.learner import Learner
from restorekit.training.processes import Processes
from restorekit.training.spans import spans
from restorekit.training.trainer import Trainer

ALONE = Processes(torch.device("cpu"))
GAME = (
    "data.batch=4",
    "optim.type=sgd",
    "loss=[{type='l1'}, {type='charbonnier', weight=0.5},"
    " {type='dcgan', channels=2, norm='group', scales='finest', weight=0.1, optim={type='sgd'}}]",
    "stage=[{steps=3, losses=['l1', 'charbonnier', 'dcgan']}]",
)


@pytest.fixture
def taken(recipe, monkeypatch):
    """Take three steps; return each gradient that was taken, what each step showed, and the trainer."""

    def take(*overrides):
        made = recipe(*GAME, *overrides)
        trainer, feed = Trainer(made, ALONE), Feed(made, ALONE)
        (span,) = spans(made.stages)
        trainer.enter(span)
        gradients, step = [], Learner.step

        def noting(learner, *given):
            gradients.append([p.grad.clone() for p in learner.module.parameters() if p.grad is not None])
            return step(learner, *given)

        with monkeypatch.context() as patch:
            patch.setattr(Learner, "step", noting)
            shown = [trainer.step(raw, watch=True) for raw in feed.rest(span, 0)]
        return gradients, shown, trainer

    return take


@pytest.mark.parametrize("parts", [2, 3, 4, 9])
def test_the_gradients_of_both_sides_are_those_of_the_whole_batch(taken, parts):
    wanted, shown, whole = taken()
    found, seen, cut = taken(f"train.accumulate={parts}")
    assert len(wanted) == len(found) == 6  # of the discriminator and the generator, in three steps
    for one, other in zip(wanted, found, strict=True):
        torch.testing.assert_close(other, one, rtol=0, atol=1e-5)
    for one, other in zip(shown, seen, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-5)  # terms, and norms of their gradients
    assert whole.taken == cut.taken == 3
    for one, other in zip(
        whole.networks.averaged.parameters(), cut.networks.averaged.parameters(), strict=True
    ):
        torch.testing.assert_close(other, one, rtol=0, atol=1e-5)


def test_a_part_that_is_no_number_leaves_out_the_whole_step(taken, monkeypatch):
    forward, calls = Trainer.forward, []

    def spoilt(trainer, raw):
        outputs, levels = forward(trainer, raw)
        calls.append(len(raw))
        factor = float("nan") if len(calls) == 4 else 1.0  # twice each part, for both sides
        return {task: [level * factor for level in given] for task, given in outputs.items()}, levels

    monkeypatch.setattr(Trainer, "forward", spoilt)
    _, shown, trainer = taken("train.accumulate=2")
    assert calls == [2] * 12 and trainer.guard.skipped == 1
    assert [bool(terms["l1/image/1"].isfinite()) for terms, _ in shown] == [False, True, True]


def test_bf16_takes_the_same_steps_about(taken):
    _, whole, _ = taken("train.precision=bf16")
    _, cut, _ = taken("train.precision=bf16", "train.accumulate=2")
    for (one, _), (other, _) in zip(whole, cut, strict=True):
        for name, value in one.items():
            torch.testing.assert_close(other[name], value, rtol=0.02, atol=1e-3)


def test_running_statistics_see_each_part_once(recipe):
    made = recipe(*GAME, "train.accumulate=2")
    trainer, feed = Trainer(made, ALONE), Feed(made, ALONE)
    (span,) = spans(made.stages)
    trainer.enter(span)
    module = trainer._generator.module
    module.seen = torch.nn.BatchNorm2d(3)
    module.register_forward_hook(
        lambda module, given, out: {
            task: [module.seen(level) for level in levels] for task, levels in out.items()
        }
    )
    trainer.step(next(feed.rest(span, 0)))
    assert module.seen.num_batches_tracked == 2 * len(made.network.scales * [0])


def test_a_batch_is_cut_into_parts_as_equal_as_can_be(recipe):
    made = recipe("data.batch=5")
    (span,) = spans(made.stages)
    raw = next(Feed(made, ALONE).rest(span, 0))
    for parts, sizes in ((1, [5]), (2, [2, 3]), (3, [2, 1, 2]), (5, [1] * 5), (7, [1] * 5)):
        cut = raw.split(parts)
        assert sorted(map(len, cut)) == sorted(sizes)
        assert [name for part in cut for name in part.ids] == raw.ids
        assert torch.equal(torch.cat([part.sharp for part in cut]), raw.sharp)
        noise = [part.params["gaussian_noise"]["noise"] for part in cut]
        assert torch.equal(torch.cat(noise), raw.params["gaussian_noise"]["noise"])
