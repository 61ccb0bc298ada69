"""How pictures go through: what is read ahead, and what becomes of those that are left alone."""

import threading
import time

import numpy as np
import pytest
from PIL import Image

from restorekit.contracts import Restorer
from restorekit.framing import WholeView
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
