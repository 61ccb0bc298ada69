"""Restorers: what turns degraded images into restored ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit.contracts.array import Array


@dataclass(frozen=True)
class Footprint:
    """The facts of a restorer that whoever cuts a picture for it goes by; all sizes in pixels.

    Attributes:
        margin: How far from a pixel its result may look, where that is known.
        size_multiple: Tiles start at multiples of this, the step of the coarsest grid that it sees a picture on.
        pixel_memory: Bytes that it takes for each pixel of its input, about; the size of tiles goes by it.
        tileable: Whether a picture may be restored in parts that overlap.
        tile: Side of the parts that a large picture is best restored in; None if that does not matter.
        scale: How much larger its output is than its input.
        geometry: What its training pictures were cut to, as a bundle's config states it; None for any picture.
    """

    margin: int | None = None
    size_multiple: int = 1
    pixel_memory: int = 2048
    tileable: bool = True
    tile: int | None = None
    scale: int = 1
    geometry: Mapping[str, Any] | None = None


class Restorer(ABC):
    """Anything that turns degraded images into restored ones: a trained bundle or a classical method.

    One that a plugin registers is a component that needs no keys: it is chosen by its name.
    """

    name: str = ""
    """What reports call it."""

    license: str = ""
    """Under what terms it may be used; empty if it is not stated."""

    footprint: Footprint = Footprint()
    """What tiles and framings need to know of it."""

    imports: ClassVar[tuple[str, ...]] = ()
    """Modules that it imports when it computes, and that may not be installed; it is told before it is used."""

    needs: tuple[str, ...] = ()
    """What ``restore`` can use of what a test set knows, as keywords: ``kernel`` as it was drawn, and its ``size``."""

    def free_memory(self) -> int | None:
        """Return the bytes that are free where it computes; None if that is the host."""
        return None

    def careful(self) -> Restorer | None:
        """Return the same method in fp32 on the CPU; None if it is that already."""
        return None

    @abstractmethod
    def restore(self, images: Tensor) -> Tensor:
        """Restore N,3,H,W float32 RGB in [0, 1], any size of at least 16 x 16.

        Returns:
            N,3,H,W, each side times the footprint's scale; not clamped.
        """

    def restore_arrays(self, images: Array) -> Array:
        """Restore N,H,W,3 float32 RGB in [0, 1] in the same way; one that needs no torch does it without."""
        import torch

        restored = self.restore(torch.from_numpy(images).permute(0, 3, 1, 2))
        arrays: Array = restored.permute(0, 2, 3, 1).cpu().numpy()
        return arrays

    def examine(self, images: Array, restored: Array) -> Sequence[Mapping[str, Any]]:
        """Say what is known of images and of what was made of them: facts for reports, and for framings to decide by.

        Args:
            images: N,H,W,3 float32 RGB in [0, 1].
            restored: What `restore_arrays` made of them.

        Returns:
            For each image its facts by name, as JSON has them.
        """
        return [{} for _ in images]
