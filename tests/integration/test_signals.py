"""A run whose terminal is closed, or that is asked to end, is saved first; under nohup it goes on."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

RECIPE = """\
schema = 1
name = "asked"
[data]
train = { type = "samples" }
size = 16
batch = 2
workers = 1
[network]
type = "face_multitask_unet"
widths = [4, 4]
blocks = [0, 0]
[[task]]
type = "image"
[[loss]]
type = "l1"
[train]
precision = "fp32"
log_every = 1
save_every = 1000000
[[stage]]
steps = 1000000
losses = ["l1"]
"""

PATIENCE = 240
"""Seconds that a process may take on a busy machine for what takes a few."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="terminals and signals of POSIX"),
]


class Started:
    """``restorekit train`` on a terminal of its own."""

    def __init__(self, folder, *, ignoring=()):
        (folder / "r.toml").write_text(RECIPE)
        self.run = folder / "run"
        self.terminal, inner = os.openpty()

        def prepare():
            import fcntl
            import termios

            fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # the terminal whose closing it feels
            for number in ignoring:
                signal.signal(number, signal.SIG_IGN)

        command = [
            sys.executable,
            "-m",
            "restorekit",
            "train",
            "r.toml",
            "-o",
            "run",
            "--device",
            "cpu",
            "--no-graph",
        ]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            preexec_fn=prepare,
        )
        os.close(inner)
        os.set_blocking(self.terminal, False)

    def steps(self):
        log = self.run / "log.jsonl"
        text = log.read_text() if log.exists() else ""
        return [json.loads(line)["step"] for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def await_steps(self, more=3):
        """Wait until some more steps were taken, reading what the terminal shows."""
        wanted = len(self.steps()) + more
        self._await(lambda: len(self.steps()) >= wanted)

    def await_lock(self):
        """Wait until the run directory is its own."""
        self._await((self.run / "lock").exists)

    def await_end(self):
        """Wait until the process ends, and give its status and what the terminal has shown meanwhile."""
        until, said = time.monotonic() + PATIENCE, b""
        while self.process.poll() is None:
            assert time.monotonic() < until
            said += self._read()
            time.sleep(0.01)
        while shown := self._read():
            said += shown
        return self.process.returncode, said.decode(errors="replace")  # it may begin within a letter

    def _await(self, there):
        until = time.monotonic() + PATIENCE
        while not there():
            assert self.process.poll() is None and time.monotonic() < until
            self._read()
            time.sleep(0.01)

    def _read(self):
        """What the terminal shows; a full one would hold the process up."""
        with contextlib.suppress(OSError):  # nothing is there, or nobody writes any more
            if self.terminal is not None:
                return os.read(self.terminal, 65536)
        return b""

    def close(self):
        os.close(self.terminal)
        self.terminal = None


@pytest.fixture
def started(tmp_path):
    made = []

    def start(**options):
        made.append(Started(tmp_path, **options))
        return made[-1]

    yield start
    for each in made:
        each.process.kill()
        each.process.wait()
        if each.terminal is not None:
            os.close(each.terminal)


def test_a_run_whose_terminal_is_closed_is_saved(started):
    run = started()
    run.await_steps()
    run.close()
    run.process.send_signal(signal.SIGHUP)  # as a shell adds to that of the terminal
    assert run.await_end() == (130, "")
    (state,) = (run.run / "state").iterdir()
    assert state.name == f"step-{run.steps()[-1]:08d}" and (run.run / "bundle").is_dir()
    assert not (run.run / "lock").exists()


def test_a_run_that_is_asked_to_end_is_saved_and_says_how_to_go_on(started):
    run = started()
    run.await_steps()
    run.process.terminate()
    status, said = run.await_end()
    step = run.steps()[-1]
    assert status == 130
    assert (
        f"saved at step {step}" in said
        and "go on with: restorekit train run/recipe.toml -o run --resume" in said
    )
    assert (run.run / "state" / f"step-{step:08d}").is_dir()


def test_a_run_under_nohup_goes_on_when_its_terminal_is_closed(started):
    run = started(ignoring=[signal.SIGHUP])
    run.await_steps()
    run.close()
    run.await_steps(5)
    run.process.terminate()
    assert run.await_end() == (130, "")


def test_a_run_that_is_ended_while_it_prepares_leaves_nothing(started):
    run = started()
    run.await_lock()
    run.process.send_signal(signal.SIGTERM)
    assert run.await_end()[0] == 130
    assert not (run.run / "lock").exists()
