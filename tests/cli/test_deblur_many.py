"""``restorekit deblur`` on many pictures: trees, patterns, batches, second runs, and what is said of them."""

import json
import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import skimage.data

import restorekit.restore.batch
import restorekit.restore.load
import restorekit_faces.yunet
from restorekit.contracts import Footprint, Restorer
from restorekit.images import read_rgb, write_rgb
from restorekit_faces.detect import Face

ASTRONAUT = skimage.data.astronaut() // 2


class Lighter(Restorer):
    name = "lighter"
    license = "CC0-1.0"

    def __init__(self):
        self.batches = []

    def restore_arrays(self, images):
        self.batches.append(images.shape[:3])
        return np.where(images == 1, np.nan, images + np.float32(20 / 255))

    def restore(self, images):
        raise AssertionError("pictures go through without torch")


@pytest.fixture
def lighter(monkeypatch):
    restorer = Lighter()
    monkeypatch.setattr(restorekit.restore.load, "load_restorer", lambda model, device, engine: restorer)
    return restorer


@pytest.fixture
def deblur(run_cli, lighter):
    """Run the command in ``tmp_path``; gives (status, stdout, stderr)."""
    return partial(run_cli, "deblur")


def make(path, value=100, size=(20, 24)):
    write_rgb(path, np.full((*size, 3), value, np.uint8))


def below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


TREE = ["a.png", "x/a.png", "x/y/b.jpg"]


def test_a_tree_is_kept_in_the_output(deblur):
    for name in TREE:
        make(Path("in", name))
    assert deblur("-r", "in", "-o", "out")[0] == 0
    assert below("out") == TREE
    assert deblur("in", "-o", "flat")[0] == 0
    assert below("flat") == ["a.png"]


def test_an_output_inside_the_input_is_not_taken_for_input(deblur):
    for name in TREE:
        make(Path("in", name))
    for _ in range(2):
        assert deblur("-r", "in", "-o", "in/sharp", "--overwrite")[0] == 0
    assert below("in/sharp") == TREE


def test_a_quoted_pattern(deblur):
    for name in TREE:
        make(Path("in", name))
    assert deblur("in/*/a.*", "-o", "out")[:2] == (0, "in/x/a.png -> out/a.png\n")
    status, _, err = deblur("in/*.xcf", "-o", "out")
    assert status == 2
    assert err.startswith("error: in/*.xcf: no picture matches; ")


def test_equal_small_pictures_go_through_as_a_batch(deblur, lighter):
    for i in range(40):
        make(f"in/{i:02}.png", i, size=(128, 128))
    make("in/99.png", 99)
    status, out, _ = deblur("in", "-o", "out")
    assert status == 0
    assert out.splitlines() == [f"in/{i:02}.png -> out/{i:02}.png" for i in [*range(40), 99]]
    assert lighter.batches == [(16, 128, 128), (16, 128, 128), (8, 128, 128), (1, 20, 24)]
    assert all(read_rgb(f"out/{i:02}.png").max() == i + 20 for i in range(40))


def test_a_picture_that_fails_does_not_fail_its_batch(deblur):
    for i in range(5):
        make(f"in/{i}.png", 255 if i == 2 else i)
    status, _, err = deblur("in", "-o", "out")
    assert status == 1
    assert below("out") == ["0.png", "1.png", "3.png", "4.png"]
    assert "error: in/2.png: model lighter gives values that are not finite; " in err


def test_a_summary_ends_a_run_of_several(deblur):
    make("in/a.png")
    make("in/b.png")
    Path("in/c.png").write_bytes(b"")
    err = deblur("in", "-o", "out")[2].splitlines()
    assert err[-1].startswith("2 restored, 1 failed, in ")
    assert "restored, " not in deblur("in/a.png", "-o", "one.png")[2]


def test_a_second_run_does_what_is_left(deblur, lighter):
    make("in/a.png")
    deblur("in", "-o", "out")
    before = Path("out/a.png").stat().st_mtime_ns
    make("in/b.png", size=(30, 30))
    lighter.batches.clear()
    status, out, err = deblur("in", "-o", "out", "--skip-existing")
    assert (status, out) == (0, "in/b.png -> out/b.png\n")
    assert lighter.batches == [(1, 30, 30)]
    assert Path("out/a.png").stat().st_mtime_ns == before
    assert "1 restored, 1 already there, in " in err
    status, out, _ = deblur("in", "-o", "out", "--skip-existing")
    assert (status, out) == (0, "")


