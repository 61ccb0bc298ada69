"""A few seconds of the search that Atheris guides, where it is installed; guided.py says how the long one is begun."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris", reason="the extra fuzz")
GUIDED = Path(__file__).with_name("guided.py")
PLANTED = """
import sys
sys.path.insert(0, {folder!r})
import guided

def planted(data, file):
    {body}

guided.TARGETS["planted"], guided.SUFFIXES["planted"] = planted, ()
sys.argv = ["guided.py", "planted", "--seconds", "1", "--keep", {keep!r}]
guided.main()
"""


def run(*command):
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        timeout=200,
    )


def test_nothing_gets_through(tmp_path):
    done = run(GUIDED, "boxes", "--seconds", "2", "--keep", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "DONE" in done.stderr and json.loads(done.stdout)["faults"] == []


def test_what_gets_through_is_seen_and_kept(tmp_path):
    done = run("-c", PLANTED.format(folder=str(GUIDED.parent), keep=str(tmp_path), body="1 / len(data[:1])"))
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr
    (kept,) = tmp_path.iterdir()
    assert kept.name.startswith("planted_ZeroDivisionError") and kept.read_bytes() == b""


def test_a_refusal_is_no_fault(tmp_path):
    body = "from restorekit import RestorekitError; raise RestorekitError('no', 'go')"
    done = run("-c", PLANTED.format(folder=str(GUIDED.parent), keep=str(tmp_path), body=body))
    assert done.returncode == 0, done.stderr
