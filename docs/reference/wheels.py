"""Write wheels.md: on which systems and Pythons each dependency installs without a compiler.

It asks the package index, so it needs a network and uv (`pip install uv packaging`); it downloads no package.
"""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

HERE = Path(__file__).parent
PROJECT = HERE.parents[1] / "pyproject.toml"
PYTHONS = (11, 12, 13, 14)
GLIBC, MACOS = 28, (14, 0)
SYSTEMS = {
    "Linux": (
        [f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC, 4, -1)]
        + [f"manylinux{year}_x86_64" for year in ("2014", "2010", "1")],
        {
            "sys_platform": "linux",
            "platform_system": "Linux",
            "platform_machine": "x86_64",
            "os_name": "posix",
        },
    ),
    "macOS": (
        list(mac_platforms(MACOS, "arm64")),
        {
            "sys_platform": "darwin",
            "platform_system": "Darwin",
            "platform_machine": "arm64",
            "os_name": "posix",
        },
    ),
    "Windows": (
        ["win_amd64"],
        {"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64", "os_name": "nt"},
    ),
}
NOT_FOR_USERS = {"browser", "test", "fuzz", "dev", "docs", "all"}
"""Extras of those who work on restorekit, and the one that is all others together."""

WORDS = """# Where it installs

Which Pythons have a wheel of each dependency, so that no compiler is needed: CPython on Linux (x86-64, glibc 2.{glibc}
or newer), macOS ({macos} or newer, Apple silicon) and Windows (x86-64). restorekit itself is one wheel for all of them.
`python docs/reference/wheels.py` asked the package index; a dash means that the dependency is not needed there.

The newest versions that go together, {day}:

| | Version | Needed by | Linux | macOS | Windows |
|---|---|---|---|---|---|
{rows}

Wheels of pure Python, for every system: {pure}.
"""


@dataclass
class Needed:
    """A version of a package: who needs it, and for each system the Pythons that have a wheel or lack one."""

    name: str
    version: str
    by: list[str] = field(default_factory=list)
    found: dict[str, dict[int, bool]] = field(default_factory=dict)
    pure: bool = False


def tags(minor: int, platforms: list[str]) -> frozenset[Tag]:
    """Return the tags of wheels that a Python takes."""
    version = (3, minor)
    own = cpython_tags(version, platforms=platforms)
    return frozenset([*own, *compatible_tags(version, f"cp3{minor}", platforms)])


TARGETS = {
    (system, minor): (
        tags(minor, platforms),
        {**facts, "python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0"}
        | {"implementation_name": "cpython", "platform_python_implementation": "CPython"},
    )
    for system, (platforms, facts) in SYSTEMS.items()
    for minor in PYTHONS
}


def locked(extra: str | None) -> list[dict[str, Any]]:
    """Return the packages of the newest versions that go together on all systems and Pythons."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "pylock.toml")
        which = ["--extra", extra] if extra else []
        subprocess.run(
            ["uv", "pip", "compile", PROJECT, *which, "--universal", "--python-version", f"3.{PYTHONS[0]}"]
            + ["--format", "pylock.toml", "--quiet", "--output-file", file],
            check=True,
        )
        packages: list[dict[str, Any]] = tomllib.loads(file.read_text())["packages"]
        return packages


def collect(extras: Iterable[str]) -> list[Needed]:
    """Ask for restorekit alone, then with each extra."""
    needed: dict[tuple[str, str], Needed] = {}
    for extra in (None, *extras):
        for package in locked(extra):
            if "version" not in package:
                continue  # restorekit itself
            key = package["name"], package["version"]
            each = needed.setdefault(key, Needed(*key))
            if "restorekit" in each.by:
                continue
            each.by.append(extra or "restorekit")
            wheels = [
                parse_wheel_filename(wheel["url"].rpartition("/")[2])[3]
                for wheel in package.get("wheels", ())
            ]
            each.pure = any(str(tag).endswith("-none-any") for wheel in wheels for tag in wheel)
            marker = Marker(package.get("marker", "python_version > '3'"))
            for (system, minor), (taken, facts) in TARGETS.items():
                if marker.evaluate(facts):
                    each.found.setdefault(system, {})[minor] = any(wheel & taken for wheel in wheels)
    return sorted(needed.values(), key=lambda each: each.name)


def pythons(found: dict[int, bool] | None) -> str:
    """Say which Pythons have a wheel, and which lack one."""
    if not found:
        return "–"
    have, lack = (
        [minor for minor, is_there in found.items() if is_there is wanted] for wanted in (True, False)
    )
    return ", ".join([*([spans(have)] if have else []), *([f"**not {spans(lack)}**"] if lack else [])])


def spans(minors: list[int]) -> str:
    """Write 11, 12, 14 as 3.11, 3.12, 3.14, and a row of them as 3.11–3.14."""
    if len(minors) > 2 and minors[-1] - minors[0] == len(minors) - 1:
        return f"3.{minors[0]}–3.{minors[-1]}"
    return ", ".join(f"3.{minor}" for minor in minors)


def main() -> None:
    """Ask, and write the page."""
    from datetime import date

    extras = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    needed = collect(extra for extra in extras if extra not in NOT_FOR_USERS)
    rows = [
        f"| {each.name} | {each.version} | {', '.join(each.by)} | "
        + " | ".join(pythons(each.found.get(system)) for system in SYSTEMS)
        + " |"
        for each in needed
        if not each.pure
    ]
    pure = ", ".join(dict.fromkeys(each.name for each in needed if each.pure))
    page = WORDS.format(
        glibc=GLIBC, macos=MACOS[0], day=date.today().strftime("%B %Y"), rows="\n".join(rows), pure=pure
    )
    (HERE / "wheels.md").write_text(page, "utf-8")


if __name__ == "__main__":
    main()
