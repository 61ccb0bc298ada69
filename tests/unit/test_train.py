"""The objective written out, the two sides of the game apart, and timm's optimisers as recipes name them."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import interpolate, softplus

from restorekit import Batch, RestorekitError, Task
from restorekit.data.image_task import ImageTask
from restorekit.optimisation import optimisers
from restorekit.optimisation.schedules import Constant, Cosine
from restorekit.recipe import Stage, Term
from restorekit.training.adversary import Adversary
from restorekit.training.balance import balance
from restorekit.training.compute import Compute
from restorekit.training.objective import Levels, build_criteria, content_terms, encode
from restorekit.training.optim import Rates, make_ema, make_optimizer
from restorekit.training.processes import Processes
from restorekit_gradient_task.gradient import GradientTask
from restorekit_losses.adversarial import DCGAN
from restorekit_losses.content import L1


class Conv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, inputs):
        return {task: [self.norm(self.conv(level)) for level in levels] for task, levels in inputs.items()}


@pytest.fixture(autouse=True)
def one_thread():
    """So small a network is slower on two, and crawls where the cores have other work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def term(name, loss, tasks=("image",), finest_only=False, weight=1.0):
    scales = "finest" if finest_only else "all"
    optim = optimisers.adam(lr=1e-2)
    return Term(name=name, loss=loss, tasks=tasks, scales=scales, weight=weight, optim=optim)


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
        term("content", Noting(), ("image", "gradient"), weight=0.5),
        term("fine", L1(), finest_only=True, weight=None),
        term("game", DCGAN()),
    ]
    found = content_terms(outputs, levels, terms, build_criteria(terms, torch.device("cpu")))
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
    game = term("game", DCGAN(channels=2), weight=0.1)
    adversary = Adversary(game, 3, 32, Compute(Processes(torch.device("cpu")), "fp32"))
    generator, degraded, sharp = Conv(), torch.rand(4, 3, 32, 32), torch.rand(4, 3, 32, 32)
    outputs = generator({"image": [degraded]})
    levels = Levels([Batch(sharp, degraded, scale=0)], {"image": [degraded]}, {"image": [sharp]})
    return adversary, generator, outputs, levels


def test_the_discriminators_step_leaves_the_generator_alone(game):
    adversary, generator, outputs, levels = game
    real, fake = levels.targets["image"][-1], outputs["image"][-1].detach()
    wanted = (softplus(-adversary.module(real)).mean() + softplus(adversary.module(fake)).mean()).item()
    before, own = copied(generator), copied(adversary.module)
    adversary.learner.begin()
    loss = adversary.learn(outputs, levels)
    _, left_out = adversary.learner.step(loss)
    assert loss.item() == pytest.approx(wanted, rel=1e-5) and not left_out
    assert unchanged(before, generator)
    assert all(parameter.grad is None for parameter in generator.parameters())
    assert not unchanged(own, adversary.module)


def test_the_generators_term_leaves_the_discriminator_alone(game):
    adversary, generator, outputs, levels = game
    adversary.learner.begin()
    adversary.learner.step(adversary.learn(outputs, levels))
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
    optimizer = make_optimizer(Conv(), optimisers.adamw(lr=0.1, betas=(0.5, 0.9), weight_decay=0.3))
    decays = {group["weight_decay"]: len(group["params"]) for group in optimizer.param_groups}
    assert type(optimizer).__name__ == "AdamW" and decays == {0.3: 1, 0.0: 3}
    assert all((group["lr"], group["betas"]) == (0.1, (0.5, 0.9)) for group in optimizer.param_groups)
    with pytest.raises(RestorekitError, match=r"^optimiser 'bnbadam': .*; choose another one$"):
        make_optimizer(Conv(), optimisers.bnbadam())


def rates(schedule, steps, **options):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=9.0)
    made = Rates(optimizer, Stage(steps=steps, losses=(), lr=0.1, schedule=schedule), **options)
    found = []
    for step in range(steps):
        made.set(step)
        found.append(optimizer.param_groups[0]["lr"])
    return found


def test_schedules_are_functions_of_the_step():
    assert rates(Constant(), 6, warmup=0) == pytest.approx([0.1] * 6)
    assert rates(Constant(), 6, warmup=4) == pytest.approx([0, 0.025, 0.05, 0.075, 0.1, 0.1])
    cosine = [0.05 * (1 + math.cos(math.pi * step / 8)) for step in range(8)]
    assert rates(Cosine(), 8, warmup=0) == pytest.approx(cosine)
    assert rates(Cosine(), 8, warmup=2)[2:] == pytest.approx(cosine[2:])


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
