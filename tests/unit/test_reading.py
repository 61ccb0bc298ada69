"""Files that have no end, or unfold to far more than they should, where a text or an archive is expected."""

import os
import tarfile
from pathlib import Path

import pytest

import restorekit
from restorekit.card import provider
from restorekit.data.sources.listing import read_listing
from restorekit.data.sources.webdataset import Shards
from restorekit.evaluation.manifest import read_manifest
from restorekit_faces.celeba_source import celeba_names
from restorekit_faces.yunet import load_detector
from restorekit_identity.people import _rows


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_text_that_has_no_end_is_not_waited_for(tmp_path, make):
    make(tmp_path / "list.txt")
    with pytest.raises(ValueError, match="not a file"):
        restorekit.read_text(tmp_path / "list.txt")
    calls = [
        lambda: read_listing(tmp_path / "list.txt", tmp_path),
        lambda: read_manifest(tmp_path / "list.txt"),
        lambda: len(Shards(shards=Path("x.tar"), index=tmp_path / "list.txt")),
        lambda: len(Shards(shards=tmp_path / "list.txt")),
        lambda: load_detector(tmp_path / "list.txt"),
        lambda: _rows(tmp_path / "list.txt"),
    ]
    for call in calls:
        with pytest.raises(restorekit.RestorekitError, match="list.txt"):
            call()
    (tmp_path / "list.txt").rename(tmp_path / "list_eval_partition.txt")
    with pytest.raises(restorekit.DataError, match="no readable"):
        celeba_names(tmp_path, "train")
    (tmp_path / "list_eval_partition.txt").rename(tmp_path / "README.md")
    assert provider(tmp_path / "README.md", "network", "x") is None


def test_a_shard_that_unfolds_to_far_more_is_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", compresslevel=1) as tar:
        member = tarfile.TarInfo("a.png")
        member.size = 2**29 + 1
        tar.addfile(member, Zeros(member.size))
    with pytest.raises(restorekit.DataError, match="a.png has 0.5 GiB"):
        Shards(shards=tmp_path / "a.tar.gz")[0]


class Zeros:
    def __init__(self, size):
        self.left = size

    def read(self, size):
        size = min(size, self.left)
        self.left -= size
        return bytes(size)
