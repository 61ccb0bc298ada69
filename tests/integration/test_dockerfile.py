"""What the Dockerfile copies is enough to install, and what it runs is not root and listens nowhere."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lines():
    return (ROOT / "Dockerfile").read_text("utf-8").splitlines()


def test_what_it_copies_builds_the_same_wheel(lines, tmp_path):
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert {"tests", "docs", ".git"} <= set(ignored) and "COPY . /source" in lines
    anywhere = shutil.ignore_patterns(
        *(each.removeprefix("**/") for each in ignored if each.startswith("**/"))
    )

    def ignore(folder, names):
        return anywhere(folder, names) | (set(ignored) if Path(folder) == ROOT else set())

    shutil.copytree(ROOT, tmp_path / "source", ignore=ignore)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=tmp_path / "source", check=True
    )
    (wheel,) = (tmp_path / "source" / "dist").iterdir()
    held = set(zipfile.ZipFile(wheel).namelist())
    package = {file.relative_to(ROOT).as_posix() for file in (ROOT / "restorekit").rglob("*.py")}
    assert package <= held and any(name.startswith("restorekit/weights/") for name in held)


def test_it_ends_as_a_user_who_is_not_root_and_opens_no_port(lines):
    words = [line.split()[0] for line in lines if re.match("[A-Z]+ ", line)]
    (user,) = [line for line in lines if line.startswith("USER ")]
    assert user != "USER root" and f"useradd --create-home --uid 1000 {user.split()[1]}" in "\n".join(lines)
    assert "EXPOSE" not in words and words.index("USER") < words.index("ENTRYPOINT")


def test_another_user_has_a_home_to_write_to(lines):
    assert "ENV HOME=/home/restorekit" in lines
    assert any("chmod 1777 /home/restorekit" in line for line in lines if line.startswith("RUN "))
