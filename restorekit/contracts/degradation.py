"""Degradations: what spoils an image."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from restorekit.contracts.array import Array


class Degradation(ABC):
    """A physical process that spoils an image: drawn on a worker, applied in batch on the device."""

    @property
    def margin(self) -> int:
        """Border pixels consumed on each side; the core crops that much wider, so no border is invented."""
        return 0

    @property
    def scale(self) -> int:
        """By how much it shrinks each side of what is left of the image without the margin; 1 for not at all."""
        return 1

    @property
    def host_draws(self) -> tuple[str, ...]:
        """Draws that decide what is computed instead of entering it; ``apply`` gets them in the host's memory.

        A device that is asked for their values would have to finish all its work first.
        """
        return ()

    @abstractmethod
    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw ALL that is random for one image whose input is ``height`` x ``width``.

        Returns:
            Arrays of fixed shape and dtype, so that they stack (kernels padded to the largest).
        """

    @abstractmethod
    def apply(self, images: Tensor, **params: Tensor) -> Tensor:
        """Degrade a batch with what was drawn, each array stacked along a first axis N; draw nothing.

        Returns:
            N,3,H - 2 margin,W - 2 margin, each side divided by the scale.
        """

    def kernel(self, **params: Tensor) -> Tensor | None:
        """Return the blur kernels of what was drawn; None if it does not blur.

        Returns:
            N,K,K float32, K odd: those that ``apply`` convolves with (a delta in the middle changes nothing), each of
            sum 1; zeros for an image whose blur is not that of one kernel.
        """
        return None

    @property
    def remedies(self) -> tuple[str, ...]:
        """What a model that learns to undo it is good for, in the Hub's words: ``deblurring``, ``denoising``.

        They become tags of its card; none by default.
        """
        return ()

    @property
    def cases(self) -> Sequence[Mapping[str, str | int]]:
        """The cases that a test set puts every picture through, each with what its scores are grouped by.

        What draws at random is one case that nothing is grouped by.
        """
        return ({},)

    def sample_case(self, case: int, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw what one picture of a test set needs in the case of that number; by default as ``sample`` does."""
        return self.sample(rng, height, width)

    def apply_array(self, image: Array, **params: Array) -> Array:
        """Degrade one picture of a test set with what was drawn for it.

        By default as ``apply`` does on the CPU, whose last bits differ between machines. One that computes in float64
        NumPy, in a fixed order, gives the same test set everywhere.

        Args:
            image: H,W,3 float64 in grey levels, 0 to 255 before anything is added.
            params: What ``sample_case`` drew, without a first axis.

        Returns:
            H - 2 margin,W - 2 margin,3, each side divided by the scale; float64 in grey levels, not clamped.
        """
        import torch

        images = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
        stacked = {key: torch.as_tensor(value)[None] for key, value in params.items()}
        degraded: Array = self.apply(images, **stacked)[0].permute(1, 2, 0).double().numpy() * 255
        return degraded
