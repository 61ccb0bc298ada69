import numpy as np
import pytest

from restorekit import Item, Source
from restorekit.data.sources.mixed import Mixed


class Numbers(Source):
    """As many images as wanted, each filled with its number."""

    def __init__(self, count, start=0, degraded=False):
        self.count, self.start, self.degraded = count, start, degraded

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        image = np.full((20, 30, 3), self.start + index, np.uint8)
        image[5:15, 10:20] += 100
        return Item(image, str(self.start + index), image // 2 if self.degraded else None)


def numbers(source):
    return [int(source[index].id) for index in range(len(source))]


def test_without_shares_every_image_comes_once():
    assert numbers(Mixed((Numbers(3), Numbers(2, 100)))) == [0, 1, 2, 100, 101]


def test_the_short_source_is_repeated_for_its_share():
    found = numbers(Mixed((Numbers(6), Numbers(2, 100)), shares=(1, 1)))
    assert found == [0, 1, 2, 3, 4, 5, 100, 101, 100, 101, 100, 101]


def test_an_epoch_shows_every_image_whatever_the_shares():
    found = numbers(Mixed((Numbers(4), Numbers(7, 100)), shares=(3, 1)))
    assert set(found) == {*range(4), *range(100, 107)}
    assert sum(n < 100 for n in found) == 3 * sum(n >= 100 for n in found)


@pytest.mark.parametrize("fields", [{"sources": ()}, {"shares": (1,)}, {"shares": (1, 0)}])
def test_shares_that_do_not_fit_are_errors(fields):
    with pytest.raises(ValueError, match="must"):
        Mixed(**({"sources": (Numbers(1), Numbers(1))} | fields))
