"""Pictures restored in a framing: parts, windows, decisions, and what is put back."""

from dataclasses import replace

import numpy as np
import pytest

from restorekit.contracts import Restorer
from restorekit.framing import Part, View, WholeView
from restorekit.images import Picture
from restorekit.restore.pictures import restore_pictures
from restorekit.restore.steady import Steady


class Lighter(Restorer):
    name = "lighter"

    def __init__(self):
        self.batches = []

    def restore_arrays(self, images):
        self.batches.append(images.shape[:3])
        return images + np.float32(20 / 255)

    def restore(self, images):
        raise AssertionError("pictures go through without torch")

    def examine(self, images, restored):
        return [{"light": round(float(image.mean()), 2)} for image in images]


class Halves(View):
    """The left and the right half; what is dark stays as it is, and so does what the restorer finds light."""

    def __init__(self, pixels):
        super().__init__("halves", looked=True)
        self.pixels = pixels
        self.asked = []

    @property
    def parts(self):
        return [Part((0, 0, 20, 16), facts={"low": 0}), Part((20, 0, 20, 16), facts={"low": 1})]

    @property
    def windows(self):
        return [self.pixels[:, :20], self.pixels[:, 20:]]

    def decide(self, parts):
        self.asked.append([dict(part.facts) for part in parts])
        dark = [window.max() < 50 for window in self.windows]
        light = [part.facts.get("light", 0) > 0.7 for part in parts]
        return [
            replace(part, left="dark" if dark[i] else "light" if light[i] else "")
            for i, part in enumerate(parts)
        ]

    def put_back(self, restored):
        return np.concatenate(
            [self.windows[i] if each is None else each for i, each in enumerate(restored)], axis=1
        )


def picture(left, right):
    pixels = np.full((16, 40, 3), left, np.uint8)
    pixels[:, 20:] = right
    return Picture(pixels)


def test_parts_are_restored_left_alone_or_told_by_the_restorer_to_be():
    restorer = Lighter()
    pictures = [picture(100, 10), picture(100, 200), picture(10, 10)]
    made = restore_pictures(Steady(restorer), pictures, Halves)
    assert [[part.left for part in each.parts] for each in made] == [
        ["", "dark"],
        ["", "light"],
        ["dark", "dark"],
    ]
    assert [each.picture.pixels[0, [0, 39], 0].tolist() for each in made] == [[120, 10], [120, 200], [10, 10]]
    assert [each.changed for each in made] == [True, True, False]
    assert made[2].picture is pictures[2]
    assert made[0].parts[0].facts == {"low": 0, "light": 0.39}
    assert restorer.batches == [(6, 16, 20)]  # what is dark was computed too


def test_windows_of_several_pictures_are_batches_of_a_size_that_fits(monkeypatch):
    monkeypatch.setattr("restorekit.restore.pictures.BATCH_PIXELS", 5 * 16 * 20)
    restorer = Lighter()
    restore_pictures(Steady(restorer), [picture(100, 110)] * 6, Halves)
    assert [count for count, _, _ in restorer.batches] == [5, 5, 2]


def test_the_largest_restored_part_is_shown():
    (made,) = restore_pictures(Steady(Lighter()), [picture(10, 100)], Halves)
    assert made.zoom == (20, 0, 20, 16)
    assert made.notes == ("halves",)


def test_a_view_of_nothing_leaves_the_picture_alone():
    given = picture(100, 100)
    (made,) = restore_pictures(Steady(Lighter()), [given], lambda pixels: View("nothing", looked=True))
    assert made.picture is given and made.parts == () and made.notes == ("nothing",)


@pytest.mark.parametrize("looked", [True, False])
def test_parts_are_told_only_where_they_were_looked_for(looked):
    (made,) = restore_pictures(Steady(Lighter()), [picture(1, 1)], lambda pixels: View(looked=looked))
    assert made.parts == (() if looked else None)


def test_hidden_colours_never_reach_the_restorer_and_come_back_as_they_were():
    class Seen(Lighter):
        def restore_arrays(self, images):
            assert images.min() > 0.3  # the filled colours, not the black under an alpha of 0
            return super().restore_arrays(images)

    given = picture(0, 100)
    given = replace(given, alpha=np.where(given.pixels[..., 0] > 0, 255, 0).astype(np.uint8))
    (made,) = restore_pictures(Steady(Seen()), [given], WholeView)
    assert (made.picture.pixels[:, 20:] == 120).all()
    assert (made.picture.pixels[:, :20] == 0).all()
    assert made.picture.alpha is given.alpha


def test_channels_that_are_equal_stay_equal():
    class Tinting(Lighter):
        def restore_arrays(self, images):
            return images + np.array([0.1, 0.0, 0.05], np.float32)

    given = replace(picture(30, 100), grey=True, full=True)
    (made,) = restore_pictures(Steady(Tinting()), [given], WholeView)
    assert (made.picture.pixels == made.picture.pixels[..., :1]).all()
    assert made.picture.samples.shape == (16, 40, 3)
