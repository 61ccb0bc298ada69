"""What ``restorekit new plugin`` writes, as wheels beside restorekit: listed, shown, checked, tested, trained with."""

import json
import os
import subprocess
import sys

import pytest

from restorekit.kinds import COMPONENTS

KINDS = [kind.name for kind in COMPONENTS]
TRAINED = [kind for kind in KINDS if kind not in ("restorer", "engine")]
PROGRAM = """
import json, sys
from restorekit.cli import main
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["restorekit", *arguments]
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise
"""


def python(*arguments, **options):
    done = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def restorekit(*commands, **options):
    """Run commands in one process, as each would take its time to import torch."""
    return python("-c", PROGRAM, json.dumps([list(map(str, command)) for command in commands]), **options)


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A folder with a package of each kind."""
    folder = tmp_path_factory.mktemp("packages")
    restorekit(*(("new", "plugin", f"my-{kind}", "--kind", kind, "-o", folder / kind) for kind in KINDS))
    return folder


@pytest.fixture(scope="module")
def beside(packages, tmp_path_factory):
    """What makes a child process find the packages, installed from wheels into a fresh folder."""
    site = tmp_path_factory.mktemp("site")
    for kind in KINDS:
        python("-m", "hatchling", "build", "-t", "wheel", "-d", packages / "wheels", cwd=packages / kind)
    wheels = sorted((packages / "wheels").iterdir())
    assert [wheel.name for wheel in wheels] == [
        f"restorekit_my_{k}-0.1.0-py3-none-any.whl" for k in sorted(KINDS)
    ]
    python("-m", "pip", "install", "--no-index", "--no-deps", "--quiet", "--target", site, *wheels)
    return {"env": os.environ | {"PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}}


def test_each_is_listed_with_its_own_distribution(beside):
    rows = json.loads(restorekit(("list", "--json"), **beside))
    owners = {row["kind"]: row["owner"] for row in rows if row["name"] == f"my_{row['kind']}"}
    assert owners == {kind: f"restorekit-my-{kind}" for kind in KINDS}


def test_each_is_shown_with_what_its_fields_mean(beside):
    shown = restorekit(*(("show", kind, f"my_{kind}") for kind in KINDS), **beside)
    for meaning in (
        "share of the light that a corner loses",
        "Channels of every",
        "How much more",
        "Side of the",
    ):
        assert meaning in shown


def test_each_recipe_is_good(packages, beside):
    said = restorekit(*(("check", packages / kind / "recipe.toml") for kind in TRAINED), **beside)
    assert said.count("recipe.toml: good, 100 steps") == len(TRAINED)


def test_each_recipe_trains_a_step(packages, beside, tmp_path):
    restorekit(
        *(
            ("train", packages / kind / "recipe.toml", "-o", tmp_path / kind, "--device", "cpu", "--no-graph")
            + ("--set", "stage.0.steps=1", "--set", "data.workers=0", "--set", "data.batch=1")
            for kind in TRAINED
        ),
        **beside,
    )
    for kind in TRAINED:
        assert f"my_{kind}" in (tmp_path / kind / "bundle" / "recipe.toml").read_text()


def test_its_own_tests_are_green(packages, beside):
    tests = [packages / kind / "tests" for kind in KINDS]
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", packages, "-W", "error")
    assert " passed" in python("-m", "pytest", *options, *tests, cwd=packages, **beside)
