"""The flicker figure, and what lowers it."""

import numpy as np

from restorekit_video.course import Course
from restorekit_video.flicker import Flicker, steadied

BOX = np.s_[10:40, 10:40]


def frame(noise=0, seed=0):
    still = np.full((50, 60, 3), 100.0)
    return np.rint(still + np.random.default_rng(seed).normal(0, noise, still.shape)).astype(np.uint8)


def lighter(pixels, by):
    made = pixels.copy()
    made[BOX] += by
    return made


def flicker(pairs):
    figure = Flicker()
    for source, restored in pairs:
        figure.add(source, restored)
    return figure.total / figure.pixels if figure.pixels else None


def test_what_changes_by_turns_in_a_still_source_flickers():
    one, other = frame(), frame()
    assert flicker([(one, lighter(one, 10)), (other, lighter(other, 10))]) == 0
    assert flicker([(one, lighter(one, 10)), (other, lighter(other, 16))]) == 6
    assert flicker([(one, one), (other, lighter(other, 8))]) == 8
    assert flicker([(one, one), (other, other)]) is None


def test_what_moves_does_not_count():
    one, other = frame(), frame() + np.uint8(30)
    assert flicker([(one, lighter(one, 10)), (other, lighter(other, 50))]) is None


def test_where_the_source_is_still_most_of_the_last_frame_is_kept():
    one, other = frame(), frame()
    made = steadied(other, lighter(other, 20), one, lighter(one, 10))
    assert (made[BOX] == 112).all() and made[BOX].size == (made != other).sum()
    moved = frame() + np.uint8(30)
    assert np.array_equal(steadied(moved, lighter(moved, 20), one, lighter(one, 10)), lighter(moved, 20))


def test_a_course_keeps_steady_and_leaves_alone_what_is_left_alone():
    sources = [frame() for _ in range(6)]
    alone = [lighter(each, by) for each, by in zip(sources, (5, 15, 5, 15, 5), strict=False)]
    made = iter(alone)
    course = Course(lambda pixels: next(made, pixels))
    results = [course(each) for each in sources]
    assert results[5] is sources[5] and (course.frames, course.restored) == (6, 5)
    assert flicker(list(zip(sources, results, strict=True))[:5]) < 6
    assert flicker(list(zip(sources, alone, strict=False))) == 10
