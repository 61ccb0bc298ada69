"""What is shown on the screen."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from restorekit.images import Picture
from restorekit.restore.draft import Restored
from restorekit.web.photo import Photo
from restorekit.web.results import shown


@pytest.fixture
def photo(tmp_path):
    pixels = np.zeros((20, 3000, 3), np.uint16)
    pixels[:, 1500:] = 40_000
    photo = Photo("x", tmp_path / "a.png")
    photo.saw(Picture(pixels, alpha=np.zeros((20, 3000), np.uint16), icc=b"no profile"))
    photo.restored = Restored(Picture(pixels // 2), True)
    return photo


def pixels(data):
    return np.asarray(Image.open(BytesIO(data)))


def test_both_sides_are_reduced_to_a_screen_without_transparency(photo):
    before, after = (pixels(shown(photo, side, None, 1600)) for side in ("before", "after"))
    assert before.shape == after.shape == (11, 1600, 3)
    assert abs(before[5, -9] - 155.6).max() < 3 and abs(after[5, -9] - 77.8).max() < 3


def test_a_part_is_as_large_as_it_is_and_what_lies_outside_is_left_out(photo):
    assert pixels(shown(photo, "after", (1490, 5, 20, 10))).shape == (10, 20, 3)
    assert pixels(shown(photo, "after", (2990, 5, 50, 50))).shape == (15, 10, 3)
    assert pixels(shown(photo, "after", (4000, 0, 5, 5), 100)).shape[1] == 100


def test_before_is_enlarged_to_what_was_made_of_it(photo):
    photo.restored = Restored(Picture(np.zeros((40, 6000, 3), np.uint8)), True)
    assert pixels(shown(photo, "before")).shape == pixels(shown(photo, "after")).shape == (40, 6000, 3)
    box = 10, 0, 20, 20
    assert (
        pixels(shown(photo, "before", box)).shape == pixels(shown(photo, "after", box)).shape == (40, 40, 3)
    )
