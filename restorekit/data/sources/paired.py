"""Pairs of sharp and degraded images in two folders."""

from __future__ import annotations

import functools
import multiprocessing
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from restorekit.contracts import Item, Source
from restorekit.data.sources.listing import list_pictures
from restorekit.data.sources.naming import ANY, Key, Template
from restorekit.errors import DataError, one_line
from restorekit.images import read_rgb

SHOWN = 5
"""Names of pictures in only one folder that are said; of the others, how many."""


@dataclass(frozen=True)
class Paired(Source):
    """Pairs: pictures of two folders whose paths are the same except for the ending, or as templates say.

    Pictures that have no partner are left out, with one note. Both may lie in one folder.

    Attributes:
        sharp: The folder of the sharp images.
        degraded: The folder of the degraded ones, each of the same size as the sharp one.
        sharp_name: What the sharp ones are called, such as ``{name}_gt``; each field in braces stands for any text.
        degraded_name: What the degraded ones are called, such as ``{name}_blur.png``, with the same fields.
        complete: Refuse pictures without a partner.

    Raises:
        ValueError: A template is none, or the two have other fields.
    """

    sharp: Path
    degraded: Path
    sharp_name: str = ANY
    degraded_name: str = ANY
    complete: bool = False

    def __post_init__(self) -> None:
        sharp, degraded = Template(self.sharp_name), Template(self.degraded_name)
        if sharp.fields != degraded.fields:
            raise ValueError(f"'{degraded.text}' and '{sharp.text}' must have the same fields in braces")

    @functools.cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        sharp, degraded = self._named()
        pairs = [(name, degraded[key]) for key, name in sharp.items() if key in degraded]
        alone = [str(self.sharp / name) for key, name in sharp.items() if key not in degraded]
        alone += [str(self.degraded / name) for key, name in degraded.items() if key not in sharp]
        if not pairs:
            raise DataError(
                f"no picture in {self.sharp} is also in {self.degraded}",
                "a pair has the same path in both folders, but for its ending"
                if self.sharp_name == self.degraded_name
                else f"a pair is called {self.degraded_name} and {self.sharp_name}",
            )
        if alone and self.complete:
            raise DataError(
                f"without a partner ({len(alone)}): {_some(alone)}",
                "add what is missing, or say how pairs are called",
            )
        if alone and multiprocessing.parent_process() is None:  # a worker repeats nothing
            print(
                one_line(f"left out, as they are in only one folder ({len(alone)}): {_some(alone)}"),
                file=sys.stderr,
            )
        return pairs

    def _named(self) -> tuple[dict[Key, str], dict[Key, str]]:
        """The sharp and the degraded pictures; in one folder each is what the template that tells more says."""
        templates = Template(self.sharp_name), Template(self.degraded_name)
        names = [list_pictures(self.sharp), list_pictures(self.degraded)]
        if self.sharp.resolve() == self.degraded.resolve():
            less, more = sorted((0, 1), key=lambda i: templates[i].told)
            names[less] = [name for name in names[less] if templates[more].key(name) is None]
        sharp, degraded = (
            template.keyed(found, folder)
            for template, found, folder in zip(templates, names, (self.sharp, self.degraded), strict=True)
        )
        return sharp, degraded

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> Item:
        one, other = self._pairs[index]
        sharp, degraded = read_rgb(self.sharp / one), read_rgb(self.degraded / other)
        if sharp.shape != degraded.shape:
            sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (sharp, degraded)]
            raise DataError(
                f"{self.sharp / one} has {sizes[0]} pixels, {self.degraded / other} has {sizes[1]}",
                "give both the same size, or remove the pair",
            )
        return Item(sharp, one, degraded)


def _some(alone: Sequence[str]) -> str:
    more = f" and {len(alone) - SHOWN} more" if len(alone) > SHOWN else ""
    return f"{', '.join(alone[:SHOWN])}{more}"
