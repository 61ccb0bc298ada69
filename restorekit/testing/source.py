"""The contract of sources."""

from __future__ import annotations

import numpy as np

from restorekit.contracts import Item, Source
from restorekit.testing.component import check_component, check_pickles
from restorekit.testing.lesson import demand, demanding, described

_READ = 'return restorekit.Item(sharp=np.zeros((64, 64, 3), np.uint8), id=f"picture-{index}")'
_ORDER = "return rng.permutation(len(self))"


def check_source(source: Source) -> None:
    """Check a source: a length, H,W,3 uint8 images with ids, and an order that has each index once.

    Raises:
        AssertionError: It breaks the contract.
    """
    check_component(source, Source)
    name, length = type(source).__name__, len(source)
    demand(
        length > 0, f"{name} has no images", "a source has some, or raises restorekit's DataError", "return 4"
    )
    item = source[length - 1]
    demand(
        isinstance(item, Item), f"{name}[{length - 1}] is {described(item)}", "indexing gives an Item", _READ
    )
    images = {"sharp": item.sharp} | ({} if item.degraded is None else {"degraded": item.degraded})
    for which, image in images.items():
        demand(
            isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.shape[2:] == (3,),
            f"the {which} image of {name}[{length - 1}] is {described(image)}",
            "images are H,W,3 uint8 RGB",
            _READ,
        )
    demand(
        item.degraded is None or item.degraded.shape == item.sharp.shape,
        f"the pair {name}[{length - 1}] is {described(item.sharp)} and {described(item.degraded)}",
        "both images of a pair have one size, as both are cropped alike",
        "return restorekit.Item(sharp=sharp, degraded=blur(sharp), id=name)",
    )
    demand(
        isinstance(item.id, str) and item.id != "",
        f"{name}[{length - 1}] has the id {item.id!r}",
        "an id is text that names the image in reports",
        _READ,
    )
    demand(
        length == 1 or source[0].id != item.id,
        f"{name}[0] and {name}[{length - 1}] both have the id {item.id!r}",
        "an id is unique within its source",
        _READ,
    )
    demand(
        np.array_equal(source[length - 1].sharp, item.sharp),
        f"{name}[{length - 1}] is another image the second time",
        "reading an image twice gives the same; what is random belongs into augmentations and degradations",
        _READ,
    )
    check_pickles(source, " after reading an image")
    with demanding(f"the order of {name} is not an order", "it is an array of indices", _ORDER):
        order, again = (np.asarray(source.order(np.random.default_rng(0))) for _ in range(2))
        complete = sorted(order.tolist()) == list(range(length))
    demand(complete, f"the order of {name} has not every index once", "it is a permutation of all", _ORDER)
    demand(
        np.array_equal(order, again),
        f"{name} orders its images differently from the same seed",
        "an order is drawn from rng alone, so that a run can be resumed",
        _ORDER,
    )
