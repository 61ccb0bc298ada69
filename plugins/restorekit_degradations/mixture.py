"""One of several degradations, drawn by weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit import Degradation

if TYPE_CHECKING:
    from torch import Tensor

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Mixture(Degradation):
    """One of several degradations, drawn for every image by weight.

    The border consumed is that of the choice that consumes most; the others get a smaller crop.

    Attributes:
        choices: The degradations, each a table of its own with a type: ``[[degradation.choices]]``.
        weights: How often each is drawn, relative to their sum; equally often if left out.

    Raises:
        ValueError: If there is no choice, or the weights do not fit.
    """

    choices: tuple[Degradation, ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.choices:
            raise ValueError("choices must hold at least one degradation; add [[degradation.choices]] tables")
        if self.weights and len(self.weights) != len(self.choices):
            raise ValueError(
                f"weights must be {len(self.choices)}, one for each choice, not {len(self.weights)}"
            )
        if self.weights and not (min(self.weights) >= 0 and 0 < sum(self.weights) < np.inf):
            raise ValueError(f"weights must not be negative, nor all 0, not {list(self.weights)}")

    @property
    def margin(self) -> int:
        """The largest margin of a choice."""
        return max(choice.margin for choice in self.choices)

    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw a choice, and what every choice needs.

        Returns:
            ``choice``, 0-d int64, and what choice 0, 1 ... drew as ``0.kernel``, ``1.sigma`` and so on.
        """
        weights = np.array(self.weights or [1.0] * len(self.choices))
        drawn = {"choice": np.array(rng.choice(len(weights), p=weights / weights.sum()))}
        for i, (choice, lost) in enumerate(zip(self.choices, self._lost(), strict=True)):
            params = choice.sample(rng, height - 2 * lost, width - 2 * lost)
            drawn |= {f"{i}.{key}": value for key, value in params.items()}
        return drawn

    def apply(self, images: Tensor, choice: Tensor, **params: Tensor) -> Tensor:
        """Degrade N,3,H,W, each image by its choice, into N,3,H - 2 margin,W - 2 margin."""
        import torch

        height, width = (side - 2 * self.margin for side in images.shape[-2:])
        out = torch.empty(*images.shape[:2], height, width, device=images.device)
        for i, (degradation, lost) in enumerate(zip(self.choices, self._lost(), strict=True)):
            (chosen,) = torch.where(choice == i)
            if not len(chosen):
                continue
            inner = images[chosen, :, lost : images.shape[-2] - lost, lost : images.shape[-1] - lost]
            own = {
                key.partition(".")[2]: value[chosen]
                for key, value in params.items()
                if key.startswith(f"{i}.")
            }
            out[chosen] = degradation.apply(inner, **own)
        return out

    def _lost(self) -> list[int]:
        """The border that each choice leaves over of the mixture's margin."""
        return [self.margin - choice.margin for choice in self.choices]
