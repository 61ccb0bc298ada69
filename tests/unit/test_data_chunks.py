"""Sources read in chunks: a process reads every chunk once an epoch, and draws stay a function of the seed."""

import pickle
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from restorekit.data.crop import Center
from restorekit.data.image_task import ImageTask
from restorekit.data.loader import batches
from restorekit.data.samples import DRAW, ORDER, Samples
from restorekit.data.sources.chunks import KEPT, Chunked

READ = []


@dataclass(frozen=True)
class Numbered(Chunked):
    """Grey pictures whose value is their number; every reading of a chunk is noted."""

    lengths: tuple[int, ...] = (3, 1, 4, 0, 2)

    def read(self, chunk):
        READ.append(chunk)
        first = sum(self.lengths[:chunk])
        return [(f"{i}", png(i)) for i in range(first, first + self.lengths[chunk])]


def png(value):
    file = BytesIO()
    Image.new("RGB", (16, 16), (value,) * 3).save(file, "PNG")
    return file.getvalue()


def samples(source):
    return Samples(source, 7, DRAW, 16, Center(), (), {"image": ImageTask()})


@pytest.fixture(autouse=True)
def _nothing_read():
    READ.clear()


def test_an_index_finds_its_chunk():
    source = Numbered()
    assert len(source) == 10
    assert [(source[i].id, int(source[i].sharp[0, 0, 0])) for i in range(10)] == [
        (str(i), i) for i in range(10)
    ]
    with pytest.raises(IndexError):
        source[10]


def test_an_order_is_a_permutation_that_keeps_chunks_together():
    orders = [Numbered().order(np.random.default_rng(seed)).tolist() for seed in range(20)]
    chunks = [{0, 1, 2}, {3}, {4, 5, 6, 7}, {8, 9}]
    for order in orders:
        assert sorted(order) == list(range(10))
        for chunk in chunks:
            places = [order.index(i) for i in chunk]
            assert max(places) - min(places) == len(chunk) - 1
    assert len({tuple(order) for order in orders}) > 15
    assert len({tuple(i for i in order if i in chunks[2]) for order in orders}) > 5


def test_an_epoch_reads_every_chunk_once():
    drawn = list(batches(samples(Numbered()), first=0, count=2, batch=5, workers=0))
    assert sorted(name for batch in drawn for name in batch.ids) == sorted(map(str, range(10)))
    assert sorted(READ) == [0, 1, 2, 4]


@pytest.mark.filterwarnings("ignore:This DataLoader will create 4")  # more than this machine may have cores
def test_workers_draw_the_same_from_chunks_from_any_start():
    alone = [batch.ids for batch in batches(samples(Numbered()), first=0, count=6, batch=5, workers=0)]
    for workers in (0, 2, 4):
        later = batches(samples(Numbered()), first=10, count=4, batch=5, workers=workers)
        assert [batch.ids for batch in later] == alone[2:]


def test_only_the_last_chunks_are_kept():
    source = Numbered()
    for index in (0, 3, 0, 4, 3, 8, 0):
        source[index]
    assert len(source._kept) == KEPT
    assert READ == [0, 1, 2, 1, 4, 0]


def test_what_was_read_is_not_pickled():
    source = Numbered()
    source[5]
    copy = pickle.loads(pickle.dumps(source.__getstate__()))
    assert "_kept" in source.__dict__ and "_kept" not in copy and copy["lengths"] == source.lengths


def test_other_sources_are_drawn_in_the_order_they_always_were():
    class Plain(Numbered):
        order = Chunked.__mro__[1].order

    (batch,) = batches(samples(Plain((10,))), first=20, count=1, batch=10, workers=0)
    assert batch.ids == [str(i) for i in np.random.default_rng([7, ORDER, 2]).permutation(10)]
