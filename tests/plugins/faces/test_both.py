"""The faces and all around them: one picture without a seam, where a sharp face leaves the rest as it is."""

import cv2
import numpy as np
import pytest
import skimage.data

from restorekit import RestorekitError, Restorer
from restorekit.contracts import Footprint
from restorekit.images import Picture
from restorekit.restore.pictures import restore_pictures
from restorekit.restore.steady import Steady
from restorekit_faces.framing import Faces

SHAKE = np.eye(15, dtype=np.float32) / 15


class Brighter(Restorer):
    """Adds a tenth to crops of faces, and a fifth to whole pictures."""

    name = "brighter"

    def __init__(self, geometry):
        self.footprint = Footprint(geometry=geometry)

    def restore(self, images):
        return images + (0.1 if images.shape[-1] == 128 else 0.2)


@pytest.fixture
def restore(monkeypatch, geometry):
    """Restore a picture in which some faces are found."""

    def run(pixels, found, **keys):
        restorer = Brighter(geometry)
        look = Faces(**{"faces": "both"} | keys).build(restorer)
        monkeypatch.setattr(type(look), "find", lambda self, pixels: found)
        (made,) = restore_pictures(Steady(restorer, tile="off"), [Picture(pixels)], look)
        return made

    return run


@pytest.fixture
def shaken(astronaut):
    pixels = cv2.filter2D(astronaut[0] // 2, -1, SHAKE)
    return (pixels + np.random.default_rng(0).normal(0, 1, pixels.shape)).clip(0, 255).astype(np.uint8)


def test_the_face_and_the_rest_change_and_only_the_face_is_reported(restore, shaken, astronaut):
    made = restore(shaken, [astronaut[1]])
    change = made.picture.pixels.astype(int) - shaken
    assert (np.abs(change[100:140, 205:240] - 25.5) < 1).all()  # by the face's crop, not by both
    assert np.median(change[300:400, 150:400]) == 51
    assert [part.left for part in made.parts] == [""] and made.parts[0].box == astronaut[1].box
    assert made.notes[-1] == "the rest of the picture restored"
    assert [part.box for part in made.others] == [(0, 0, 512, 512)]


def test_nothing_ends_at_the_edge_of_a_face(restore, shaken, astronaut):
    change = restore(shaken, [astronaut[1]]).picture.pixels.astype(int) - shaken
    steps = np.abs(np.diff(change[123, 140:320, 1]))
    assert change[123, 140:320, 1].max() - change[123, 140:320, 1].min() >= 25 and steps.max() <= 6


def test_beside_a_sharp_face_the_rest_is_left_alone(restore, shaken, astronaut):
    pixels, face = astronaut
    mixed = shaken.copy()
    mixed[40:200, 140:300] = pixels[40:200, 140:300]
    made = restore(mixed, [face])
    assert not made.changed and np.array_equal(made.picture.pixels, mixed)
    assert "the rest of the picture left alone" in made.notes[-1]


def test_a_sharp_picture_stays_to_the_bit(restore, astronaut):
    made = restore(astronaut[0], [astronaut[1]])
    assert not made.changed
    assert made.notes[-1].startswith(
        "the rest of the picture left alone: it is not clearly blurred as a whole"
    )


def test_a_face_that_was_not_chosen_stays_as_it_is(geometry, monkeypatch, shaken, astronaut):
    from restorekit.restore.draft import Draft
    from restorekit.restore.pictures import compute

    restorer = Brighter(geometry)
    look = Faces(faces="both").build(restorer)
    monkeypatch.setattr(type(look), "find", lambda self, pixels: [astronaut[1]])
    draft = Draft(Picture(shaken), look)
    compute(Steady(restorer, tile="off"), [draft])
    made = draft.put_back({0: False}).picture.pixels.astype(int) - shaken
    x, y, width, height = map(round, astronaut[1].box)
    middle = made[y + height // 4 : y + 3 * height // 4, x + width // 4 : x + 3 * width // 4]
    assert (middle == 0).all() and np.median(made[300:400, 150:400]) == 51


def test_without_a_face_it_is_as_for_any_photo_but_of_every_size(restore, monkeypatch):
    photo = cv2.filter2D(skimage.data.coffee() // 2, -1, SHAKE)
    monkeypatch.setattr("restorekit_faces.framing.WHOLE_MOST", 1000)
    assert restore(photo, []).changed
    assert not restore(photo, [], faces="auto").changed


def test_an_aligned_crop_is_restored_as_the_face_that_it_is(restore, shaken, astronaut, make_face):
    crop = np.ascontiguousarray(shaken[58:188, 157:287])
    face = make_face(astronaut[1].landmarks - (157, 58))
    made = restore(cv2.resize(crop, (128, 128)), [face])
    assert np.median(made.picture.pixels.astype(int) - cv2.resize(crop, (128, 128))) in (25, 26)


def test_clips_are_refused_in_words(geometry):
    with pytest.raises(RestorekitError, match="faces=both is for photos, not for clips; choose auto"):
        Faces(faces="both").follow(Brighter(geometry))
