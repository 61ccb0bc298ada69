"""Contact sheets."""

import numpy as np
import pytest

from restorekit.images import contact_sheet, reduced

WHITE = np.full((40, 60, 3), 255, np.uint8)
RED = np.full((20, 30, 3), (255, 0, 0), np.uint8)


def red(sheet):
    """Where the pure red pixels lie: top, bottom, left, right."""
    rows, columns = np.nonzero((sheet == (255, 0, 0)).all(axis=2))
    return rows.min(), rows.max() + 1, columns.min(), columns.max() + 1


def test_pictures_lie_unchanged_side_by_side_on_grey():
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)
    sheet = contact_sheet([[picture, picture]])
    assert sheet.dtype == np.uint8 and sheet.shape[2] == 3
    assert np.array_equal(sheet[6:46, 6:66], picture) and np.array_equal(sheet[6:46, 72:132], picture)
    assert len(np.unique(sheet[:, 67:71].reshape(-1, 3), axis=0)) == 1


def test_a_small_picture_is_in_the_middle_of_its_column():
    top, bottom, left, right = red(contact_sheet([[WHITE], [RED]]))
    assert (bottom - top, right - left) == (20, 30)
    assert left - 6 == 6 + 60 - right


def test_rows_may_differ_in_length():
    sheet = contact_sheet([[WHITE], [WHITE, RED]])
    assert red(sheet)[2] > 66


def test_every_line_of_a_caption_makes_a_row_higher():
    none, one, two = (
        contact_sheet([[WHITE]], captions).shape[0] for captions in (None, [["psnr"]], [["unet\n20 dB"]])
    )
    assert 10 < one - none < 30
    assert 8 < two - one < 30


def test_a_long_caption_makes_its_column_wider_and_loses_no_letter():
    short, long = (
        contact_sheet([[WHITE]], [[text]]) for text in ("a name", "a name longer than its picture")
    )
    assert long.shape[1] > short.shape[1] + 50
    edges = np.concatenate([long[50:, :3], long[50:, -3:]])
    assert len(np.unique(edges.reshape(-1, 3), axis=0)) == 1


def test_a_header_stands_above_the_first_row():
    plain, headed = contact_sheet([[RED]]), contact_sheet([[RED]], header=["sharp"])
    assert red(headed)[0] > red(plain)[0] + 8


def test_letters_grow_with_the_pictures():
    def height(side):
        picture = np.zeros((side, side, 3), np.uint8)
        return contact_sheet([[picture]], [["x"]]).shape[0] - contact_sheet([[picture]]).shape[0]

    assert height(1024) > 2 * height(128)


def test_a_picture_is_reduced_to_the_largest_side_that_is_allowed():
    picture = np.zeros((300, 600, 3), np.uint8)
    picture[:, :300] = 200
    small = reduced(picture, 100)
    assert small.shape == (50, 100, 3) and small.dtype == np.uint8
    assert (small[:, :45] == 200).all() and (small[:, 55:] == 0).all()
    assert reduced(picture, 600) is picture


def test_a_thin_picture_keeps_a_pixel():
    assert reduced(np.zeros((2, 5000, 3), np.uint8), 100).shape == (1, 100, 3)


@pytest.mark.parametrize(
    ("rows", "captions", "message"),
    [
        ([], None, "needs a picture"),
        ([[]], None, "needs a picture"),
        ([[WHITE]], [["a", "b"]], "2 captions for a row of 1 pictures"),
        ([[WHITE]], [], "shorter|longer"),
    ],
)
def test_wrong_rows_are_a_value_error(rows, captions, message):
    with pytest.raises(ValueError, match=message):
        contact_sheet(rows, captions)
