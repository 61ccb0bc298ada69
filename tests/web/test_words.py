"""What the page says of photos."""

import numpy as np
import pytest

from restorekit import ImageError
from restorekit.framing import Part, View, WholeView
from restorekit.images import Picture
from restorekit.restore.draft import CHOSEN, Draft, Restored
from restorekit.web.words import of_error, of_part, of_photo

PICTURE = Picture(np.zeros((16, 16, 3), np.uint8), notes=("it was turned upright",))


def said(view, changed=False, parts=(), notes=(), noun="faces", others=()):
    draft = Draft(PICTURE, lambda pixels: view)
    restored = Restored(PICTURE, changed, parts, notes, others)
    return of_photo(draft, restored, noun, {"faces=off": "All of the photo"})


@pytest.mark.parametrize(
    ("done", "found", "words"),
    [
        (0, 1, "The face was left as it was."), (1, 1, "One face was found and restored."),
        (1, 3, "1 of 3 faces was restored."), (2, 3, "2 of 3 faces were restored."),
        (2, 2, "Both faces were restored."), (0, 2, "Both faces were left as they were."),
        (3, 3, "All 3 faces were restored."), (0, 3, "All 3 faces were left as they were."),
    ],
)  # fmt: skip
def test_faces_are_counted(done, found, words):
    parts = tuple(Part((0, 0, 1, 1), left="" if i < done else "sharp") for i in range(found))
    assert said(View(looked=True), done > 0, parts)[0] == words


def test_without_faces_the_photo_was_restored_or_not_and_the_way_is_named():
    whole = WholeView(PICTURE.pixels, "no face found")
    assert said(whole, True) == [
        "No face was found, so the whole photo was restored.",
        "It was turned upright.",
    ]
    assert said(View(looked=True), notes=("no face; faces=off restores it",)) == [
        "No face was found, and the photo is left as it was.",
        "To restore it all the same, choose \u201cAll of the photo\u201d.",
    ]
    assert said(WholeView(PICTURE.pixels), parts=(Part((0, 0, 16, 16), left="sharp"),)) == [
        "The photo is left as it was: already sharp."
    ]


@pytest.mark.parametrize(
    ("left", "words"),
    [("", "All around was restored."), ("it is clear", "All around was left as it was: it is clear.")],
)
def test_what_is_around_faces_is_told_too(left, words):
    face, rest = Part((0, 0, 1, 1)), Part((0, 0, 16, 16), left=left)
    assert (
        said(View(looked=True), True, (face,), others=(rest,))[0]
        == f"One face was found and restored. {words}"
    )


def test_parts_say_why_they_are_left():
    part = Part((0, 0, 1, 1), left="too small", facts={"blur": 1.23})
    assert of_part(part, False, True) == "left as it was: too small"
    assert of_part(Part((0, 0, 1, 1), left=CHOSEN), False, True) == "left as it was: as you chose"
    assert of_part(Part((0, 0, 1, 1)), False, False) == "will be restored"


def test_errors_name_neither_options_nor_places():
    error = ImageError("/kept/x/a.png: is too large", "deblur takes it with --max-pixels 7")
    assert of_error(error, "/kept/x/") == "a.png: is too large"
    assert (
        of_error(ImageError("/kept/x/a.png: is cut", "save it again"), "/kept/x/")
        == "a.png: is cut; save it again"
    )
    assert of_error(OSError(28, "No space left on device"), "/") == "cannot be kept (No space left on device)"
    assert of_error(ValueError("/kept/x/secret"), "/kept/x/") == "something went wrong"
