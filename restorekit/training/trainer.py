"""What is trained, and how one step of it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.bundle import load_weights
from restorekit.contracts import Batch, Outputs
from restorekit.data.degrade import degrade, to_device
from restorekit.data.loader import Drawn
from restorekit.data.samples import STEP
from restorekit.device import bf16_pays, compile_pays, memory_format
from restorekit.errors import RestorekitError
from restorekit.recipe import Recipe
from restorekit.recipe.build import Stage, Term
from restorekit.training.adversarial import Adversary, synchronised
from restorekit.training.balance import balance
from restorekit.training.guard import Guard, Guarded, check_weights
from restorekit.training.objective import Levels, build_criteria, content_terms, encode, judged, output_norms
from restorekit.training.optim import load_optimizer, make_ema, make_optimizer
from restorekit.training.processes import Processes

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
        self.processes = Processes(device)
        self._accelerator = _accelerator(device, self._settings.train.precision, self._some_unused())
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
                    self.processes,
                )
                for term in self._parts.terms
                if term.adversarial
            }
            self._criteria = build_criteria(self._parts.terms, device)
        self._layout = memory_format(device)
        module = synchronised(module, device, self.processes).to(memory_format=self._layout)
        if not torch.are_deterministic_algorithms_enabled() and (
            self._settings.train.compile is True
            or (self._settings.train.compile == "auto" and compile_pays(device))
        ):
            module.compile(dynamic=False)  # a stage of another size is compiled anew
        optimizer = make_optimizer(module, self._settings.optim)
        self.module, self.optimizer = self._accelerator.prepare(module, optimizer)
        self._bare: nn.Module = self._accelerator.unwrap_model(self.module)
        self._guarded = Guarded(self._bare, self.optimizer, self.processes)
        self.guard = Guard(device, self._settings.train.max_skipped, self.processes)
        self._ema = make_ema(self._bare, self._settings.train.ema)
        self.weights = {term.name: term.weight for term in self._parts.terms}
        """Each loss's weight; None until it is balanced."""

    @property
    def averaged(self) -> nn.Module:
        """The module that validation and bundles take."""
        return self._ema.module if self._ema else self._bare

    @property
    def has_batch_norm(self) -> bool:
        """Whether a network's outputs depend on what else is in its batch."""
        from torch.nn.modules.batchnorm import _BatchNorm

        return any(isinstance(m, _BatchNorm) for net in self._networks().values() for m in net.modules())

    @property
    def precision(self) -> str:
        """What it computes in: fp32 or bf16."""
        return "fp32" if self._accelerator.mixed_precision == "no" else self._accelerator.mixed_precision

    def terms(self, stage: Stage) -> list[Term]:
        """The losses that count in a stage."""
        return [term for term in self._parts.terms if term.name in stage.losses]

    def _levels(self, drawn: Drawn, stage: Stage) -> Levels:
        draws = to_device(drawn.draws, self._accelerator.device)
        return encode(self.inputs(drawn, stage), self._parts.tasks, draws, self._parts.network.scales)

    def try_losses(self, drawn: Drawn, stage: Stage) -> None:
        """See that the losses of a stage can be computed: what they read may be missing, or of another network.

        Raises:
            RestorekitError: One cannot.
        """
        import torch

        with torch.no_grad():
            levels = self._levels(drawn, stage)
            content_terms(levels.targets, levels, self.terms(stage), self.weights, self._criteria)

    def forward(self, drawn: Drawn, stage: Stage) -> tuple[Outputs, Levels]:
        """Degrade a batch, encode it for every task and scale, and run the network; outputs are float32."""
        levels = self._levels(drawn, stage)
        inputs = {
            task: [level.contiguous(memory_format=self._layout) for level in given]
            for task, given in levels.inputs.items()
        }
        with self._accelerator.autocast():
            outputs = self.module(inputs)
        return {task: [level.float() for level in given] for task, given in outputs.items()}, levels

    def balance(self, batches: Iterable[Drawn], stage: Stage) -> None:
        """Find the weights that are still to be found of a stage's losses, on a few of its batches."""
        import torch

        terms = self.terms(stage)
        auto = [term.name for term in terms if self.weights[term.name] is None]
        with torch.no_grad():
            pairs = (self.forward(drawn, stage) for drawn in batches)
            measured = (content_terms(*pair, terms, self.weights, self._criteria) for pair in pairs)
            everyones = ({n: self.processes.mean(value) for n, value in each.items()} for each in measured)
            self.weights |= balance(everyones, auto)

    def step(
        self, drawn: Drawn, stage: Stage, number: int, *, watch: bool = False
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Take step ``number``, of the discriminators first, then of the generator.

        Nothing in it waits for the device. A step whose loss or gradient is not finite is left out, and counted.

        Args:
            drawn: The batch.
            stage: The stage.
            number: How many steps were taken before.
            watch: Whether to find the norms of each term's gradient, too.

        Returns:
            Every term of both sides, and the norms of the gradient: in ``total`` that of the generator's weights before
            it is clipped, then those of ``output_norms``. None is a number if the step was left out.
        """
        import torch

        # Should a network or loss draw, it too depends on nothing but the seed and the step.
        own = [self.processes.index] if self.processes.index else []
        entropy = np.random.SeedSequence([self._settings.seed, STEP, number, *own])
        torch.manual_seed(int(entropy.generate_state(1)[0]))
        self._guarded.begin()
        outputs, levels = self.forward(drawn, stage)
        terms = self.terms(stage)
        players = [self._adversaries[term.name] for term in terms if term.adversarial]
        verdicts = {f"{player.term.name}/discriminator": player.step(outputs, levels) for player in players}
        with self._accelerator.autocast():
            losses = content_terms(outputs, levels, terms, self.weights, self._criteria)
            for player in players:
                losses[f"{player.term.name}/{player.task}"] = player.generator_term(outputs, levels)
        found = output_norms(losses, outputs) if watch else {}
        norms = {name: self.processes.norm(value) for name, value in found.items()}
        loss: Any = sum(losses.values())
        self._accelerator.backward(loss)
        norms["total"], left_out = self._guarded.step(loss, self._settings.optim.clip)
        for name, (value, skipped) in verdicts.items():
            losses[name], left_out = value, left_out | skipped
        self.guard.count(loss, left_out)
        shown, norms = (
            {name: torch.where(left_out, torch.nan, value) for name, value in values.items()}
            for values in (losses, norms)
        )
        return shown, norms

    def inputs(self, drawn: Drawn, stage: Stage) -> Batch:
        """What a step sees of a batch."""
        return degrade(drawn, stage.degradations, self._accelerator.device)

    def average(self, step: int) -> None:
        """Let the averaged weights follow, after ``step`` steps."""
        if self._ema:
            self._ema.update(self._bare, step)

    def _some_unused(self) -> bool:
        """Whether a stage leaves some outputs without a loss, and what leads to them alone without a gradient."""
        outputs = {(task, scale) for task in self._parts.tasks for scale in range(self._parts.network.scales)}
        return any(
            outputs - judged(self.terms(stage), self._parts.network.scales) for stage in self._parts.stages
        )

    def _networks(self) -> dict[str, nn.Module]:
        networks = {"generator": self._bare}
        if self._ema:
            networks["ema"] = self._ema.module
        return networks | {f"{name}.discriminator": each.module for name, each in self._adversaries.items()}

    def _optimizers(self) -> dict[str, Any]:
        others = {f"{name}.optimizer": each.optimizer for name, each in self._adversaries.items()}
        return {"optimizer": self.optimizer} | others

    def state(self, step: int) -> dict[str, Any]:
        """Everything that the next step depends on, but for the recipe and the step's number.

        Args:
            step: Steps taken, for the error.

        Raises:
            RestorekitError: A weight is not finite, so that there is nothing to go on from.
        """
        networks = self._networks()
        check_weights(networks, step)
        return {"weights": self.weights, "guard": self.guard.state()} | {
            name: owner.state_dict() for name, owner in (networks | self._optimizers()).items()
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take up where ``state`` was made; what the recipe now says of weights and optimisers holds.

        Raises:
            RestorekitError: The state is of another network, optimiser or discriminator, or of other losses.
        """
        try:
            if (before := list(state["weights"])) != (now := list(self.weights)):
                raise ValueError(f"its losses are {', '.join(before)}, the recipe's {', '.join(now)}")
            for name, weight in self.weights.items():
                if weight is None:
                    self.weights[name] = state["weights"][name]
            for name, network in self._networks().items():
                network.load_state_dict(state[name])
            for name, optimizer in self._optimizers().items():
                load_optimizer(optimizer, state[name])
            if "guard" in state:  # runs begun before there was a guard have none
                self.guard.load_state(state["guard"])
        except (RuntimeError, ValueError, KeyError) as error:
            reason = " ".join(str(error).split())[:200]
            raise RestorekitError(
                f"the saved state does not fit the recipe: {reason}",
                "resume with the network, losses and optimisers it was made with, or start anew with --init",
            ) from None


def _accelerator(device: torch.device, precision: str, some_unused: bool) -> Any:
    import torch
    from accelerate import Accelerator, DistributedDataParallelKwargs
    from accelerate.state import AcceleratorState

    # Or a second run in a process would keep the first one's device and precision.
    AcceleratorState._reset_state(reset_partial_state=True)
    if device.type == "cuda":
        # Sizes stay the same for a whole stage, so that trying pays; but what is tried out may differ to the bit.
        torch.backends.cudnn.benchmark = not torch.are_deterministic_algorithms_enabled()
        if device.index is not None:
            torch.cuda.set_device(device)
    if precision == "auto":
        precision = "bf16" if bf16_pays(device) else "fp32"
    # A discriminator looks twice before it learns: running statistics must not be changed in between.
    shared = DistributedDataParallelKwargs(find_unused_parameters=some_unused, broadcast_buffers=False)
    return Accelerator(
        cpu=device.type == "cpu",
        mixed_precision={"fp32": "no"}.get(precision, precision),
        kwargs_handlers=[shared],
    )
