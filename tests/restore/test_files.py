"""Picture files restored from a program: the bad ones told, each output once, and alone if that is asked."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from restorekit import ImageError, Restorer, restore_files, restore_image


class Darker(Restorer):
    """Halves every value, and keeps how many pictures came at once."""

    def __init__(self):
        self.came = []

    def restore_arrays(self, images):
        self.came.append(len(images))
        return images / 2

    def restore(self, images):
        raise AssertionError("pictures go through without torch")


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.default_rng(0)
    files = [tmp_path / f"{name}.png" for name in "abc"]
    for file in files:
        Image.fromarray(rng.integers(0, 256, (20, 24, 4), dtype=np.uint8), "RGBA").save(file)
    return files


def test_each_picture_is_restored_to_its_file_with_its_transparency(pictures, tmp_path):
    pairs = [(file, tmp_path / "out" / file.name) for file in pictures]
    made = list(restore_files(Darker(), pairs))
    assert [(each.job.input, each.job.output, each.error) for each in made] == [
        (*pair, None) for pair in pairs
    ]
    for before, after in pairs:
        wanted = np.asarray(restore_image(Darker(), Image.open(before)))
        assert np.array_equal(np.asarray(Image.open(after)), wanted)


def test_alone_each_picture_goes_through_by_itself(pictures, tmp_path):
    for alone, came in ((False, [3]), (True, [1, 1, 1])):
        restorer = Darker()
        pairs = [(file, tmp_path / str(alone) / file.name) for file in pictures]
        assert len(list(restore_files(restorer, pairs, alone=alone))) == 3
        assert restorer.came == came


def test_bad_ones_are_told_and_the_others_are_restored(pictures, tmp_path):
    pictures[0].write_bytes(b"no picture")
    out = tmp_path / "out.png"
    pairs = [
        (pictures[0], tmp_path / "x.png"),
        (tmp_path / "none.png", tmp_path / "y.png"),
        (pictures[1], out),
    ]
    made = {each.job.input: each.error for each in restore_files(Darker(), pairs)}
    assert made.pop(pictures[1]) is None and out.exists()
    assert len(made) == 2 and all(isinstance(error, ImageError) for error in made.values())


def test_nothing_is_replaced_unless_it_is_asked_and_two_never_share_an_output(pictures, tmp_path):
    out = tmp_path / "out.png"
    pairs = [(pictures[0], out), (pictures[1], out)]
    errors = [each.error for each in restore_files(Darker(), pairs)]
    assert "written to the same place" in str(errors[0]) and errors[1] is None
    first = out.read_bytes()
    (again,) = restore_files(Darker(), [(pictures[2], out)])
    assert "already exists" in str(again.error) and out.read_bytes() == first
    (made,) = restore_files(Darker(), [(pictures[2], out)], overwrite=True)
    assert made.error is None and out.read_bytes() != first


COPY = """
import os, resource, sys
import numpy as np, tifffile
from restorekit import Restorer, restore_files

class Same(Restorer):
    def restore_arrays(self, images):
        return images

    def restore(self, images):
        raise AssertionError("pictures go through without torch")

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

for name, size in (("a.tif", 2**20), ("b.tif", 2**29)):
    tifffile.imwrite(name, np.zeros((20, 20), np.uint8))
    os.truncate(name, size)
    before = peak()
    (made,) = restore_files(Same(), [(name, "copy-" + name)])
    assert made.error is None and os.path.getsize("copy-" + name) == size
print(peak() - before)
"""


def test_what_is_left_alone_is_copied_in_little_memory(tmp_path):
    done = subprocess.run([sys.executable, "-c", COPY], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100  # MiB, of a file of 512
