"""The samples by which an early version was caught, and a mutant of each; kinds.py says how many more are begun."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KINDS = Path(__file__).with_name("kinds.py")
FILES = ["channels", "chains", "no-files", "metadata"]
WORDS = ["words", "bundles", "digits"]


def attack(folder, *arguments):
    ours = os.environ | {"TMPDIR": str(folder)}
    done = subprocess.run([sys.executable, KINDS, *arguments], capture_output=True, text=True, env=ours)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_no_kind_gets_through(tmp_path):
    status, found = attack(tmp_path, *FILES, *WORDS, "--count", "2")
    assert [each["faults"] for each in found] == [{}] * 7 and status == 0


PLANTED = {
    "raises": "print('Traceback (most recent call last):\\nZeroDivisionError')",
    "escapes": "print('\\x1b[2J')",
    "fills": "x = bytearray(b'1') * (1200 * 2**20)",
    "writes": "open('elsewhere', 'w')",
    "leaves": "import os; os.mkdir('out'); open('out/a.png.part', 'w')",
    "status": "sys.exit(3)",
    "loses": "pass",
}


@pytest.mark.parametrize(
    ("what", "said"),
    [("raises", "a traceback"), ("escapes", "unprintable"), ("fills", " MiB"), ("writes", "wrote elsewhere"),
     ("leaves", "left a.png.part"), ("status", "status 3"), ("loses", "a was lost")],
)  # fmt: skip
def test_it_sees_what_gets_through(what, said, tmp_path):
    """So that nothing found means that there is nothing."""
    command = tmp_path / "command"
    command.write_text(f"#!{sys.executable}\nimport sys\n{PLANTED[what]}\n")
    command.chmod(0o755)
    status, (found,) = attack(tmp_path, "metadata", "--count", "1", "--command", command)
    faults = [fault for each in found["faults"].values() for fault in each]
    assert status == 1 and any(said in fault for fault in faults), found
