"""The contract of restorers."""

from __future__ import annotations

import dataclasses

from restorekit.contracts import Footprint, Restorer
from restorekit.testing.component import check_component
from restorekit.testing.lesson import demand, described

_RESTORE = "def restore(self, images):\n    return images  # N,3,H,W of any size"


def check_restorer(restorer: Restorer) -> None:
    """Check a restorer: pictures of at least 16 pixels come out at their own size, times its scale, alike each time.

    Raises:
        AssertionError: It breaks the contract.
    """
    import torch

    check_component(restorer, Restorer)
    name = type(restorer).__name__
    required = [
        field.name
        for field in dataclasses.fields(restorer)  # type: ignore[arg-type]
        if field.default is field.default_factory is dataclasses.MISSING
    ]
    demand(
        not required,
        f"{name} needs {', '.join(required)}",
        "a restorer has a default for every field, as it is chosen by its name alone",
        "strength: float = 0.5",
    )
    footprint = restorer.footprint
    demand(
        isinstance(footprint, Footprint) and footprint.size_multiple >= 1 and footprint.pixel_memory >= 1,
        f"the footprint of {name} is {footprint!r}",
        "a restorer states in one Footprint how far it looks, and what sizes and memory it takes",
        "footprint = restorekit.Footprint(margin=12, pixel_memory=500)",
    )
    for height, width in ((16, 16), (37, 53)):
        images = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))
        out = restorer.restore(images)
        demand(
            getattr(out, "shape", None) == (1, 3, height * footprint.scale, width * footprint.scale),
            f"{name} made {described(out)} of {described(images)}",
            "a restorer keeps the size, times its footprint's scale; pad to a multiple inside, and crop again",
            _RESTORE,
        )
        demand(
            bool(out.isfinite().all()),
            f"{name} returned values that are not finite",
            "all are finite",
            _RESTORE,
        )
        demand(
            torch.equal(out, restorer.restore(images)),
            f"{name} restored the same picture differently the second time",
            "a restorer that draws has a seed among its fields",
            "generator = torch.Generator(images.device).manual_seed(self.seed)",
        )
