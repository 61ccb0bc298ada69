"""One of several degradations, drawn by weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restorekit import Degradation

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from restorekit import Array


@dataclass(frozen=True)
class Mixture(Degradation):
    """One of several degradations, drawn for every image by weight.

    The border consumed is that of the choice that consumes most; the others get a smaller crop.

    Attributes:
        choices: The degradations, each a table of its own with a type: ``[[degradation.choices]]``.
        weights: How often each is drawn, relative to their sum; equally often if left out.

    Raises:
        ValueError: If there is no choice, one of them shrinks, or the weights do not fit.
    """

    choices: tuple[Degradation, ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.choices:
            raise ValueError("choices must hold at least one degradation; add [[degradation.choices]] tables")
        if any(choice.scale != 1 for choice in self.choices):
            raise ValueError("choices must not shrink, as the images of a batch have one size")
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

    @property
    def remedies(self) -> tuple[str, ...]:
        """Those of all choices."""
        return tuple(remedy for choice in self.choices for remedy in choice.remedies)

    @property
    def host_draws(self) -> tuple[str, ...]:
        """The choice, which decides how many images each degradation gets, and that of a mixture within."""
        inner = (f"{i}.{key}" for i, choice in enumerate(self.choices) for key in choice.host_draws)
        return ("choice", *inner)

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
        """Degrade N,3,H,W, each image by its choice, into N,3,H - 2 margin,W - 2 margin.

        The images are put in the order of their choices, so that each choice gets a stretch of known length.
        """
        import torch

        height, width = images.shape[-2:]
        order = choice.argsort(stable=True)
        places = {
            device: order.to(device, non_blocking=True) for device in _devices(images, *params.values())
        }
        images = images[places[images.device]]
        params = {key: value[places[value.device]] for key, value in params.items()}
        parts, first = [], 0
        for i, count in enumerate(choice.bincount(minlength=len(self.choices)).tolist()):
            lost, mine = self._lost()[i], slice(first, first + count)
            first += count
            if count:
                own = {k.partition(".")[2]: v[mine] for k, v in params.items() if k.startswith(f"{i}.")}
                inner = images[mine, :, lost : height - lost, lost : width - lost]
                parts.append(self.choices[i].apply(inner, **own))
        degraded = torch.cat(parts)
        out = torch.empty_like(degraded)
        out[places[images.device]] = degraded
        return out

    def kernel(self, choice: Tensor, **params: Tensor) -> Tensor | None:
        """Return each image's kernel by its choice, padded to the largest; None if no choice blurs."""
        import torch
        from torch.nn.functional import pad

        found = {}
        for i, each in enumerate(self.choices):
            own = {k.partition(".")[2]: v for k, v in params.items() if k.startswith(f"{i}.")}
            if (kernel := each.kernel(**own)) is not None:
                found[i] = kernel
        if not found:
            return None
        side = max(kernel.shape[-1] for kernel in found.values())
        first = next(iter(found.values()))
        kernels = torch.zeros(len(choice), side, side, device=first.device)
        kernels[:, side // 2, side // 2] = 1  # of those that do not blur
        for i, kernel in found.items():
            border = (side - kernel.shape[-1]) // 2
            mine = (choice.to(first.device) == i)[:, None, None]
            kernels = torch.where(mine, pad(kernel, (border, border, border, border)), kernels)
        return kernels

    def _lost(self) -> list[int]:
        """The border that each choice leaves over of the mixture's margin."""
        return [self.margin - choice.margin for choice in self.choices]


def _devices(*tensors: Tensor) -> set[torch.device]:
    return {tensor.device for tensor in tensors}
