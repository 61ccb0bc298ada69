"""The contract of augmentations."""

from __future__ import annotations

import numpy as np

from restorekit.contracts import Augmentation
from restorekit.testing.component import check_component
from restorekit.testing.lesson import demand, demanding, described

_CALL = (
    "def __call__(self, images, seed):\n"
    "    share = np.random.default_rng(seed).uniform(0.5, 1)\n"
    "    return {name: (image * share).astype(np.uint8) for name, image in images.items()}"
)


def check_augmentation(augmentation: Augmentation) -> None:
    """Check an augmentation: pictures keep size and type, both of a pair change alike, all chance is the seed's.

    Raises:
        AssertionError: It breaks the contract.
    """
    check_component(augmentation, Augmentation)
    name = type(augmentation).__name__
    with demanding(f"{name} cannot be built", "build returns what changes images", _CALL):
        change = augmentation.build()
    picture = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    before = picture.copy()
    for seed in range(4):
        with demanding(f"{name} failed on a pair", "it takes images by their names, and a seed", _CALL):
            changed = change({"image": picture.copy(), "degraded": picture.copy()}, seed)
            again = change({"image": picture, "degraded": picture}, seed)
        for key in ("image", "degraded"):
            image = changed.get(key)
            demand(
                isinstance(image, np.ndarray) and (image.shape, image.dtype) == (picture.shape, np.uint8),
                f"{name} made {described(image)} of {described(picture)}",
                "pictures keep their names, their size and their type",
                _CALL,
            )
            demand(
                np.array_equal(changed[key], again[key]),
                f"{name} changed the same picture differently from the same seed",
                "all that is random comes from the seed, so that a run can be resumed and repeated",
                _CALL,
            )
        demand(
            np.array_equal(changed["image"], changed["degraded"]),
            f"{name} changed the images of a pair in different ways",
            "what happens to the sharp image happens to the degraded one",
            _CALL,
        )
        demand(np.array_equal(picture, before), f"{name} changed its input", "it makes new arrays", _CALL)
