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


def photo(height=60, width=80):
    rows, columns = np.mgrid[0:height, 0:width]
    waves = [np.sin(rows / 9 + columns / (7 + n)) * 90 + 128 for n in range(3)]
    return np.stack(waves, axis=2).round().astype(np.uint8)


def framed(top, bottom, left, right, colour=250):
    pixels = np.full((60 + top + bottom, 80 + left + right, 3), colour, np.uint8)
    pixels[top : top + 60, left : left + 80] = photo()
    return Picture(pixels)


@pytest.mark.parametrize("sides", [(9, 9, 9, 9), (20, 0, 0, 0), (0, 30, 0, 0), (12, 12, 0, 0), (0, 0, 5, 40)])
@pytest.mark.parametrize("colour", [0, 250])
def test_a_plain_frame_is_filled_from_the_photo_and_comes_back(sides, colour):
    picture = framed(*sides, colour)
    top, bottom, left, right = sides
    inner = slice(top, top + 60), slice(left, left + 80)
    filled = visible(picture)
    assert np.array_equal(filled[inner], photo())
    outside = np.ones(filled.shape[:2], bool)
    outside[inner] = False
    assert np.abs(filled[outside].astype(int) - colour).min() > 5
    after = with_own_hidden(picture, filled // 2)
    assert (after[outside] == colour).all() and np.array_equal(after[inner], photo() // 2)


def soft(pixels):
    for axis in (0, 1):
        pixels = sum(np.roll(pixels, n, axis) for n in range(-4, 5)) / 9
    return pixels.round().astype(np.uint8)


def object_on_white():
    rows, columns = np.mgrid[0:90, 0:120]
    seen = (rows - 45) ** 2 + (columns - 60) ** 2 < 30**2
    return np.where(seen[..., None], 60, 255).repeat(3, axis=2).astype(np.uint8)


def sky(blurred):
    pixels = np.full((90, 120, 3), 255.0)
    pixels[40:] = photo(50, 120)
    return (
        soft(pixels)
        if blurred
        else np.where(
            np.arange(90)[:, None, None] > 40 + 9 * np.sin(np.arange(120) / 9)[:, None], 90, pixels
        ).astype(np.uint8)
    )


@pytest.mark.parametrize(
    "pixels",
    [
        photo(),
        object_on_white(),
        soft(object_on_white()),
        sky(True),
        sky(False),
        np.full((40, 40, 3), 9, np.uint8),
    ],
    ids=["photo", "object", "blurred object", "blurred horizon", "hills", "plain"],
)
def test_what_is_no_frame_stays(pixels):
    picture = Picture(pixels)
    assert visible(picture) is picture.pixels


def test_a_frame_around_a_cut_out():
    picture = framed(9, 9, 9, 9)
    alpha = np.full(picture.pixels.shape[:2], 255, np.uint8)
    alpha[30:40, 30:40] = 0
    filled = visible(replace(picture, alpha=alpha))
    assert (filled[:9] != 250).all()
    assert not np.array_equal(filled[30:40, 30:40], picture.pixels[30:40, 30:40])
