"""One thing at a time, and how far it is."""

import threading

import pytest

from restorekit.web.work import Course, Pace, Work


def test_what_is_urgent_goes_before_what_waits():
    work, go, order = Work(), threading.Event(), []
    work.add(lambda: go.wait(60))
    jobs = [
        work.add(lambda name=name: order.append(name), urgent)
        for name, urgent in [("a", 0), ("b", 0), ("c", 1)]
    ]
    go.set()
    for job in jobs:
        job.result(60)
    assert order == ["c", "a", "b"]


def test_an_error_is_the_jobs_own():
    work = Work()
    with pytest.raises(ZeroDivisionError):
        work.add(lambda: 1 / 0).result(60)
    assert work.add(lambda: None).result(60) is None


def test_a_course_goes_by_the_pace_and_then_by_its_own_tiles():
    pace = Pace()
    assert Course(1000, pace, 0.0).at(5.0) == (0.0, None)  # nobody knows
    pace.learn(100, 1.0)
    course = Course(1000, pace, 0.0)
    assert course.at(2.5) == (0.25, 7.5)
    course.tell(1, 4, 5.0)  # slower than thought
    assert course.at(5.0) == (0.25, 15.0)
    assert course.at(7.0) == (0.35, 13.0)
    share, left = course.at(60.0)  # slower again
    assert 0.25 < share <= 0.5 and left >= 60


def test_a_pace_goes_by_what_was_last_and_large():
    pace = Pace()
    pace.learn(1000, 10.0)
    pace.learn(1000, 40.0)
    assert pace.seconds(100) == 3.0
    pace.learn(1, 1.0)  # most of which is not for its pixels
    assert 3.0 < pace.seconds(100) < 3.2
