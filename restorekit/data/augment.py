"""Augmentation by albumentations: the only place that imports it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from restorekit.errors import RecipeError, RestorekitError
from restorekit.recipe.schema import Component
from restorekit.registries import did_you_mean

if TYPE_CHECKING:
    from restorekit.contracts import Array


class Augment:
    """Augmentations in order, the same for a sharp image and its degraded partner.

    Args:
        tables: Each names a class of albumentations and its arguments.

    Raises:
        RecipeError: A class or an argument is unknown, or a value is refused.
    """

    def __init__(self, tables: Sequence[Component]) -> None:
        self._compose = _compose(tables) if tables else None

    def __call__(self, images: dict[str, Array], seed: int) -> dict[str, Array]:
        """Augment H,W,3 uint8 images (``image``, and ``degraded`` for a pair) alike, drawing from ``seed``.

        Raises:
            RestorekitError: They do not come out as H,W,3 uint8.
        """
        if self._compose is None:
            return images
        self._compose.set_random_seed(seed)
        augmented = self._compose(**images)
        for key, before in images.items():
            after = augmented[key]
            if (after.shape, after.dtype) != (before.shape, before.dtype):
                raise RestorekitError(
                    f"[[augment]] turns {before.shape} {before.dtype} into {after.shape} {after.dtype}",
                    "use only what keeps 8-bit pictures of the same size",
                )
        return {key: augmented[key] for key in images}


def _compose(tables: Sequence[Component]) -> Any:
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # or the import asks the network for a newer release
    import albumentations
    import cv2

    cv2.setNumThreads(0)  # a pool of threads in every worker fights the others
    problems: list[str] = []
    transforms = []
    for table in tables:
        try:
            transforms.append(_transform(albumentations, table))
        except (RestorekitError, ValueError, TypeError) as error:
            problems.append(f"[[augment]] {table.type}: {' '.join(str(error).split())}")
    if problems:
        raise RecipeError(problems)
    return albumentations.Compose(transforms, additional_targets={"degraded": "image"}, seed=0)


def _transform(albumentations: Any, table: Component) -> Any:
    cls = getattr(albumentations, table.type, None)
    if not (inspect.isclass(cls) and issubclass(cls, albumentations.BasicTransform)):
        known = [n for n, c in vars(albumentations).items() if inspect.isclass(c)]
        raise RestorekitError("no such class in albumentations", did_you_mean(table.type, known))
    known = list(inspect.signature(cls.__init__).parameters)[1:]
    for key in table.options:
        if key not in known:  # albumentations itself only warns
            raise RestorekitError(f"unknown key '{key}'", did_you_mean(key, known))
    ranges = {key: tuple(value) if isinstance(value, list) else value for key, value in table.options.items()}
    return cls(**ranges)
