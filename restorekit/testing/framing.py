"""The contract of framings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restorekit.contracts import Restorer
from restorekit.framing import Framing
from restorekit.testing.component import check_component
from restorekit.testing.lesson import demand, demanding, described

if TYPE_CHECKING:
    from torch import Tensor

_PUT_BACK = (
    "def put_back(self, restored):\n"
    "    made = self.pixels.copy()\n"
    "    made[:, : self.middle] = restored[0]\n"
    "    return made"
)


class _Same(Restorer):
    """Restores nothing."""

    name = "same"

    def restore(self, images: Tensor) -> Tensor:
        return images


def check_framing(framing: Framing, restorer: Restorer | None = None, picture: object = None) -> None:
    """Check a framing: a window for each part, and a picture of the same size and type when they are put back.

    Args:
        framing: The component.
        restorer: What it frames for; one that changes nothing if left out.
        picture: H,W,3 uint8 with something for it to see; a random one if left out.

    Raises:
        AssertionError: It breaks the contract.
    """
    check_component(framing, Framing)
    name = type(framing).__name__
    pixels = np.random.default_rng(0).integers(0, 256, (64, 80, 3), np.uint8) if picture is None else picture
    assert isinstance(pixels, np.ndarray)
    with demanding(
        f"{name} does not look at a picture",
        "build returns what gives the view of a picture's pixels",
        "def build(self, restorer):\n    return MyView",
    ):
        view = framing.build(restorer or _Same())(pixels)
        parts, windows = list(view.parts), list(view.windows)
    demand(
        len(parts) == len(windows),
        f"{name} has {len(parts)} parts and {len(windows)} windows",
        "there is a window for each part, in the same order",
        "@property\ndef windows(self):\n    return [self.pixels[:, : self.middle]]",
    )
    if not parts:
        return
    with demanding(f"{name} failed to put its windows back", "put_back takes what was restored", _PUT_BACK):
        made = view.put_back([np.asarray(window).copy() for window in windows])
    demand(
        (getattr(made, "shape", None), getattr(made, "dtype", None)) == (pixels.shape, pixels.dtype),
        f"{name} made {described(made)} of {described(pixels)}",
        "the picture keeps its size and type where the restorer keeps that of its windows",
        _PUT_BACK,
    )