def test_a_second_run_adds_the_comparisons_that_are_missing(deblur):
    make("in/a.png")
    make("out/a.png", 7)
    status, _, _ = deblur("in", "-o", "out", "--skip-existing", "--compare")
    assert status == 0
    assert below("out") == ["a.compare.png", "a.png"]
    assert (read_rgb("out/a.png") == 7).all()


def test_skipping_and_overwriting_exclude_each_other(deblur):
    status, _, err = deblur("in", "--skip-existing", "--overwrite")
    assert (status, err.count("\n")) == (2, 1)


def test_json_is_a_line_a_picture(deblur):
    make("in/a.png")
    make("in/new\nline.png")
    Path("in/c.png").write_bytes(b"")
    make("out/d.png")
    make("in/d.png")
    status, out, err = deblur("in", "missing", "-o", "out", "--json", "--skip-existing", "--compare")
    assert status == 1
    rows = {row["input"]: row for row in map(json.loads, out.splitlines())}
    assert rows.keys() == {"in/a.png", "in/new\nline.png", "in/c.png", "in/d.png", "missing"}
    done = rows["in/a.png"]
    assert done.pop("seconds") > 0
    assert done == {
        "input": "in/a.png",
        "output": "out/a.png",
        "compare": "out/a.compare.png",
        "restored": True,
        "faces": None,
        "model": "lighter",
        "notes": [],
    }
    assert rows["in/c.png"]["error"] == "in/c.png: is empty (0 bytes)"
    assert rows["in/c.png"]["hint"] and rows["missing"]["error"]
    assert rows["in/d.png"]["compare"] == "out/d.compare.png"  # which was not there
    assert "error: in/c.png" in err


def test_json_says_what_was_skipped(deblur):
    make("a.png")
    deblur("a.png", "-o", "b.png")
    assert json.loads(deblur("a.png", "-o", "b.png", "--skip-existing", "--json")[1]) == {
        "input": "a.png",
        "output": "b.png",
        "skipped": True,
    }


@pytest.mark.parametrize("word", ["0", "-3", "some", ""])
def test_a_tile_is_a_number_of_pixels(deblur, word):
    status, _, err = deblur("a.png", "--tile", word)
    assert status == 2
    assert err.startswith(f"error: --tile {word}: ") and err.count("\n") == 1


def test_no_limit_of_pixels_is_infinity(deblur):
    make("a.png")
    assert deblur("a.png", "--max-pixels", "inf")[0] == 0


def test_memory_that_does_not_suffice_for_one_is_none_of_the_others(deblur, monkeypatch):
    make("in/a.png")
    make("in/b.png", size=(30, 30))
    read = restorekit.restore.batch.images.read

    def short(path, most):
        if path.name == "a.png":
            raise MemoryError
        return read(path, most)

    monkeypatch.setattr(restorekit.restore.batch.images, "read", short)
    status, out, err = deblur("in", "-o", "out")
    assert (status, out) == (1, "in/b.png -> out/b.png\n")
    assert "error: in/a.png: is too large for the memory; shrink it first\n" in err


def test_tile_and_strength_are_options(deblur, lighter):
    lighter.footprint = Footprint(margin=4)
    make("a.png", size=(100, 300))
    assert deblur("a.png", "-o", "b.png", "--tile", "100", "--strength", "0.5")[0] == 0
    assert len(lighter.batches) > 1
    assert (read_rgb("b.png") == 110).all()
    assert deblur("a.png", "-o", "c.png", "--strength", "1.5")[0] == 2


def test_interrupted_between_pictures_leaves_whole_files(deblur, lighter, monkeypatch):
    for i in range(9):
        make(f"in/{i}.png", size=(20 + i, 20))
    restore = lighter.restore_arrays

    def interrupt(images):
        if images.shape[1] == 25:
            raise KeyboardInterrupt
        return restore(images)

    monkeypatch.setattr(lighter, "restore_arrays", interrupt)
    assert deblur("in", "-o", "out")[0] == 130
    written = os.listdir("out") if Path("out").exists() else []
    assert set(written) <= {f"{i}.png" for i in range(5)}
    assert all(read_rgb(Path("out", name)).max() == 120 for name in written)


