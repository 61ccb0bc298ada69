"""A command that is ended, or whose reader goes away, leaves nothing behind and says what it has done."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from restorekit.cli.signals import tidy_end
from restorekit.images import write_rgb

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")]

COUNT, MANY = 12, 200
"""Pictures: few, which are all restored, and so many that a signal comes before the last even if it comes late."""

PATIENCE = 240
"""Seconds that a process may take on a busy machine for what takes a few."""

BLURRED = Image.open(Path(__file__).parents[2] / "docs" / "images" / "astronaut_blurred.png").convert("RGB")


@pytest.fixture
def deblur(tmp_path):
    """Begin to deblur a folder of so many pictures."""
    face = BLURRED.resize((160, 160))
    write_rgb(tmp_path / "a.png", np.tile(face, (1, 3, 1)))
    command = [sys.executable, "-m", "restorekit", "deblur", "in", "-o", "out", "--faces", "off"]

    def begin(count=COUNT, **named):
        (tmp_path / "in").mkdir()
        for number in range(count):
            shutil.copy(tmp_path / "a.png", tmp_path / "in" / f"{number:03}.png")
        return subprocess.Popen(
            command,
            cwd=tmp_path,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **named,
        )

    return begin


def whole(folder):
    """The names of a folder's files, all of which are pictures."""
    names = sorted(os.listdir(folder))
    assert [name for name in names if not name.endswith(".png") or name.startswith(".")] == []
    return names


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_tidily(deblur, tmp_path, number):
    process = deblur(MANY)
    process.stdout.readline()
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number, err
    assert "Traceback" not in err and len(whole(tmp_path / "out")) < MANY


def test_a_signal_that_is_ignored_stays_ignored(deblur, tmp_path):
    process = deblur(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))  # as nohup does
    process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and len(whole(tmp_path / "out")) == COUNT


def test_it_goes_on_when_nobody_reads_its_list_any_more(deblur, tmp_path):
    process = deblur()
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=PATIENCE) == 0, err
    assert len(whole(tmp_path / "out")) == COUNT and f"{COUNT} restored" in err


SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


@pytest.fixture
def handlers():
    """Put the handlers back, as a process that is told to end listens to no second word."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_what_a_library_makes_of_a_signal_is_no_error(number, handlers):
    with pytest.raises((SystemExit, KeyboardInterrupt)) as ended, tidy_end():
        try:
            signal.raise_signal(number)
        except BaseException as error:
            raise ImportError("initialization failed") from error
    assert ended.type is KeyboardInterrupt if number == signal.SIGINT else ended.value.code == 128 + number


def test_an_error_without_a_signal_stays_one(handlers):
    with pytest.raises(ImportError), tidy_end():
        raise ImportError


BEGINS = """
import os, signal, sys

class Interrupts:
    def find_spec(self, name, *more):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
from restorekit.__main__ import main
main()
"""


def test_ctrl_c_before_it_has_begun_says_nothing():
    done = subprocess.run([sys.executable, "-c", BEGINS], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
