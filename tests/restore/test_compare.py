"""Before | after, and the face below."""

import numpy as np

from restorekit.images import Picture
from restorekit.restore.compare import LARGEST, before_after


def pair(height, width, depth=np.uint8):
    top = np.iinfo(depth).max
    return Picture(np.zeros((height, width, 3), depth)), Picture(np.full((height, width, 3), top, depth))


def test_a_small_pair_keeps_its_size_depth_and_transparency():
    before, after = pair(20, 30, np.uint16)
    after = Picture(after.pixels, alpha=np.full((20, 30), 7, np.uint16))
    both = before_after(before, after)
    assert both.pixels.dtype == np.uint16
    assert both.pixels[:, :30].max() == 0 and both.pixels[:, 30:].min() == 65535
    assert both.alpha.shape == (20, 60)


def test_a_large_pair_is_reduced():
    both = before_after(*pair(1000, 4000))
    assert both.pixels.shape == (LARGEST // 4, 2 * LARGEST, 3)


def test_the_face_is_shown_again_below_enlarged():
    before, after = pair(400, 600, np.uint16)
    before.pixels[100:140, 300:340] = 40000
    both = before_after(before, after, (300, 100, 40, 40)).pixels
    assert both.dtype == np.uint8
    assert both.shape == (400 + 60 * 10, 1200, 3)  # the face and a quarter around it, ten times
    face = both[400:, :600]
    assert (face[100:500, 100:500] == 156).all()
    assert face[:100].max() == 0
    assert both[400:, 600:].min() == 255


def test_a_face_at_the_border_and_a_narrow_picture():
    both = before_after(*pair(301, 200), (-5, 280, 40, 40)).pixels
    assert both.shape[1] == 400
    assert both.shape[0] > 301


def test_a_face_that_fills_the_picture_is_not_shown_twice():
    assert before_after(*pair(200, 200), (20, 20, 150, 150)).pixels.shape == (200, 400, 3)
