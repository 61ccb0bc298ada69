"""Tiles: cut with overlap, blended, and equal to the whole."""

import numpy as np
import pytest

from restorekit.restore.tiles import Layout, restore_tiles

LAYOUTS = [
    Layout(64),
    Layout(64, 8, 4, 4),
    Layout(100, 0, 10, 1),
    Layout(96, 20, 8, 16),
    Layout(50, 22, 3, 2),
]


def blurred(images):
    """A 9 x 9 box blur that reflects at the ends: each pixel sees 4 pixels around it."""
    wide = np.pad(images, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="reflect")
    for axis in (1, 2):
        wide = np.lib.stride_tricks.sliding_window_view(wide, 9, axis).mean(axis=-1)
    return wide.astype(np.float32)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("side", [16, 63, 64, 65, 101, 333, 1000])
def test_the_shares_of_a_pixel_sum_up_to_one(layout, side):
    total = np.zeros(side)
    for start, stop, share in layout.spans(side):
        assert share.shape == (stop - start,)
        total[start:stop] += share
    assert np.allclose(total, 1, atol=1e-6)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("side", [65, 101, 333, 1000])
def test_tiles_start_at_multiples_and_are_no_longer_than_asked(layout, side):
    spans = layout.spans(side)
    assert all(start % layout.multiple == 0 for start, _, _ in spans)
    assert all(stop - start <= layout.tile for start, stop, _ in spans)
    assert (spans[0][0], spans[-1][1]) == (0, side)


def test_a_side_that_fits_is_not_cut():
    assert len(Layout(64, 20, 4).spans(64)) == 1


def test_what_a_cut_spoils_is_not_used():
    for start, stop, share in Layout(100, 10, 8).spans(400):
        assert start == 0 or share[:10].max() == 0
        assert stop == 400 or share[-10:].max() == 0


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [(50, 301), (173, 211), (64, 64)])
def test_tiles_with_the_reach_of_the_restorer_equal_the_whole(depth, size):
    top = np.iinfo(depth).max
    pixels = np.random.default_rng(0).integers(0, top, (1, *size, 3), dtype=depth, endpoint=True)
    whole = restore_tiles(blurred, pixels, Layout(1000))
    tiled = restore_tiles(blurred, pixels, Layout(64, 4, 6, 2))
    assert tiled.dtype == depth
    assert np.abs(tiled.astype(int) - whole.astype(int)).max() <= 1


def test_without_the_reach_tiles_differ_from_the_whole():
    pixels = np.random.default_rng(0).integers(0, 256, (1, 173, 211, 3), dtype=np.uint8)
    whole = restore_tiles(blurred, pixels, Layout(1000))
    assert np.abs(restore_tiles(blurred, pixels, Layout(64)).astype(int) - whole).max() > 4


def test_neighbours_that_disagree_fade_into_each_other():
    calls = []

    def darker_each_time(images):
        calls.append(None)
        return np.full_like(images, 1 / len(calls))

    row = restore_tiles(darker_each_time, np.zeros((1, 64, 200, 3), np.uint8), Layout(110, 4, 32))[0, 0, :, 0]
    assert len(calls) == 3
    assert np.abs(np.diff(row.astype(int))).max() < 12  # 127 would be a seam


def test_several_pictures_go_through_together():
    pixels = np.random.default_rng(0).integers(0, 256, (3, 40, 90, 3), dtype=np.uint8)
    together = restore_tiles(blurred, pixels, Layout(64, 4, 6, 2))
    for one, each in zip(pixels, together, strict=True):
        assert np.array_equal(restore_tiles(blurred, one[None], Layout(64, 4, 6, 2))[0], each)


def test_every_tile_is_told_of():
    told = []
    restore_tiles(blurred, np.zeros((1, 100, 100, 3), np.uint8), Layout(64, 4, 8), lambda *n: told.append(n))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("scale", [2, 4])
def test_a_restorer_that_enlarges_gives_the_same_in_tiles(scale):
    pixels = np.random.default_rng(0).integers(0, 256, (1, 90, 130, 3), dtype=np.uint8)

    def larger(images):
        return images.repeat(scale, axis=1).repeat(scale, axis=2)

    made = restore_tiles(larger, pixels, Layout(48, reach=4, ramp=8, multiple=2), scale=scale)
    assert np.array_equal(made, larger(pixels))
