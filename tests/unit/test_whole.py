"""Files and folders that appear whole: what others left is swept, and what others are writing is not."""

import os
import subprocess
import sys

import pytest

from restorekit import whole
from restorekit.whole import whole_folder, write_whole

WRITER = """
import sys, time
from pathlib import Path
from restorekit.whole import write_whole

def parts():
    yield bytes(10**6)
    print("writing", flush=True)
    time.sleep(60)

write_whole(Path(sys.argv[1]), parts())
"""


@pytest.fixture(autouse=True)
def not_swept(monkeypatch):
    monkeypatch.setattr(whole, "_swept", set())


@pytest.fixture
def writer(tmp_path):
    """A process in the midst of writing a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, tmp_path / "theirs"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "writing\n"
    yield process
    process.kill()
    process.communicate()


def parts(folder):
    return [path for path in folder.iterdir() if path.suffix == ".part"]


def test_what_a_killed_process_left_is_removed_at_the_next_write(tmp_path, writer):
    assert len(parts(tmp_path)) == 1
    writer.kill()
    writer.wait()
    write_whole(tmp_path / "a", b"a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(os.name == "nt", reason="other locks")
def test_what_another_process_is_writing_is_left_alone(tmp_path, writer):
    theirs = parts(tmp_path)
    write_whole(tmp_path / "a", b"a")
    assert parts(tmp_path) == theirs


@pytest.mark.parametrize("name", [".x.part", "a.part", f"{'0' * 32}.part", f".{'0' * 32}.part.png"])
def test_a_file_of_another_name_is_never_removed(tmp_path, name):
    (tmp_path / name).write_bytes(b"kept")
    write_whole(tmp_path / "a", b"a")
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("stamp", [0, 2**32], ids=["long ago", "of a clock that was set back since"])
def test_a_part_without_bytes_may_be_about_to_be_locked(stamp, tmp_path):
    fresh, old = tmp_path / f".{'0' * 32}.part", tmp_path / f".{'1' * 32}.part"
    fresh.touch()
    old.touch()
    os.utime(old, (stamp, stamp))
    write_whole(tmp_path / "a", b"a")
    assert fresh.exists() and not old.exists()


def test_a_disk_without_locks_is_written_to(tmp_path, monkeypatch):
    def no_locks(file):
        raise OSError("no locks")

    monkeypatch.setattr(whole, "_lock", no_locks)
    write_whole(tmp_path / "a", b"a")
    assert (tmp_path / "a").read_bytes() == b"a"


def test_where_no_folder_can_be_opened_one_is_written_all_the_same(tmp_path, monkeypatch):
    opened = os.open

    def as_windows(path, flags, *more, **named):
        if os.path.isdir(path) and "dir_fd" not in named:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", as_windows)
    with whole_folder(tmp_path / "folder") as draft:
        (draft / "a").write_bytes(b"a")
    assert (tmp_path / "folder" / "a").read_bytes() == b"a"
