"""A report as Markdown, with its pictures beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from restorekit.reports.section import Grid, Section

PICTURES = "pictures"
"""The folder of the pictures, beside the report."""


def markdown(title: str, opening: Sequence[str], sections: Sequence[Section]) -> str:
    """Write a whole report."""
    return (
        "\n\n".join([f"# {title}", *opening, *(block for each in sections for block in _blocks(each))]) + "\n"
    )


def _blocks(section: Section) -> Iterator[str]:
    yield f"## {_plain(section.title)}"
    for grid in section.grids:
        yield f"**{_plain(grid.caption)}**"
        yield "\n".join(_table(grid))
    for image in section.images:
        yield f"![{_plain(image.caption)}]({PICTURES}/{image.name})"
        yield f"*{_plain(image.caption)}*"
    if section.notes:
        yield "\n".join(f"- {_plain(note)}" for note in section.notes)
    if section.origin:
        yield "\n".join(f"> {_plain(line)}  " for line in section.origin)


def _table(grid: Grid) -> Iterator[str]:
    yield _line(grid.header)
    yield _line(["---", *["---:"] * (len(grid.header) - 1)])
    for row in grid.rows:
        yield _line(row)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_plain(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _plain(text: str) -> str:
    """Keep text from elsewhere from being read as markup, on one line."""
    text = " ".join(text.split())
    for letter in "\\`*_[]<>":
        text = text.replace(letter, f"\\{letter}")
    return text
