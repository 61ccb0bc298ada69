"""Which faces are restored, and why the others are left alone."""

import pytest

from restorekit import Part
from restorekit_faces.decide import decide


def face(width, blur, score=0.9):
    return Part((0, 0, width, 1.3 * width), facts={"blur": blur, "score": score})


def left(*faces, **rule):
    return [part.left for part in decide(faces, **rule)]


@pytest.mark.parametrize(("blur", "word"), [(0.9, "sharp"), (1.6, "slightly blurred"), (1.8, ""), (6, "")])
def test_the_words_tell_sharp_from_slightly_blurred(blur, word):
    assert left(face(100, blur)) == [word]


def test_all_faces_of_a_shaken_photo_are_restored():
    assert left(face(170, 1.8), face(140, 2), face(60, 4), face(40, 3, score=0.7)) == ["", "", "", ""]


@pytest.mark.parametrize("other", [face(290, 5.4, score=0.71), face(30, 2.2), face(300, 3)])
def test_what_is_small_or_unsure_beside_a_sharp_face_stays(other):
    assert left(face(679, 0.9), other) == ["sharp", "in the background of a sharp face"]


def test_whoever_moved_among_equals_is_restored():
    assert left(face(100, 1), face(90, 3), face(110, 1.2)) == ["sharp", "", "sharp"]


def test_a_small_sharp_face_does_not_keep_a_large_blurred_one():
    assert left(face(300, 3), face(60, 1)) == ["", "sharp"]


def test_the_largest_and_the_least_wide_are_asked_for():
    faces = [face(40, 3), face(100, 3), face(90, 3)]
    assert left(*faces, largest=1) == ["not among the largest", "", "not among the largest"]
    assert left(*faces, min_face=50) == ["too small", "", ""]


def test_below_zero_nothing_is_sharp():
    assert left(face(600, 0.5), face(60, 3), skip_below=0) == ["", ""]


def test_no_face_is_no_decision():
    assert decide([]) == []


def test_an_enlarged_face_stays_unless_all_are_wanted():
    enlarged = Part((0, 0, 270, 350), facts={"blur": 3, "score": 0.9, "enlarged": True})
    assert left(enlarged) == ["enlarged from a smaller picture"]
    assert left(enlarged, skip_below=0) == [""]


def test_a_large_face_whose_fine_detail_is_blurred_is_not_called_sharp_nor_where_somebody_focused():
    large = Part((0, 0, 900, 1100), facts={"blur": 1.2, "score": 0.9, "fine_blur": 3.5})
    assert left(large, face(200, 3, score=0.7)) == ["slightly blurred", ""]
    sharp = Part((0, 0, 900, 1100), facts={"blur": 1.2, "score": 0.9, "fine_blur": 1.8})
    assert left(sharp, face(200, 3, score=0.7)) == ["sharp", "in the background of a sharp face"]
