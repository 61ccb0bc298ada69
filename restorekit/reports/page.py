"""A report as one HTML file that needs nothing beside it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from html import escape

from restorekit.reports.section import Grid, Section

STYLE = """
:root { color-scheme: light dark; --line: #8885; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 84rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; }
h2 { font-size: 1.25rem; margin: 3rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0 1rem; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { padding: .25rem .5rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
tbody tr:hover { background: var(--soft); }
figure { margin: 1rem 0; } img { max-width: 100%; height: auto; } figcaption, .notes { font-size: .9rem; }
.origin { font-size: .8rem; opacity: .8; border-left: 3px solid var(--line); padding-left: .8rem; }
.origin p { margin: .1rem 0; overflow-wrap: anywhere; }
.origin p:first-child { max-height: 3.2em; overflow: auto; }
nav a { margin-right: 1rem; }
"""


def page(title: str, opening: Sequence[str], sections: Sequence[Section]) -> str:
    """Write a whole report; its pictures are within it, and it loads nothing."""
    links = "".join(f'<a href="#{escape(each.name)}">{escape(each.name)}</a>' for each in sections)
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">",
            f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>",
            *(f"<p>{escape(line)}</p>" for line in opening),
            f"<nav>{links}</nav>",
            *(line for each in sections for line in _section(each)),
            "</body>\n</html>\n",
        ]
    )


def _section(section: Section) -> Iterator[str]:
    yield f'<section id="{escape(section.name)}">\n<h2>{escape(section.title)}</h2>'
    for grid in section.grids:
        yield from _table(grid)
    for image in section.images:
        data, caption = b64encode(image.png).decode(), escape(image.caption)
        yield f'<figure class="wide"><img alt="{caption}" src="data:image/png;base64,{data}">'
        yield f"<figcaption>{caption}</figcaption></figure>"
    if section.notes:
        yield '<ul class="notes">' + "".join(f"<li>{escape(note)}</li>" for note in section.notes) + "</ul>"
    if section.origin:
        lines = "".join(f"<p>{escape(line)}</p>" for line in section.origin)
        yield f'<div class="origin">{lines}</div>'
    yield "</section>"


def _table(grid: Grid) -> Iterator[str]:
    yield f'<div class="wide"><table><caption>{escape(grid.caption)}</caption>'
    yield f"<thead>{_row(grid.header, 'th')}</thead>\n<tbody>"
    yield from (_row(row, "td") for row in grid.rows)
    yield "</tbody></table></div>"


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
