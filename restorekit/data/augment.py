"""Augmentations in order, the same for a sharp image and its degraded one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from restorekit.contracts import Augmentation
from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from restorekit.contracts import Array


class Augment:
    """Makes changes of images, one after the other.

    Args:
        augmentations: What changes them.

    Raises:
        RestorekitError: One cannot be made as its fields say.
    """

    def __init__(self, augmentations: Sequence[Augmentation]) -> None:
        self._names = [type(each).__name__ for each in augmentations]
        self._changes = [each.build() for each in augmentations]

    def __call__(self, images: dict[str, Array], seed: int) -> dict[str, Array]:
        """Change H,W,3 uint8 images (``image``, and ``degraded`` for a pair) alike, drawing from ``seed``.

        Raises:
            RestorekitError: They do not come out as H,W,3 uint8.
        """
        for number, (name, change) in enumerate(zip(self._names, self._changes, strict=True)):
            changed = change(images, (seed + number) % 2**31)
            for key, before in images.items():
                after = changed[key]
                if (after.shape, after.dtype) != (before.shape, before.dtype):
                    raise RestorekitError(
                        f"[[augment]] {name} turns {before.shape} {before.dtype} into {after.shape} {after.dtype}",
                        "use only what keeps 8-bit pictures of the same size",
                    )
            images = {key: changed[key] for key in images}
        return images
