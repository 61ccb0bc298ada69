"""Colours under an alpha of zero: filled before, put back after."""

from dataclasses import replace

import numpy as np
import pytest

from restorekit.images import Picture
from restorekit.images.hidden import visible, with_own_hidden


def cut_out(depth=np.uint8, height=45, width=70):
    rows, columns = np.mgrid[0:height, 0:width]
    top = np.iinfo(depth).max
    seen = (rows - height / 2) ** 2 + (columns - width / 2) ** 2 < 18**2
    colours = np.stack([rows / height, columns / width, 0 * rows + 0.5], axis=2)
    pixels = np.where(seen[..., None], colours * top, 7).round().astype(depth)
    return Picture(pixels, alpha=np.where(seen, top, 0).astype(depth)), seen, colours * top


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_hidden_pixels_take_the_colours_of_their_visible_neighbours(depth):
    picture, seen, colours = cut_out(depth)
    filled = visible(picture)
    assert filled.dtype == depth
    assert np.array_equal(filled[seen], picture.pixels[seen])
    beside = ~seen & np.roll(seen, 1, axis=1)
    assert np.abs(filled - colours)[beside].mean() < 0.03 * np.iinfo(depth).max
    assert (picture.pixels[~seen] == 7).all()  # the file's own are untouched


def test_the_own_hidden_pixels_come_back():
    picture, seen, _ = cut_out()
    made = visible(picture) // 2
    after = with_own_hidden(picture, made)
    assert np.array_equal(after[seen], made[seen])
    assert (after[~seen] == 7).all()


@pytest.mark.parametrize("alpha", [None, 0, 1, 255])
def test_nothing_is_copied_where_nothing_is_hidden_or_seen(alpha):
    picture, _, _ = cut_out()
    whole = None if alpha is None else np.full_like(picture.alpha, alpha)
    picture = replace(picture, alpha=whole)
    assert visible(picture) is picture.pixels


def test_what_was_enlarged_is_left():
    picture, _, _ = cut_out()
    large = picture.pixels.repeat(2, 0).repeat(2, 1)
    assert with_own_hidden(picture, large) is large


def test_grey_stays_grey():
    picture, _, _ = cut_out()
    grey = replace(picture, pixels=np.repeat(picture.pixels[..., :1], 3, axis=2), grey=True)
    filled = visible(grey)
    assert (filled == filled[..., :1]).all()
