"""The page on writing a plugin: every file on it is written, every command run, and what it shows comes true."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "write-a-plugin.md"
PROGRAMS = {
    "pip": "-m pip",
    "pytest": "-m pytest -p no:cacheprovider",
    "restorekit": '-c "from restorekit.cli import main; main()"',
}


class Block(NamedTuple):
    """A code block: its language, its title or nothing, and what it holds."""

    language: str
    title: str
    text: str


def blocks():
    found = re.findall(r'^```(\w+)(?: title="([^"]*)")?\n(.*?)^```$', PAGE.read_text("utf-8"), re.S | re.M)
    return [Block(*block) for block in found]


@pytest.fixture
def environment(tmp_path):
    """A fresh environment that also sees what is installed here, and in which pip asks no index."""
    home = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    (site,) = home.glob("lib/*/site-packages")
    here = sysconfig.get_path("purelib")
    (site / "beside.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    for name, arguments in PROGRAMS.items():
        program = home / "bin" / name
        program.write_text(f'#!/bin/sh\nexec "{home}/bin/python" {arguments} "$@"\n')
        program.chmod(0o755)
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1"}
    offline["PIP_NO_BUILD_ISOLATION"] = "0"  # pip stores this number as whether to isolate
    return os.environ | offline | {"PATH": f"{home}/bin:{os.environ['PATH']}"}


def test_the_page_holds_only_blocks_that_this_test_knows():
    text = PAGE.read_text("utf-8")
    assert len(blocks()) == text.count("\n```") / 2
    for block in blocks():
        assert block.language in ("sh", "text") or block.title, block


def test_a_reader_who_does_what_the_page_says_gets_what_it_shows(environment, tmp_path):
    folder, said = tmp_path, ""
    for language, title, text in blocks():
        if language == "text":
            for line in text.splitlines():
                assert " ".join(line.split()) in " ".join(said.split()), said
        elif language == "sh":
            script = f"set -e\n{text}\npwd >&3\n"
            with (tmp_path / "pwd").open("w") as place:
                done = subprocess.run(
                    ["bash", "-c", f"exec 3>&{place.fileno()}; {script}"],
                    cwd=folder,
                    env=environment,
                    pass_fds=[place.fileno()],
                    text=True,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                )
            said = done.stdout
            assert (done.returncode != 0) == ("fails" in title), text + said
            folder = Path((tmp_path / "pwd").read_text().strip() or folder)
        else:
            assert (folder / title).is_file(), f"{title} is not one of the package's files"
            (folder / title).write_text(text, "utf-8")
    assert folder == tmp_path / "restorekit-lens-dust"
    assert (folder / "lens-dust.preview.png").is_file()
