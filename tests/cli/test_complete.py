"""What Tab offers, by the protocol of bash: commands, options, kinds, components, recipes, models, framings."""

import json
import os
import subprocess
import sys

import pytest

LINES = {
    "restorekit de": "deblur",
    "restorekit deblur --over": "--overwrite",
    "restorekit list deg": "degradation",
    "restorekit show network face_multitask_": "face_multitask_unet",
    "restorekit train face_mt_": "face_mt_tiny",
    "restorekit check face_mt_": "face_mt_tiny",
    "restorekit deblur --model wie": "wiener",
    "restorekit restore --framing who": "whole",
}
FILES = ["restorekit train recipes/fa", "restorekit show nothing x"]
# Presses Tab at the end of each line, as the installed command of that name.
CHILD = """
import contextlib, io, json, os, sys
from restorekit.cli import main

sys.argv, offered = ["restorekit"], {}
for line in json.loads(sys.stdin.read()):
    os.environ |= {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_RESTOREKIT_COMPLETE": "complete_bash"}
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main()
    offered[line] = out.getvalue().split()
print(json.dumps(offered))
"""


@pytest.fixture(scope="module")
def offered():
    """What is offered after each line."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps([*LINES, *FILES]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize(("line", "name"), LINES.items())
def test_a_name_is_offered(offered, line, name):
    assert name in offered[line]
    assert all(each.startswith(line.rpartition(" ")[2]) for each in offered[line])


@pytest.mark.parametrize("line", FILES)
def test_where_no_name_fits_files_are_left_to_the_shell(offered, line):
    assert offered[line] == []


def test_python_with_m_is_the_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "restorekit", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--install-completion" in done.stdout and "deblur" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="bash")
def test_the_line_for_the_shell_is_printed(tmp_path):
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m restorekit --show-completion bash; exit $?'],
        cwd=tmp_path,
        env=os.environ | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
    )
    assert "_COMPLETE=complete_bash" in done.stdout, done.stderr
