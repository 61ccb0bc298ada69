"""What ``--help`` and near misses of a command say."""

import re
from typing import get_args, get_type_hints

import pytest
import typer.main
from typer.models import ArgumentInfo, OptionInfo

from restorekit.cli import app, commands, main  # noqa: F401


def helps():
    """Each command with the help of its parameters that has brackets."""
    for command in app.registered_commands:
        hints = get_type_hints(command.callback, include_extras=True).values()
        infos = [
            each for hint in hints for each in get_args(hint) if isinstance(each, OptionInfo | ArgumentInfo)
        ]
        words = [word for info in infos for word in re.findall(r"\S*\[[\w@-]+\]", info.help or "")]
        if words:
            yield command.name or command.callback.__name__, words


@pytest.fixture
def cli(monkeypatch, run_cli):
    """Run the command line in an empty folder, on a wide terminal; gives (status, stdout, stderr)."""
    monkeypatch.setenv("TERMINAL_WIDTH", "300")
    return run_cli


@pytest.mark.parametrize(("command", "words"), [pytest.param(*each, id=each[0]) for each in helps()])
def test_what_stands_in_brackets_is_shown(cli, command, words):
    status, out, _ = cli(command, "--help")
    shown = re.sub(r"[\s│]+", "", out)
    assert status == 0
    assert [word for word in words if word.strip("'\"") not in shown] == []


def test_there_is_something_in_brackets():
    assert {"deblur", "restore"} <= {command for command, _ in helps()}


def test_the_keys_of_the_framing_are_options_of_deblur():
    deblur = typer.main.get_command(app).commands["deblur"]
    names = {name for parameter in deblur.params for name in parameter.opts}
    assert {"--faces", "--detector", "--skip-below", "--largest", "--min-face", "--only-changed"} <= names


def test_a_picture_in_place_of_a_command_hints_at_deblur(cli, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"")
    status, out, err = cli("photo.jpg")
    assert (status, out) == (2, "")
    assert err == "error: 'photo.jpg' is not a command; write: restorekit deblur photo.jpg\n"


def test_doctor_says_where_the_face_detector_is(cli):
    status, out, _ = cli("doctor")
    assert status == 0
    assert re.search(r"^needed +face detector ", out, re.M)


def test_a_picture_is_restored_whole_by_the_framing_of_the_core(cli, tmp_path):
    status, out, err = cli("restore", "a.png", "--framing", "hole")
    assert (status, out) == (2, "")
    assert "unknown framing 'hole'; did you mean 'whole'?" in err
    assert "key" in cli("restore", "a.png", "--framing", "faces", "--set", "face=auto")[2]
