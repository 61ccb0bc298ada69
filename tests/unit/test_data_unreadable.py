"""Images that cannot be read give their place to the next one, and are told of."""

import os
from dataclasses import dataclass

import numpy as np
import pytest

from restorekit import Item, Source
from restorekit.data.crop import Center
from restorekit.data.image_task import ImageTask
from restorekit.data.loader import batches
from restorekit.data.samples import DRAW, VALIDATION, Samples
from restorekit.errors import DataError, ImageError
from restorekit.training.skipped import SkipList


@dataclass(frozen=True)
class Partly(Source):
    """Pictures of which only those from ``first`` to ``last`` can be read."""

    count: int
    first: int
    last: int

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if not self.first <= index < self.last:
            raise ImageError(f"{index}.png: is empty", "copy it again")
        return Item(np.full((16, 16, 3), index, np.uint8), f"{index}.png")


def drawn(source, stream=DRAW, count=1, batch=10, workers=0):
    samples = Samples(source, 7, stream, 16, Center(), (), {"image": ImageTask()})
    return list(batches(samples, first=0, count=count, batch=batch, workers=workers))


def test_the_next_image_in_order_takes_the_place():
    (batch,) = drawn(Partly(10, 2, 9), VALIDATION)
    assert batch.ids == [f"{i}.png" for i in (2, 2, 2, 3, 4, 5, 6, 7, 8, 2)]
    assert batch.unreadable == [f"{i}.png: is empty" for i in (0, 1, 1, 9, 0, 1)]


def test_in_training_the_next_is_that_of_the_epochs_order():
    whole, partly = drawn(Partly(10, 0, 10))[0].ids, drawn(Partly(10, 1, 10))[0].ids
    at = whole.index("0.png")
    assert partly[at] == whole[(at + 1) % 10]
    assert partly[:at] + partly[at + 1 :] == whole[:at] + whole[at + 1 :]


def test_who_takes_the_place_does_not_depend_on_the_workers():
    alone = drawn(Partly(10, 3, 8), count=4, batch=5)
    shared = drawn(Partly(10, 3, 8), count=4, batch=5, workers=2)
    assert [(one.ids, one.unreadable) for one in alone] == [(one.ids, one.unreadable) for one in shared]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Partly(300, 0, 0), "^100 unreadable images in a row, the last: 99.png: is empty; check where"),
        (Partly(3, 0, 0), "^3 unreadable images in a row, the last: 2.png: is empty; check where"),
    ],
)
def test_too_many_in_a_row_are_an_error_that_names_the_last(source, message):
    with pytest.raises(DataError, match=message):
        drawn(source, VALIDATION)


def test_each_is_listed_once_and_said_when_they_become_more(tmp_path):
    file = tmp_path / "skipped.txt"
    skipped = SkipList(file)
    skipped.add([])
    assert skipped.news() == "" and not file.exists()
    skipped.add(["a: is empty", "b: is empty", "a: is empty"])
    assert skipped.news() == f"2 unreadable images skipped so far, listed in {file}"
    skipped.add(["b: is empty"])
    assert skipped.news() == ""
    assert file.read_text() == "a: is empty\nb: is empty\n"


def test_a_resumed_run_lists_none_again(tmp_path):
    SkipList(tmp_path / "skipped.txt").add(["a: is empty"])
    again = SkipList(tmp_path / "skipped.txt")
    again.add(["a: is empty"])
    assert again.news() == ""
    again.add(["b: is empty"])
    assert again.news().startswith("2 unreadable images")
    assert (tmp_path / "skipped.txt").read_text() == "a: is empty\nb: is empty\n"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (os.fsdecode(b"\xff.png"), r"\udcff.png"),
        ("a\nb.png", r"a\nb.png"),
        ("a\x85b\u2028c.png", r"a\x85b\u2028c.png"),
        ("ü 人.png", "ü 人.png"),
    ],
)
def test_a_name_of_any_bytes_is_one_line_also_after_a_resumption(tmp_path, name, written):
    for _ in range(2):
        SkipList(tmp_path / "skipped.txt").add([f"{name}: is empty"])
    assert (tmp_path / "skipped.txt").read_text(encoding="utf-8") == f"{written}: is empty\n"


def test_a_list_that_was_cut_within_a_letter_is_read(tmp_path):
    (tmp_path / "skipped.txt").write_bytes("ü: is empty\nü".encode()[:-1])
    SkipList(tmp_path / "skipped.txt").add(["ü: is empty"])
    assert (tmp_path / "skipped.txt").read_bytes() == "ü: is empty\nü".encode()[:-1]
