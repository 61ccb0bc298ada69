"""What is kept of the predictions that examining asks for."""

import numpy as np

from restorekit.restore.facts import Predictions

IMAGES = np.random.default_rng(0).random((3, 16, 20, 3), np.float32)
ROWS = np.arange(3, dtype=np.float32).reshape(3, 1, 1, 1)


def test_images_are_known_alone_and_in_any_order():
    kept = Predictions()
    kept.keep(IMAGES, {"kernel": ROWS})
    assert kept.of(IMAGES[2:])["kernel"].ravel().tolist() == [2]
    assert kept.of(IMAGES[::-1])["kernel"].ravel().tolist() == [2, 1, 0]


def test_others_are_not_known_nor_what_was_restored_before():
    kept = Predictions()
    assert kept.of(IMAGES) is None
    kept.keep(IMAGES[:2], {"kernel": ROWS[:2]})
    assert kept.of(IMAGES) is None
    assert kept.of(IMAGES[:1].reshape(1, 20, 16, 3)) is None
    kept.keep(IMAGES[2:], {"kernel": ROWS[2:]})
    assert kept.of(IMAGES[:1]) is None


def test_nothing_is_kept_where_nothing_is_told():
    kept = Predictions()
    kept.keep(IMAGES, {})
    assert kept.of(IMAGES) is None
