"""The contract of framings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restorekit.contracts import Restorer
from restorekit.framing import Framing
from restorekit.testing.component import check_component
from restorekit.testing.lesson import demand, demanding, described

if TYPE_CHECKING:
    from restorekit.contracts import Array

_VIEW = (
    "class Middle(restorekit.View):\n"
    "    ...\n"
    "    def put_back(self, restored):\n"
    "        picture = self.pixels.copy()\n"
    "        picture[8:24, 8:24] = restored[0]\n"
    "        return picture"
)


def check_framing(framing: Framing, restorer: Restorer, pixels: Array | None = None) -> None:
    """Check a framing: a window for each part, decisions for the same parts, and pictures of their own size and type.

    Args:
        framing: The component.
        restorer: One that it is for, without enlarging.
        pixels: A picture in which it finds something, H,W,3 uint8; a drawn one if left out.

    Raises:
        AssertionError: It breaks the contract.
    """
    check_component(framing, Framing)
    name = type(framing).__name__
    if pixels is None:
        pixels = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    before = pixels.copy()
    with demanding(
        f"{name} failed to build for {type(restorer).__name__}", "it takes a restorer it is for", _VIEW
    ):
        view = framing.build(restorer)(pixels)
    demand(
        len(view.parts) == len(view.windows),
        f"{name} gave {len(view.parts)} parts and {len(view.windows)} windows",
        "there is a window for each part",
        _VIEW,
    )
    for window in view.windows:
        demand(
            window.ndim == 3 and window.shape[2] == 3 and window.dtype in (pixels.dtype, np.float32),
            f"{name} gave a window that is {described(window)}",
            "a window is H,W,3, of the picture's own integers or float32 in [0, 1]",
            _VIEW,
        )
    decided = view.decide(view.parts)
    demand(
        [part.box for part in decided] == [part.box for part in view.parts],
        f"{name} decided of other parts than it gave",
        "decide returns the same parts in their order, and the reason in left for those that stay as they are",
        'return [replace(part, left="sharp" if part.facts["blur"] < 1 else "") for part in parts]',
    )
    if view.parts:
        same = view.put_back(list(view.windows))
        demand(
            described(same) == described(pixels),
            f"{name} put back {described(same)} into {described(pixels)}",
            "a picture keeps its size and type",
            _VIEW,
        )
        demand(
            np.abs(same.astype(int) - before).max() <= 1,
            f"{name} changed a picture whose windows came back as they were",
            "what the restorer does not change stays as it is",
            _VIEW,
        )
    demand(
        np.array_equal(pixels, before),
        f"{name} wrote to the picture that it was given",
        "a picture is copied before it is changed",
        _VIEW,
    )