def test_twenty_bad_files_among_many_lose_nothing(deblur):
    for i in range(60):
        make(f"in/{i:02}.png")
        if i % 3 == 0:
            data = Path(f"in/{i:02}.png").read_bytes()
            Path(f"in/{i:02}.png").write_bytes([b"", b"a letter", data[:50]][i // 3 % 3])
    status, _, err = deblur("in", "-o", "out")
    assert status == 1
    assert below("out") == [f"{i:02}.png" for i in range(60) if i % 3]
    assert sum(line.startswith("error: in/") for line in err.splitlines()) == 20


@pytest.fixture
def faces(deblur, lighter, monkeypatch):
    """A model of faces, and a face that is sharp: nothing of any picture is restored."""
    lighter.footprint = Footprint(geometry={"size": 128, "left_eye": [45, 45], "right_eye": [82, 45]})
    points = np.array([(202.8, 103.1), (245.9, 103.2), (223.5, 125.4), (204.6, 143.8), (241.7, 143.6)])
    face = Face((180.0, 60.0, 90.0, 110.0), points, 0.9)
    monkeypatch.setattr(restorekit_faces.yunet, "load_detector", lambda path: lambda pixels: [face])
    write_rgb(Path("a.png"), ASTRONAUT)


def test_json_tells_of_each_face(deblur, faces):
    (row,) = map(json.loads, deblur("a.png", "--json")[1].splitlines())
    assert (row["output"], row["restored"]) == ("a.deblurred.png", False)
    assert (row["faces"]["found"], row["faces"]["restored"]) == (1, 0)
    (face,) = row["faces"]["each"]
    assert (face["box"], face["decision"], face["score"]) == ([180, 60, 90, 110], "not clearly blurred", 0.9)
    assert 0 <= face["blur"] < 1.4


def test_only_changed_writes_no_copies(deblur, faces):
    make("b.png", size=(128, 128))
    status, out, err = deblur("a.png", "b.png", "--only-changed", "--compare")
    assert (status, out) == (0, "b.png -> b.deblurred.png\nb.png -> b.compare.png\n")
    assert not Path("a.deblurred.png").exists() and not Path("a.compare.png").exists()
    assert err.splitlines()[-1].startswith("1 restored, 1 left alone, in ")
    row = json.loads(deblur("a.png", "--only-changed", "--json")[1])
    assert (row["output"], row["restored"]) == (None, False)


def test_every_face_is_restored_if_asked(deblur, faces):
    assert "1 of 1 faces restored" in deblur("a.png", "--faces", "all")[2]
    assert (read_rgb("a.deblurred.png") != ASTRONAUT).any()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--faces", "some"], "--faces some: Input should be 'auto', 'all', 'only', 'both' or 'off'"),
        (["--largest", "0"], "largest must be at least 1, not 0"),
    ],
)
def test_a_key_of_the_framing_is_checked(deblur, option, said):
    make("a.png")
    status, out, err = deblur("a.png", *option)
    assert (status, out) == (2, "")
    assert said in err and err.count("\n") == 1


def test_what_is_left_out_is_said(deblur):
    make("in/a.png")
    make("in/b.deblurred.png")
    Path("in/c.psd").write_bytes(b"")
    err = deblur("in", "-o", "out")[2]
    assert "note: in: left out: 1 that end in .psd, 1 written by an earlier run\n" in err
    assert below("out") == ["a.png"]
    status, out, _ = deblur("in/b.deblurred.png", "--json")
    assert status == 2
    assert json.loads(out) == {
        "input": "in/b.deblurred.png",
        "left_out": "left out: written by an earlier run",
    }


def test_a_kind_that_cannot_be_read_is_named(deblur):
    Path("a.xcf").write_bytes(b"gimp xcf")
    assert "error: a.xcf: .xcf is not a kind of picture that can be read; it takes " in deblur("a.xcf")[2]
