"""What is trained, and how one step of it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.contracts import Batch, Outputs
from restorekit.data.degrade import degrade, to_device
from restorekit.data.loader import RawBatch
from restorekit.data.samples import STEP
from restorekit.errors import RestorekitError, brief
from restorekit.recipe import Recipe, Term
from restorekit.training.adversary import Adversary
from restorekit.training.balance import balance
from restorekit.training.compute import Compute
from restorekit.training.guard import Guard
from restorekit.training.learner import untouched
from restorekit.training.networks import Networks
from restorekit.training.objective import Levels, content_terms, encode, output_norms
from restorekit.training.optim import Rates
from restorekit.training.processes import Processes
from restorekit.training.spans import Span, spans

if TYPE_CHECKING:
    from torch import Tensor

    View = tuple[Outputs, Levels]


class Trainer:
    """Takes steps, stage by stage.

    Args:
        recipe: What to train.
        processes: Where, and who trains it together.
        init: A bundle; training starts from its weights.

    Attributes:
        recipe: The recipe, with the loss weights that were found so far.
        networks: What learns.
        taken: Steps taken.
        guard: What watches over the steps.
    """

    def __init__(self, recipe: Recipe, processes: Processes, init: str | Path | None = None) -> None:
        self.recipe, self.processes, self.taken = recipe, processes, 0
        self.compute = Compute(processes, recipe.train.precision)
        self.networks = Networks(recipe, self.compute, init)
        self.guard = Guard(processes.device, recipe.train.max_skipped, processes)
        self._generator = self.networks.generator
        self._span = spans(recipe.stages)[0]

    @property
    def lr(self) -> float:
        """The generator's learning rate in the last step."""
        rate: float = self._generator.optimizer.param_groups[0]["lr"]
        return rate

    @property
    def terms(self) -> list[Term]:
        """The losses that count in the stage in hand."""
        return [term for term in self.recipe.terms if term.name in self._span.stage.losses]

    @property
    def _players(self) -> list[Adversary]:
        return [self.networks.adversaries[term.name] for term in self.terms if term.adversarial]

    def enter(self, span: Span) -> None:
        """Begin a stage, or go on in it."""
        self._span = span
        self.networks.freeze(span.stage.freeze)
        self._rates = Rates(self._generator.optimizer, span.stage, self.recipe.optim.warmup)

    def try_stage(self, span: Span, raw: RawBatch) -> None:
        """See that a stage can be trained: what its losses read may be missing, what it freezes of another network.

        A run would else end where a late stage begins.

        Raises:
            RestorekitError: It cannot.
        """
        import torch

        self._span = span
        self.networks.freeze(span.stage.freeze)
        with torch.no_grad():
            levels = self._levels(raw)
            content_terms(levels.targets, levels, self.terms, self.networks.criteria)

    @property
    def auto(self) -> list[str]:
        """The losses of the stage in hand whose weight is still to be found."""
        return [term.name for term in self.terms if term.weight is None]

    def balance(self, batches: Iterable[RawBatch]) -> dict[str, float]:
        """Find the weights that are still to be found of the stage's losses, on a few of its batches."""
        import torch

        with torch.no_grad():
            views = (self.forward(raw) for raw in batches)
            measured = (content_terms(*view, self.terms, self.networks.criteria) for view in views)
            everyones = ({n: self.processes.mean(value) for n, value in each.items()} for each in measured)
            found = balance(everyones, self.auto)
        self.recipe = self.recipe.with_weights(found)
        return found

    def inputs(self, raw: RawBatch) -> Batch:
        """What a step sees of a batch."""
        return degrade(raw, self._span.stage.degradations, self.compute.device)

    def _levels(self, raw: RawBatch) -> Levels:
        draws = to_device(raw.draws, self.compute.device)
        return encode(self.inputs(raw), self.recipe.tasks, draws, self.recipe.network.scales)

    def forward(self, raw: RawBatch) -> View:
        """Degrade a batch, encode it for every task and scale, and run the network; outputs are float32."""
        levels = self._levels(raw)
        inputs = {
            task: [level.contiguous(memory_format=self.compute.layout) for level in given]
            for task, given in levels.inputs.items()
        }
        with self.compute.autocast():
            outputs = self._generator.shared(inputs)
        return {task: [level.float() for level in given] for task, given in outputs.items()}, levels

    def step(
        self, raw: RawBatch, *, watch: bool = False
    ) -> tuple[Mapping[str, Tensor], Mapping[str, Tensor]]:
        """Take one step: of the discriminators first, then of the generator, then of the averaged weights.

        Nothing in it waits for the device. A step whose loss or gradient is not finite is left out, and counted.

        Args:
            raw: The batch, or this process's part of it.
            watch: Whether to find the norms of each term's gradient, too.

        Returns:
            Every term of both sides, and the norms of the gradient: in ``total`` that of the generator's weights before
            it is clipped, then those of ``output_norms``. None is a number if the step was left out.
        """
        import torch

        self._rates.set(self.taken - self._span.begin)
        parts = raw.split(self.recipe.train.accumulate)
        self._generator.begin()
        view = self._seeded(parts, 0) if len(parts) == 1 else None  # one pass serves both sides
        verdicts, left_out = self._play(parts, view)
        losses: dict[str, Tensor] = {}
        pulls: dict[str, list[Tensor]] = {}
        for number in range(len(parts)):
            with self._generator.part(last=number + 1 == len(parts)):
                outputs, levels = view or self._seeded(parts, number)
                share = len(parts[number]) / len(raw)
                terms = {name: value * share for name, value in self._losses(outputs, levels).items()}
                for name, norm in (output_norms(terms, outputs) if watch else {}).items():
                    pulls.setdefault(name, []).append(norm)
                sum(terms.values()).backward()  # type: ignore[union-attr]
            _add(losses, terms)
        loss: Any = sum(losses.values())
        total, skipped = self._generator.step(loss, self.recipe.optim.clip)
        left_out = left_out | skipped
        self.guard.count(loss, left_out)
        self.taken += 1
        self.networks.average(self.taken)
        norms = {n: self.processes.norm(torch.stack(each).norm()) for n, each in pulls.items()}
        shown, pulled = (
            {name: torch.where(left_out, torch.nan, value) for name, value in values.items()}
            for values in (losses | verdicts, norms | {"total": total})
        )
        return shown, pulled

    def _seeded(self, parts: Sequence[RawBatch], number: int) -> View:
        """Run the network on one part of a batch."""
        import torch

        # Should a network or loss draw, it too depends on nothing but the seed, the step and the part of the batch.
        position = self.processes.index * len(parts) + number
        entropy = np.random.SeedSequence([self.recipe.seed, STEP, self.taken, position])
        torch.manual_seed(int(entropy.generate_state(1)[0]))
        return self.forward(parts[number])

    def _play(self, parts: Sequence[RawBatch], view: View | None) -> tuple[dict[str, Tensor], Tensor]:
        """Take the discriminators' step.

        Of several parts the generator's outputs cannot be kept until its own step, which needs more memory than there
        is; they are computed twice.

        Args:
            parts: The batch.
            view: The generator's outputs, of a batch of one part.

        Returns:
            The discriminators' losses, and whether a step was left out.
        """
        import torch

        players = self._players
        verdicts: dict[str, Tensor] = {}
        left_out = torch.zeros((), dtype=torch.bool, device=self.compute.device)
        for player in players:
            player.learner.begin()
        for number, part in enumerate(parts if players else ()):
            outputs, levels = view or self._glimpse(parts, number)
            share, last = len(part) / sum(map(len, parts)), number + 1 == len(parts)
            _add(
                verdicts,
                {player.verdict: player.learn(outputs, levels, share, last=last) for player in players},
            )
        for player in players:
            left_out = left_out | player.learner.step(verdicts[player.verdict])[1]
        return verdicts, left_out

    def _glimpse(self, parts: Sequence[RawBatch], number: int) -> View:
        """Run the network as its own step will, leaving no trace of it."""
        import torch

        with torch.no_grad(), untouched(self._generator.module):
            return self._seeded(parts, number)

    def _losses(self, outputs: Outputs, levels: Levels) -> dict[str, Tensor]:
        """Return the terms of the generator."""
        with self.compute.autocast():
            losses = content_terms(outputs, levels, self.terms, self.networks.criteria)
            for player in self._players:
                losses[f"{player.term.name}/{player.task}"] = player.generator_term(outputs, levels)
        return losses

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on, but for the recipe.

        Raises:
            RestorekitError: A weight is not finite, so that there is nothing to go on from.
        """
        weights = {term.name: term.weight for term in self.recipe.terms}
        found = {"step": self.taken, "weights": weights, "guard": self.guard.state()}
        return found | self.networks.state(self.taken)

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take up where ``state`` was made; what the recipe now says of weights and optimisers holds.

        Raises:
            RestorekitError: The state is of another network, optimiser or discriminator, or of other losses.
        """
        try:
            before, now = list(state["weights"]), [term.name for term in self.recipe.terms]
            if before != now:
                raise ValueError(f"its losses are {', '.join(before)}, the recipe's {', '.join(now)}")
            found = {name: weight for name, weight in state["weights"].items() if weight is not None}
            self.taken, self.recipe = state["step"], self.recipe.with_weights(found)
            self.networks.load_state(state)
            if "guard" in state:  # runs begun before there was a guard have none
                self.guard.load_state(state["guard"])
        except (RuntimeError, ValueError, KeyError) as error:
            raise RestorekitError(
                f"the saved state does not fit the recipe: {brief(error)}",
                "resume with the network, losses and optimisers it was made with, or begin again from the weights of "
                "its bundle",
            ) from None


def _add(sums: dict[str, Tensor], values: Mapping[str, Tensor]) -> None:
    """Add values to sums by their names; the graph behind them is let go."""
    for name, value in values.items():
        sums[name] = sums[name] + value.detach() if name in sums else value.detach()
