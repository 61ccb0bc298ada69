"""Which faces are restored, and why the others are left alone."""

import pytest

from restorekit import Part
from restorekit_faces.decide import decide, unwanted


def face(width, blur, score=0.9, **more):
    facts = {"blur": blur, "kernel_blur": blur, "score": score}
    return Part((0, 0, width, 1.3 * width), facts=facts | more)


def by_edges(width, blur, score=0.9):
    return Part((0, 0, width, 1.3 * width), facts={"blur": blur, "score": score})


def left(*faces, **rule):
    return [part.left for part in decide(faces, **rule)]


@pytest.mark.parametrize(("blur", "word"), [(0.1, "sharp"), (0.95, "slightly blurred"), (1.0, ""), (6, "")])
def test_the_words_tell_sharp_from_slightly_blurred(blur, word):
    assert left(face(100, blur)) == [word]


@pytest.mark.parametrize(
    ("blur", "word"), [(0.1, "not clearly blurred"), (1.3, "not clearly blurred"), (1.5, "")]
)
def test_edges_tell_only_clear_blur(blur, word):
    assert left(by_edges(100, blur)) == [word]


def test_all_faces_of_a_shaken_photo_are_restored():
    assert left(face(170, 1), face(140, 2), face(60, 4), face(40, 3, score=0.7)) == ["", "", "", ""]


@pytest.mark.parametrize("other", [face(290, 5.4, score=0.71), face(30, 2.2), face(300, 3)])
@pytest.mark.parametrize("main", [face(679, 0.2), by_edges(679, 0.2)])
def test_what_is_small_or_unsure_beside_a_sharp_face_stays(main, other):
    assert left(main, other)[1] == "in the background of a sharp face"


def test_a_higher_limit_makes_no_blurred_face_the_one_in_focus():
    assert left(face(600, 2), face(60, 4), skip_below=3) == ["slightly blurred", ""]


def test_whoever_moved_among_equals_is_restored():
    assert left(face(100, 0), face(90, 3), face(110, 0.2)) == ["sharp", "", "sharp"]


def test_a_small_sharp_face_does_not_keep_a_large_blurred_one():
    assert left(face(300, 3), face(60, 0.3)) == ["", "sharp"]


def test_the_largest_and_the_least_wide_are_asked_for():
    faces = [Part((0, 0, width, width)) for width in (40, 100, 90)]
    few = "not among the largest"
    assert [part.left for part in unwanted(faces, largest=1)] == [few, "", few]
    assert [part.left for part in unwanted(faces, min_face=50)] == ["too small", "", ""]
    assert [part.left for part in unwanted(faces)] == ["", "", ""]


def test_what_is_unwanted_stays_so_and_is_no_main_face():
    small = Part((0, 0, 60, 60), "too small", {"score": 0.9})
    assert left(face(100, 3, score=0.7), small) == ["", "too small"]


def test_below_zero_nothing_is_sharp():
    assert left(face(600, 0.1), face(60, 3), skip_below=0) == ["", ""]


def test_no_face_is_no_decision():
    assert decide([]) == []


def test_an_enlarged_face_stays_unless_all_are_wanted():
    enlarged = face(270, 3, enlarged=True)
    assert left(enlarged) == ["enlarged from a smaller picture"]
    assert left(enlarged, skip_below=0) == [""]
