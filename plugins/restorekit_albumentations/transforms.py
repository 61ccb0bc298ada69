"""Every transform of albumentations as a component: ``transforms.HorizontalFlip`` and so on, made from the table."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from restorekit import Augmentation, RestorekitError
from restorekit_albumentations.table import table

if TYPE_CHECKING:
    from restorekit import Array, Change

_TYPES = {"Any": Any, "Callable": Callable, "Literal": Literal, "Path": Path}
"""What the annotations of albumentations name."""


@dataclass(frozen=True)
class Transform(Augmentation):
    """A transform of albumentations."""

    def build(self) -> Change:
        """Return what changes images.

        Raises:
            RestorekitError: albumentations does not take these values.
        """
        library = albumentations()
        name = type(self).__name__
        given = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        defaults = {key: rest[0] for key, (_, *rest) in table()[name].items() if rest}
        options = {k: v for k, v in given.items() if k not in defaults or v != _tuples(defaults[k])}
        try:
            transform = getattr(library, name)(**options)
        except (ValueError, TypeError) as error:
            raise RestorekitError(
                f"[[augment]] {name}: {' '.join(str(error).split())}", f"restorekit show augmentation {name}"
            ) from None
        compose = library.Compose([transform], additional_targets={"degraded": "image"}, seed=0)

        def change(images: dict[str, Array], seed: int) -> dict[str, Array]:
            compose.set_random_seed(seed)
            changed: dict[str, Array] = compose(**images)
            return changed

        return change


def albumentations() -> ModuleType:
    """Import the library, without its asking the network for a newer release, and without threads of OpenCV."""
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
    import albumentations as library
    import cv2

    cv2.setNumThreads(0)  # a pool of threads in every worker fights the others
    return library  # type: ignore[no-any-return]


def __getattr__(name: str) -> type[Transform]:
    if name.startswith("_") or name not in table():
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return _made(name)


@cache
def _made(name: str) -> type[Transform]:
    fields = []
    for key, (kind, *rest) in table()[name].items():
        default = dataclasses.field()
        if rest:
            value = _tuples(rest[0])
            default = (
                dataclasses.field(default_factory=value.copy)
                if isinstance(value, dict)
                else dataclasses.field(default=value)
            )
        fields.append((key, eval(kind, dict(_TYPES)), default))
    doc = f"``{name}`` of albumentations, whose documentation says what each key does."
    space = {"__doc__": doc, "__module__": __name__}
    made: type[Transform] = dataclasses.make_dataclass(
        name, fields, bases=(Transform,), frozen=True, namespace=space, kw_only=True
    )
    return made


def _tuples(value: Any) -> Any:
    """Put tuples in the place of arrays, which is how they are given from a recipe."""
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value
