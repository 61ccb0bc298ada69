"""What pictures are restored by, and which part of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from restorekit import Engine, Framing, Part, Restorer, View, read_image


@dataclass(frozen=True)
class LeftHalf(Framing):
    """The left half of every picture; the right half stays as it is."""

    parts: ClassVar[str] = "halves"

    def build(self, restorer):
        """Take every restorer."""
        return LeftView


class LeftView(View):
    """The left half of one picture."""

    def __init__(self, pixels):
        super().__init__()
        self.pixels, self.middle = pixels, pixels.shape[1] // 2

    @property
    def parts(self):
        """One part."""
        return (Part((0, 0, self.middle, self.pixels.shape[0])),)

    @property
    def windows(self):
        """Its pixels."""
        return (self.pixels[:, : self.middle],)

    def put_back(self, restored):
        """Return the picture with its left half restored."""
        made = self.pixels.copy()
        made[:, : self.middle] = restored[0]
        return made


class Factor(Restorer):
    """Multiplies a picture."""

    def __init__(self, factor):
        self.factor, self.name = factor, "factor"

    def restore(self, images):
        """Multiply N,3,H,W."""
        return images * self.factor


@dataclass(frozen=True)
class Factors(Engine):
    """Files that hold one number, by which pictures are multiplied."""

    suffix: ClassVar[str] = ".factor"

    def load(self, file, device):
        """Read the number."""
        return Factor(float(file.read_text()))


def count(picture: str) -> None:
    """Count the pixels of a picture."""
    height, width, _ = read_image(picture).shape
    print(height * width)
