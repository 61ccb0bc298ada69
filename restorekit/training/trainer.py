"""What is trained, and how one step of it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.bundle import load_weights
from restorekit.contracts import Outputs
from restorekit.data.degrade import degrade, to_device
from restorekit.data.loader import Drawn
from restorekit.data.samples import STEP
from restorekit.device import bf16_pays
from restorekit.errors import RestorekitError
from restorekit.recipe import Recipe
from restorekit.recipe.build import Stage, Term
from restorekit.training.adversarial import Adversary
from restorekit.training.balance import balance
from restorekit.training.objective import Levels, content_terms, encode
from restorekit.training.optim import make_ema, make_optimizer

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


class Trainer:
    """The generator, its optimiser and averaged weights, and the discriminators with theirs.

    Args:
        recipe: What to train.
        device: Where.
        init: A bundle whose weights to start from.
    """

    def __init__(self, recipe: Recipe, device: torch.device, init: str | Path | None = None) -> None:
        import torch

        self._settings, self._parts = recipe.settings, recipe.parts
        self._accelerator = _accelerator(device, self._settings.train.precision)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._settings.seed)
            module = self._parts.network.build(self._parts.tasks)
            if init is not None:
                load_weights(module, init)
            self._adversaries = {
                term.name: Adversary(
                    term,
                    self._parts.tasks[term.tasks[0]].channels,
                    self._settings.data.size,
                    self._accelerator,
                )
                for term in self._parts.terms
                if term.adversarial
            }
        optimizer = make_optimizer(module, self._settings.optim)
        self.module, self.optimizer = self._accelerator.prepare(module, optimizer)
        self._bare: nn.Module = self._accelerator.unwrap_model(self.module)
        self._ema = make_ema(self._bare, self._settings.train.ema)
        self.weights = {term.name: term.weight for term in self._parts.terms}
        """Each loss's weight; None until it is balanced."""

    @property
    def averaged(self) -> nn.Module:
        """The module that validation and bundles take."""
        return self._ema.module if self._ema else self._bare

    @property
    def precision(self) -> str:
        """What it computes in: fp32 or bf16."""
        return "fp32" if self._accelerator.mixed_precision == "no" else self._accelerator.mixed_precision

    def terms(self, stage: Stage) -> list[Term]:
        """The losses that count in a stage."""
        return [term for term in self._parts.terms if term.name in stage.losses]

    def forward(self, drawn: Drawn, stage: Stage) -> tuple[Outputs, Levels]:
        """Degrade a batch, encode it for every task and scale, and run the network; outputs are float32."""
        batch = degrade(drawn, stage.degradations, self._accelerator.device)
        draws = to_device(drawn.draws, self._accelerator.device)
        levels = encode(batch, self._parts.tasks, draws, self._parts.network.scales)
        with self._accelerator.autocast():
            outputs = self.module(levels.inputs)
        return {task: [level.float() for level in given] for task, given in outputs.items()}, levels

    def balance(self, batches: Iterable[Drawn], stage: Stage) -> None:
        """Find the weights that are still to be found of a stage's losses, on a few of its batches."""
        import torch

        terms = self.terms(stage)
        auto = [term.name for term in terms if self.weights[term.name] is None]
        with torch.no_grad():
            pairs = (self.forward(drawn, stage) for drawn in batches)
            self.weights |= balance((content_terms(*pair, terms, self.weights) for pair in pairs), auto)

    def step(self, drawn: Drawn, stage: Stage, number: int) -> dict[str, Tensor]:
        """Take step ``number``, of the discriminators first, then of the generator; return every term of both."""
        import torch

        # Should a network or loss draw, it too depends on nothing but the seed and the step.
        entropy = np.random.SeedSequence([self._settings.seed, STEP, number])
        torch.manual_seed(int(entropy.generate_state(1)[0]))
        outputs, levels = self.forward(drawn, stage)
        terms = self.terms(stage)
        players = [self._adversaries[term.name] for term in terms if term.adversarial]
        shown = {f"{player.term.name}/discriminator": player.step(outputs, levels) for player in players}
        with self._accelerator.autocast():
            losses = content_terms(outputs, levels, terms, self.weights)
            for player in players:
                losses[f"{player.term.name}/{player.task}"] = player.generator_term(outputs, levels)
        self.optimizer.zero_grad(set_to_none=True)
        self._accelerator.backward(sum(losses.values()))
        if self._settings.optim.clip:
            self._accelerator.clip_grad_norm_(self.module.parameters(), self._settings.optim.clip)
        self.optimizer.step()
        return losses | shown

    def average(self, step: int) -> None:
        """Let the averaged weights follow, after ``step`` steps."""
        if self._ema:
            self._ema.update(self._bare, step)

    def _owners(self) -> dict[str, Any]:
        owners: dict[str, Any] = {"generator": self._bare, "optimizer": self.optimizer}
        if self._ema:
            owners["ema"] = self._ema.module
        for name, adversary in self._adversaries.items():
            owners |= {f"{name}.discriminator": adversary.module, f"{name}.optimizer": adversary.optimizer}
        return owners

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on, but for the recipe and the step's number."""
        return {"weights": self.weights} | {
            name: owner.state_dict() for name, owner in self._owners().items()
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take up where ``state`` was made; a weight that the recipe now states as a number stays that.

        Raises:
            RestorekitError: The state is of another network, optimiser or discriminator.
        """
        try:
            for name, weight in self.weights.items():
                if weight is None:
                    self.weights[name] = state["weights"][name]
            for name, owner in self._owners().items():
                owner.load_state_dict(state[name])
        except (RuntimeError, ValueError, KeyError) as error:
            reason = " ".join(str(error).split())[:200]
            raise RestorekitError(
                f"the saved state does not fit the recipe: {reason}",
                "resume with the network, losses and optimisers it was made with, or start anew with --init",
            ) from None


def _accelerator(device: torch.device, precision: str) -> Any:
    import torch
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    # Or a second run in a process would keep the first one's device and precision.
    AcceleratorState._reset_state(reset_partial_state=True)
    if device.type == "cuda" and device.index is not None:
        torch.cuda.set_device(device)
    if precision == "auto":
        precision = "bf16" if bf16_pays(device) else "fp32"
    return Accelerator(cpu=device.type == "cpu", mixed_precision={"fp32": "no"}.get(precision, precision))
