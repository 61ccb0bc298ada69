"""Whether what was exported agrees with torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restorekit.contracts import Restorer
from restorekit.errors import RestorekitError
from restorekit.restore.reach import dead_leaves

SIZES = ((1, 128, 128), (2, 131, 97), (1, 50, 301))
"""Pictures, height and width of what the file is checked by; two of them odd."""

MOST, MOST_HALF = 1e-4, 1 / 255
"""How far outputs may be from torch's in fp32, of a range of 1, and how far those of fp16 from torch's in fp32."""


@dataclass(frozen=True)
class Check:
    """How far an export is from torch on one size: the largest difference, of a range of 1."""

    pictures: int
    height: int
    width: int
    difference: float

    def __str__(self) -> str:
        return f"{self.pictures} x {self.height} x {self.width}: at most {self.difference:.1e} from torch"


def checked(trained: Restorer, exported: Restorer, half: bool = False) -> list[Check]:
    """Compare what was exported with torch, at each of ``SIZES``.

    Raises:
        RestorekitError: They do not agree.
    """
    checks = [_check(trained, exported, *size) for size in SIZES]
    most = MOST_HALF if half else MOST
    if not all(check.difference <= most for check in checks):  # not finite is no agreement either
        found = ", ".join(f"{check.difference:.1e}" for check in checks)
        hint = (
            "export it without half=true" if half else "its network does something that ONNX does otherwise"
        )
        raise RestorekitError(
            f"{trained.name} as ONNX is up to {found} from torch, more than {most:.1e}", hint
        )
    return checks


def _check(trained: Restorer, exported: Restorer, pictures: int, height: int, width: int) -> Check:
    drawn = [dead_leaves(max(height, width), seed)[:height, :width] for seed in range(pictures)]
    images = np.stack(drawn)  # blurred, so that there is something to restore
    difference = np.abs(exported.restore_arrays(images) - trained.restore_arrays(images)).max()
    return Check(pictures, height, width, float(difference))
