"""The two sides of the game apart."""

import pytest
import torch
from torch import nn
from torch.nn.functional import softplus

from restorekit import Batch
from restorekit.optimisation import optimisers
from restorekit.recipe import Term
from restorekit.training.adversary import Adversary
from restorekit.training.compute import Compute
from restorekit.training.objective import Levels
from restorekit.training.processes import Processes
from restorekit_losses.adversarial import DCGAN


class Conv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, inputs):
        return {task: [self.norm(self.conv(level)) for level in levels] for task, levels in inputs.items()}


def copied(*owners):
    return [{key: value.clone() for key, value in owner.state_dict().items()} for owner in owners]


def unchanged(before, *owners):
    return all(
        torch.equal(value, old[key])
        for old, owner in zip(before, owners, strict=True)
        for key, value in owner.state_dict().items()
    )


@pytest.fixture
def game():
    """An adversary, a generator, and the two sides of their game."""
    torch.manual_seed(0)
    game = Term(
        name="game", loss=DCGAN(channels=2), scales="finest", weight=0.1, optim=optimisers.adam(lr=1e-2)
    )
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
