"""The task that every recipe has: the image itself."""

from dataclasses import dataclass

from restorekit.contracts import Task


@dataclass(frozen=True)
class ImageTask(Task):
    """The image as it is: N,3,H,W in [0, 1]."""
