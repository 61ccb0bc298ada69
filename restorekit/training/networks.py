"""All that learns in a run: the generator with its averaged weights, and the discriminators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.bundle import load_weights
from restorekit.device import compile_pays
from restorekit.errors import RestorekitError, brief
from restorekit.recipe import Recipe
from restorekit.training.adversary import Adversary
from restorekit.training.compute import Compute
from restorekit.training.guard import check_weights
from restorekit.training.learner import Learner
from restorekit.training.objective import build_criteria, some_unused
from restorekit.training.optim import load_optimizer, make_ema

if TYPE_CHECKING:
    from torch import nn


class Networks:
    """The networks of a recipe with their optimisers, from the recipe's seed.

    Args:
        recipe: What to train.
        compute: Where.
        init: A bundle whose weights the generator starts from.

    Attributes:
        generator: The generator and its optimiser.
        adversaries: The discriminators, by the name of their loss.
        criteria: What computes each of the other losses, by its name.
    """

    def __init__(self, recipe: Recipe, compute: Compute, init: str | Path | None = None) -> None:
        import torch

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            module = recipe.network.build(recipe.tasks)
            if init is not None:
                load_weights(module, init)
            self.adversaries = {
                term.name: Adversary(term, recipe.tasks[term.tasks[0]].channels, recipe.data.size, compute)
                for term in recipe.terms
                if term.adversarial
            }
            self.criteria = build_criteria(recipe.terms, compute.device)
        module = compute.place(module)
        wanted = recipe.train.compile
        compiles = compile_pays(compute.device) if wanted == "auto" else wanted
        if compiles and not torch.are_deterministic_algorithms_enabled():
            module.compile(dynamic=False)  # a stage of another size is compiled again
        optimizer = recipe.optim.optimiser.build(module, fused=True)
        self.generator = Learner(module, optimizer, compute.processes, some_unused=some_unused(recipe))
        self._ema = make_ema(module, recipe.train.ema)

    @property
    def averaged(self) -> nn.Module:
        """The module that validation and bundles take."""
        return self._ema.module if self._ema else self.generator.module

    def freeze(self, patterns: Sequence[str]) -> None:
        """Let the generator's weights that match a pattern stay as they are, and the others learn.

        Raises:
            RestorekitError: A pattern matches no weight, or nothing is left to learn.
        """
        weights = dict(self.generator.module.named_parameters())
        frozen: set[str] = set()
        for pattern in patterns:
            found = {name for name in weights if fnmatchcase(name, pattern)}
            if not found:
                raise RestorekitError(
                    f"freeze: no weight of the network is named '{brief(pattern)}'",
                    f"its weights have names such as {next(iter(weights))}; * stands for any characters",
                )
            frozen |= found
        if frozen == weights.keys():
            raise RestorekitError("freeze: a stage leaves nothing to learn", "freeze less in it")
        for name, weight in weights.items():
            weight.requires_grad_(name not in frozen)

    def average(self, taken: int) -> None:
        """Let the averaged weights follow, after ``taken`` steps."""
        if self._ema:
            self._ema.update(self.generator.module, taken)

    @property
    def has_batch_norm(self) -> bool:
        """Whether a network's outputs depend on what else is in its batch."""
        from torch.nn.modules.batchnorm import _BatchNorm

        return any(isinstance(part, _BatchNorm) for net in self._modules().values() for part in net.modules())

    def _modules(self) -> dict[str, nn.Module]:
        modules = {"generator": self.generator.module}
        if self._ema:
            modules["ema"] = self._ema.module
        return modules | {f"{name}.discriminator": each.module for name, each in self.adversaries.items()}

    def _optimizers(self) -> dict[str, Any]:
        others = {f"{name}.optimizer": each.optimizer for name, each in self.adversaries.items()}
        return {"optimizer": self.generator.optimizer} | others

    def state(self, taken: int) -> dict[str, Any]:
        """Return all weights, and what the optimisers have learnt.

        Args:
            taken: Steps taken, for the error.

        Raises:
            RestorekitError: A weight is not finite, so that there is nothing to go on from.
        """
        modules = self._modules()
        check_weights(modules, taken)
        return {name: owner.state_dict() for name, owner in (modules | self._optimizers()).items()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take up where ``state`` was made; the optimisers' settings stay those of the recipe.

        Raises:
            KeyError, RuntimeError, ValueError: It is of another network, optimiser or discriminator.
        """
        for name, module in self._modules().items():
            module.load_state_dict(state[name])
        for name, optimizer in self._optimizers().items():
            load_optimizer(optimizer, state[name])
