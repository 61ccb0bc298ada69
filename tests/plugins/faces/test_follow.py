"""Faces followed through frames, by a detector that says what it is told."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from restorekit import Part
from restorekit_faces.follow import HOLD, SEARCH, WAIT, FacesLook
from restorekit_faces.followed import CLEAR, EASE, eased, steady
from restorekit_faces.framing import Faces
from restorekit_faces.geometry import template_of
from restorekit_faces.track import Track, points

LIMIT = 2.0


class Told:
    """Stands for what finds faces in a single frame, and for its detector."""

    def __init__(self, geometry, found):
        self.template, self.found, self.asked = template_of(geometry), list(found), []

    @property
    def detector(self):
        return self

    def find(self, pixels):
        self.asked.append("search")
        return self.found.pop(0)

    def again(self, pixels, face):
        self.asked.append("again")
        return next(iter(self.found.pop(0)), None)


@pytest.fixture
def blurred(astronaut):
    pixels, face = astronaut
    return cv2.GaussianBlur(pixels, (0, 0), 4), face


def follow(geometry, frames, found):
    """The view of each frame, of which at most one face is known."""
    look = FacesLook(Told(geometry, found), Faces())
    views = []
    for frame in frames:
        views.append(look(frame))
        views[-1].decide(views[-1].parts)
    return views


def test_a_face_that_is_missed_for_some_frames_keeps_its_place(geometry, blurred):
    pixels, face = blurred
    views = follow(geometry, [pixels] * (HOLD + 3), [[face]] + [[]] * (HOLD + 2))
    assert [len(view.parts) for view in views] == [1] * (HOLD + 1) + [0, 0]


def test_small_errors_of_landmarks_are_smoothed_and_quick_moves_followed(geometry, blurred):
    pixels, face = blurred
    rng = np.random.default_rng(1)
    moved = [replace(face, landmarks=face.landmarks + rng.normal(0, 0.5, (5, 2))) for _ in range(40)]
    views = follow(geometry, [pixels] * 40, [[each] for each in moved])
    seen = np.array([each.landmarks for each in moved])[5:]
    kept = np.array([view.tracks[0].face.landmarks for view in views])[5:]
    assert np.diff(kept, axis=0).std() < 0.5 * np.diff(seen, axis=0).std()
    track = Track(face.box, points(face.landmarks), 0.9)
    far = replace(face, landmarks=face.landmarks + 12)
    assert np.allclose(track.moved(far).face.landmarks, far.landmarks)


def test_a_face_that_appears_amid_a_scene_waits_for_a_second_frame(geometry, blurred):
    pixels, face = blurred
    views = follow(geometry, [pixels] * (WAIT + 2), [[], [face], [face]])
    assert [len(view.parts) for view in views] == [0] * (WAIT + 1) + [1]


def test_a_known_face_is_looked_at_where_it_was_and_searched_for_now_and_then(geometry, blurred):
    pixels, face = blurred
    told = Told(geometry, [[face]] * (SEARCH + 1))
    look = FacesLook(told, Faces())
    for _ in range(SEARCH + 1):
        look(pixels)
    assert told.asked == ["search", *["again"] * (SEARCH - 1), "search"]


def test_a_face_that_is_not_where_it_was_is_searched_for_in_the_next_frame(geometry, blurred):
    pixels, face = blurred
    told = Told(geometry, [[face], [], [face]])
    look = FacesLook(told, Faces())
    assert [len(look(pixels).parts) for _ in range(3)] == [1, 1, 1]
    assert told.asked == ["search", "again", "search"]


def test_another_scene_has_other_faces(geometry, blurred):
    pixels, face = blurred
    views = follow(geometry, [pixels, 255 - pixels], [[face], []])
    assert [len(view.parts) for view in views] == [1, 0]


def test_it_goes_on_from_its_state(geometry, blurred):
    pixels, face = blurred
    first = FacesLook(Told(geometry, [[face]]), Faces())
    view = first(pixels)
    view.decide(view.parts)
    other = FacesLook(Told(geometry, [[face]]), Faces())
    other.resume(json.loads(json.dumps(first.state())))
    assert other.state() == json.loads(json.dumps(first.state()))
    assert other(pixels).tracks[0].strength == 1.0
    assert other._single.asked == ["again"]


def looked_at(geometry, frames, face, kernels):
    """For each frame whether the face goes to the restorer, which says how wide its kernel is."""
    look, asked = FacesLook(Told(geometry, [[face]] * len(frames)), Faces()), []
    for frame, kernel in zip(frames, kernels, strict=True):
        view = look(frame)
        (part,) = view.parts
        asked.append(not part.left)
        told = {} if part.left else {"kernel_blur": kernel}
        view.decide([replace(part, facts=part.facts | told)])
    return asked, view


def test_a_sharp_face_goes_to_the_restorer_once_in_a_while(geometry, astronaut):
    pixels, face = astronaut
    asked, view = looked_at(geometry, [pixels] * (SEARCH + 2), face, [0.1] * (SEARCH + 2))
    assert asked == [True, *[False] * (SEARCH - 1), True, False]
    (part,) = view.decide(view.parts)
    assert part.left == "sharp" and part.facts["kernel_blur"] == 0.1


def test_a_sharp_face_that_becomes_blurred_goes_to_the_restorer_at_once(geometry, astronaut):
    pixels, face = astronaut
    frames = [pixels, pixels, cv2.GaussianBlur(pixels, (0, 0), 1.5), pixels, pixels]
    asked, view = looked_at(geometry, frames, face, [0.1, 0.1, 1.5, 0.1, 0.1])
    assert asked == [True, False, True, True, False]


def test_a_blurred_face_always_goes_to_the_restorer(geometry, blurred):
    pixels, face = blurred
    assert looked_at(geometry, [pixels] * 4, face, [4.0] * 4)[0] == [True] * 4


def part(blur, left=""):
    return Part((0, 0, 9, 9), left, {"blur": blur})


def track(strength):
    return Track((0, 0, 9, 9), ((0, 0),) * 5, 0.9, strength=strength)


def test_near_the_limit_it_is_decided_as_before():
    assert steady(part(1.8, "slightly blurred"), track(1.0), LIMIT).left == ""
    assert steady(part(1.8, "slightly blurred"), track(0.0), LIMIT).left == "slightly blurred"
    assert steady(part(2.2), track(0.0), LIMIT).left == "not clearly blurred"
    assert steady(part(2.2), track(1.0), LIMIT).left == ""
    assert steady(part(2.2), track(None), LIMIT).left == ""


def test_far_from_the_limit_it_is_decided_by_the_frame():
    assert steady(part(1.0, "sharp"), track(1.0), LIMIT).left == "sharp"
    assert steady(part(4.0), track(0.0), LIMIT).left == ""
    assert steady(part(1.8, "too small"), track(1.0), LIMIT).left == "too small"


def test_the_strength_grows_slowly_unless_the_blur_is_clear():
    assert eased(part(2.4), track(0.0), LIMIT) == EASE
    assert eased(part(2.4), track(0.9), LIMIT) == 1.0
    assert eased(part(CLEAR * LIMIT), track(0.0), LIMIT) == 1.0
    assert eased(part(2.4), track(None), LIMIT) == 1.0
    assert eased(part(1.0, "sharp"), track(1.0), LIMIT) == 0.0


def test_a_share_of_the_change_is_put_back(geometry, blurred):
    pixels, face = blurred
    (view,) = follow(geometry, [pixels], [[face]])
    lighter = [window + np.float32(0.2) for window in view.windows]
    full = view.put_back(lighter).astype(int) - pixels
    view.strengths = [0.5]
    half = view.put_back(lighter).astype(int) - pixels
    assert full.max() > 40 and abs(half.max() - full.max() / 2) <= 2
