"""How pictures go through: what is read ahead, and what becomes of those that are left alone."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from restorekit.contracts import Restorer
from restorekit.framing import Part, WholeView
from restorekit.images import Picture
from restorekit.restore import batch
from restorekit.restore.batch import restore_jobs
from restorekit.restore.draft import Restored
from restorekit.restore.jobs import Job
from restorekit.restore.steady import Steady


class Same(Restorer):
    def restore_arrays(self, images):
        return images

    def restore(self, images):
        raise AssertionError("pictures go through without torch")


def run(jobs):
    return list(restore_jobs(jobs, lambda: (Steady(Same()), WholeView)))


@pytest.fixture
def _left_alone(monkeypatch):
    def leave(steady, pictures, look, progress):
        return [Restored(picture, False, notes=("left alone",)) for picture in pictures]

    monkeypatch.setattr(batch, "restore_pictures", leave)


@pytest.mark.usefixtures("_left_alone")
@pytest.mark.parametrize(("input", "output"), [("a.png", "b.png"), ("a.jpeg", "b.JPG")])
def test_a_picture_that_is_left_alone_keeps_its_bytes_and_nothing_else_is_said(tmp_path, input, output):
    image = Image.new("1" if input == "a.png" else "CMYK", (20, 20))
    image.save(tmp_path / input)
    (outcome,) = run([Job(tmp_path / input, tmp_path / output)])
    assert (tmp_path / output).read_bytes() == (tmp_path / input).read_bytes()
    assert outcome.notes == ((tmp_path / input, "left alone"),)


@pytest.mark.usefixtures("_left_alone")
def test_what_another_format_changes_is_said_of_a_picture_that_is_left_alone(tmp_path):
    Image.new("1", (20, 20)).save(tmp_path / "a.png")
    (outcome,) = run([Job(tmp_path / "a.png", tmp_path / "b.webp")])
    assert [note for _, note in outcome.notes] == ["black and white is written as grey", "left alone"]


@pytest.fixture
def _knows_kernels(monkeypatch):
    def leave(steady, pictures, look, progress):
        made = Part((0, 0, 20, 20), "", {"tiles": [{"kernel": [[0, 1], [0, 0]]}] * 3})
        sharp = Part((0, 0, 20, 20), "sharp", {"kernel": [[0, 1], [0, 0]]})
        return [Restored(picture, False, (made, sharp)) for picture in pictures]

    monkeypatch.setattr(batch, "restore_pictures", leave)


@pytest.mark.usefixtures("_knows_kernels")
def test_kernels_are_written_of_restored_parts_alone_and_what_stays_is_not_replaced(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    job = Job(
        tmp_path / "a.png", tmp_path / "b.png", kernels=tmp_path / "k" / "a.kernel.png", only_changed=True
    )
    assert run([job])[0].error is None and not job.output.exists()
    assert sorted(each.name for each in (tmp_path / "k").iterdir()) == [
        "a.kernel-2.png",
        "a.kernel-3.png",
        "a.kernel.png",
    ]
    job.kernels.write_bytes(b"mine")
    run([replace(job, keep=True)])
    assert job.kernels.read_bytes() == b"mine"


@pytest.mark.usefixtures("_knows_kernels")
def test_kernels_of_a_run_before_are_deleted_where_the_new_ones_replace_them(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    for name in ("a.kernel.png", "a.kernel-4.png", "a.kernel-5.png", "a.kernel-7.png", "b.kernel-4.png"):
        (tmp_path / name).write_bytes(b"old")
    job = Job(tmp_path / "a.png", tmp_path / "out.png", kernels=tmp_path / "a.kernel.png")
    assert run([job])[0].error is None
    there = sorted(each.name for each in tmp_path.glob("?.kernel*"))
    assert there == ["a.kernel-2.png", "a.kernel-3.png", "a.kernel-7.png", "a.kernel.png", "b.kernel-4.png"]
    run([replace(job, kernels=tmp_path / "b.kernel.png")])  # replaces none
    assert (tmp_path / "b.kernel-4.png").exists()


@pytest.mark.usefixtures("_left_alone")
def test_kernels_of_a_run_before_are_deleted_where_nothing_is_restored_any_more(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    for name in ("a.kernel.png", "a.kernel-2.png"):
        (tmp_path / name).write_bytes(b"old")
    run([Job(tmp_path / "a.png", tmp_path / "out.png", kernels=tmp_path / "a.kernel.png")])
    assert not list(tmp_path.glob("a.kernel*"))


@pytest.mark.usefixtures("_knows_kernels")
def test_kernels_that_cannot_be_written_cost_their_picture_alone(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    jobs = []
    for name in ("a", "b"):
        Image.new("RGB", (20, 20)).save(tmp_path / f"{name}.png")
        place = tmp_path / ("file" if name == "a" else "k") / f"{name}.kernel.png"
        jobs.append(Job(tmp_path / f"{name}.png", tmp_path / f"{name}.out.png", kernels=place))
    bad, good = run(jobs)
    assert "a.kernel.png: cannot be written" in str(bad.error) and good.error is None


def test_small_files_that_unfold_to_much_are_not_all_held_at_once(tmp_path, monkeypatch):
    held, most, lock = [0], [0], threading.Lock()

    def read(path, max_pixels):
        with lock:
            held[0] += 1
            most[0] = max(most[0], held[0])
        return Picture(np.zeros((1000, 1000, 3), np.uint8), name=str(path))

    def restore(steady, pictures, look, progress):
        time.sleep(0.01)  # readers have all the time they want
        with lock:
            held[0] -= len(pictures)
        return [Restored(picture, True) for picture in pictures]

    monkeypatch.setattr(batch, "_WAITING_PIXELS", 3_000_000)
    monkeypatch.setattr(batch.images, "read", read)
    monkeypatch.setattr(batch, "restore_pictures", restore)
    monkeypatch.setattr(batch, "_write", lambda made: made)
    assert len(run([Job(tmp_path / f"{i}.png", tmp_path / f"out{i}.png") for i in range(60)])) == 60
    assert most[0] <= 3 + 2 + batch._AHEAD_UNREAD + 1
