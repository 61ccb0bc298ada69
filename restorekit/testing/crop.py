"""The contract of crops."""

from __future__ import annotations

import numpy as np

from restorekit.contracts import Crop
from restorekit.errors import DataError
from restorekit.testing.component import check_component
from restorekit.testing.lesson import demand

_PLACE = (
    "def place(self, rng, height, width, size, margin):\n"
    "    side = size + 2 * margin\n"
    "    return int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))"
)


def check_crop(crop: Crop, height: int = 96, width: int = 128) -> None:
    """Check a crop: places within the image, the border included, drawn from the generator alone.

    Args:
        crop: The component.
        height: Height of the image to try, pixels; what this crop is for.
        width: Its width.

    Raises:
        AssertionError: It breaks the contract.
    """
    check_component(crop, Crop)
    name, margin = type(crop).__name__, 3
    demand(
        crop.side is None or (isinstance(crop.side, int) and crop.side >= 1),
        f"the side of {name} is {crop.side!r}",
        "it is the one side that the square may have, in pixels, or None for any",
        "@property\ndef side(self):\n    return 128",
    )
    size = crop.side or min(height, width) // 2
    places = []
    for seed in (1, 1, 2, 3):
        try:
            place = crop.place(np.random.default_rng(seed), height, width, size, margin)
        except DataError as error:
            raise AssertionError(
                f"{name} is not for {width} x {height} pixels ({error}); give it others"
            ) from None
        side = size + 2 * margin
        demand(
            isinstance(place, tuple)
            and all(isinstance(at, int) for at in place)
            and 0 <= place[0] <= height - side
            and 0 <= place[1] <= width - side,
            f"{name} placed a square of {size} pixels and its border of {margin} at {place} in {height} x {width}",
            "place returns the top row and the left column of the square with its border, two whole numbers",
            _PLACE,
        )
        places.append(place)
    demand(
        places[0] == places[1],
        f"{name} chose {places[0]} and {places[1]} from the same seed",
        "a place is drawn from rng alone, so that a run can be resumed and repeated",
        _PLACE,
    )
