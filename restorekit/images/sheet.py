"""Contact sheets: pictures in a grid, with words above and below them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from restorekit.images.picture import Array

GREY, INK = (96, 96, 96), (255, 255, 255)
GAP = 6
LETTERS_MIN = 14
LETTERS_PER_WIDTH = 14
"""Letters grow with the pictures, as a sheet of large ones is looked at from further away."""


def contact_sheet(
    rows: Sequence[Sequence[Array]],
    captions: Sequence[Sequence[str]] | None = None,
    header: Sequence[str] = (),
) -> Array:
    r"""Lay out pictures in rows and columns on grey, each in the middle of its place.

    Args:
        rows: Pictures of any sizes, H,W,3 uint8 RGB; a row may be shorter than others.
        captions: The words below each picture, in the same rows; ``\n`` starts a new line.
        header: The words above each column.

    Returns:
        H,W,3 uint8 RGB. A column is as wide as its widest picture or words, a row as high as its highest.

    Raises:
        ValueError: There is no picture, or the captions are not as many as the pictures, row by row.
    """
    if not any(rows):
        raise ValueError("a contact sheet needs a picture")
    words = captions if captions is not None else [[""] * len(row) for row in rows]
    widest = max(picture.shape[1] for row in rows for picture in row)
    font = ImageFont.load_default(max(LETTERS_MIN, widest // LETTERS_PER_WIDTH))
    grid = [[_words(text, font) for text in header]]  # then pictures and words by turns
    for row, texts in zip(rows, words, strict=True):
        if len(row) != len(texts):
            raise ValueError(f"{len(texts)} captions for a row of {len(row)} pictures")
        grid += [[Image.fromarray(picture) for picture in row], [_words(text, font) for text in texts]]
    widths = [max(cell.width for cell in column if cell) for column in zip_longest(*grid)]
    heights = [max((cell.height for cell in row), default=0) for row in grid]
    size = GAP + sum(width + GAP for width in widths), GAP + sum(height + GAP for height in heights if height)
    sheet = Image.new("RGB", size, GREY)
    top = GAP
    for n, (cells, height) in enumerate(zip(grid, heights, strict=True)):
        left = GAP
        for cell, width in zip(cells, widths, strict=False):
            down = (height - cell.height) // 2 if n % 2 else 0
            sheet.paste(cell, (left + (width - cell.width) // 2, top + down))
            left += width + GAP
        top += height + GAP if height else 0
    return np.array(sheet)


def reduced(picture: Array, largest: int) -> Array:
    """Return an H,W,3 uint8 RGB picture, reduced if it needs to be to at most ``largest`` pixels on a side."""
    if max(picture.shape[:2]) <= largest:
        return picture
    image = Image.fromarray(picture)
    image.thumbnail((largest, largest))
    return np.array(image)


def _words(text: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont) -> Image.Image:
    """Draw lines of text, each in the middle, with a gap below; the font knows ASCII, other letters are boxes."""
    if not text:
        return Image.new("RGB", (0, 0))
    measure = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    left, top, right, bottom = measure.multiline_textbbox((0, 0), text, font, align="center")
    drawn = Image.new("RGB", (int(right - left) + 2, int(bottom - top) + 2 + GAP), GREY)
    ImageDraw.Draw(drawn).multiline_text((1 - left, 1 - top), text, INK, font, align="center")
    return drawn
