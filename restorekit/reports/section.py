"""A piece of a report, made: what both forms of the report, Markdown and HTML, are written from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes:
        caption: What is above it.
        header: The names of the columns.
        rows: The cells, in words.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Image:
    """A picture.

    Attributes:
        name: What its file is called, without a folder.
        caption: What it shows.
        png: Its file's bytes.
    """

    name: str
    caption: str
    png: bytes


@dataclass(frozen=True)
class Section:
    """A table or figure of the report.

    Attributes:
        name: The name of its recipe.
        title: What stands above it.
        grids: Its tables.
        images: Its pictures.
        notes: What is to be known about it: definitions, what is missing and why.
        origin: Where its numbers come from: command, data, kernels, device, date.
        failed: Whether something in it could not be made.
    """

    name: str
    title: str
    grids: Sequence[Grid] = ()
    images: Sequence[Image] = ()
    notes: Sequence[str] = ()
    origin: Sequence[str] = field(default_factory=tuple)
    failed: bool = False
