"""A picture whose parts are computed once, and put back in any choice and strength."""

from dataclasses import replace

import numpy as np
import pytest

from restorekit.contracts import Restorer
from restorekit.framing import Part, View, WholeView
from restorekit.images import Picture
from restorekit.restore.draft import CHOSEN, Draft, largest
from restorekit.restore.pictures import compute
from restorekit.restore.steady import Steady


class Counting(Restorer):
    """Lightens by 40/255, and counts what it is given."""

    def __init__(self):
        self.seen = 0

    def restore_arrays(self, images):
        self.seen += len(images)
        return images + np.float32(40 / 255)

    def restore(self, images):
        raise AssertionError("not asked")


class Halves(View):
    """Two halves, of which the dark one is left alone."""

    def __init__(self, pixels):
        super().__init__(looked=True)
        self.windows_ = [pixels[:, :20], pixels[:, 20:]]

    @property
    def parts(self):
        return [
            Part((20 * i, 0, 20, 16), left="dark" if window.max() < 50 else "")
            for i, window in enumerate(self.windows)
        ]

    @property
    def windows(self):
        return self.windows_

    def put_back(self, restored):
        each = [old if new is None else new for old, new in zip(self.windows, restored, strict=True)]
        return np.concatenate(each, axis=1)


@pytest.fixture
def restorer():
    return Counting()


def halves(draft, *chosen, strength=1.0):
    made = draft.put_back(dict(chosen), strength)
    return made.picture.pixels[0, [0, 39], 0].tolist()


@pytest.fixture
def draft(restorer):
    pixels = np.full((16, 40, 3), 100, np.uint8)
    pixels[:, 20:] = 10
    draft = Draft(Picture(pixels), Halves)
    compute(Steady(restorer), [draft])
    return draft


def test_strength_and_choice_compute_nothing_again(draft, restorer):
    assert halves(draft) == [140, 10]
    assert halves(draft, strength=0.5) == [120, 10]
    assert halves(draft, (0, False)) == [100, 10]
    assert restorer.seen == 1


def test_what_is_forced_is_computed_and_nothing_else(draft, restorer):
    assert draft.lacks({1: True}) == [1]
    compute(Steady(restorer), [draft], chosen={1: True})
    assert halves(draft, (1, True)) == [140, 50]
    assert halves(draft, (0, False), (1, True), strength=0.25) == [100, 20]
    assert halves(draft) == [140, 10]
    assert restorer.seen == 2 and draft.lacks({0: True, 1: True}) == []


def test_what_was_chosen_is_reported(draft):
    assert [part.left for part in draft.put_back({0: False}).parts] == [CHOSEN, "dark"]
    assert not draft.put_back({0: False}).changed


def test_what_a_restorer_says_of_a_part_decides(restorer):
    class Judging(Halves):
        def decide(self, parts):
            return [replace(part, left="known" if part.facts.get("known") else "") for part in parts]

    draft = Draft(Picture(np.full((16, 40, 3), 100, np.uint8)), Judging)
    for i, window in enumerate(draft.windows):
        draft.keep(i, window + np.uint8(40), {"known": i == 1})
    assert [part.left for part in draft.put_back().parts] == ["", "known"]
    assert halves(draft) == [140, 100] and halves(draft, (1, True)) == [140, 140]


def test_no_strength_changes_nothing(draft):
    made = draft.put_back(None, 0)
    assert not made.changed and made.picture is draft.picture


def test_blending_a_whole_picture_differs_from_computing_it_by_a_level_at_most(restorer):
    pixels = np.random.default_rng(1).integers(0, 200, (32, 48, 3), np.uint8)
    draft = Draft(Picture(pixels), WholeView)
    compute(Steady(restorer), [draft])
    computed = Steady(restorer, strength=0.3).pixels(pixels[None])[0]
    assert abs(draft.put_back(None, 0.3).picture.pixels.astype(int) - computed).max() <= 1


def test_the_largest_part_is_the_largest_restored_or_not():
    assert largest([(0, 0, 3, 4), (1.4, 2.6, 5, 5)]) == (1, 3, 5, 5)
    assert largest([]) is None


class Told(Counting):
    """Lightens by 40/255 in the first look and by ``more`` in the closer one, and says something of windows."""

    def __init__(self, more=80):
        super().__init__()
        self.more = more

    def restore_arrays(self, images):
        self.seen += len(images)
        return images + np.float32((40 if images.shape[1] == 16 else self.more) / 255)

    def examine(self, images, restored):
        return [{"known": True} for _ in images]


class Closer(Halves):
    """Looks closer at what is told to be known: at twice the size."""

    def closer(self, parts):
        return {
            i: self.windows_[i].repeat(2, axis=0).repeat(2, axis=1)
            for i, part in enumerate(parts)
            if part.facts.get("known") and not part.left
        }

    def combine(self, number, first, closer):
        return closer // 2 + first.repeat(2, axis=0).repeat(2, axis=1) // 2

    def put_back(self, restored):
        return super().put_back(
            [each if each is None or len(each) == 16 else each[::2, ::2] for each in restored]
        )


def looked_closer(restorer):
    pixels = np.full((16, 40, 3), 100, np.uint8)
    pixels[:, 20:] = 10
    draft = Draft(Picture(pixels), Closer)
    compute(Steady(restorer), [draft])
    return draft


def test_both_looks_at_a_part_are_combined_in_any_strength():
    restorer = Told()
    draft = looked_closer(restorer)
    assert halves(draft) == [160, 10]
    assert halves(draft, strength=0.5) == [130, 10]
    compute(Steady(restorer), [draft])
    assert restorer.seen == 2


def test_a_closer_look_that_changes_nothing_leaves_the_first():
    assert halves(looked_closer(Told(more=0))) == [140, 10]


def test_nothing_is_looked_at_closer_of_which_nothing_is_told(restorer):
    assert halves(looked_closer(restorer)) == [140, 10]
    assert restorer.seen == 1
