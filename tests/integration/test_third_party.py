"""Wheels of other people's plugins: one that works without any change to restorekit, one that is broken."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent

RECIPE = """
schema = 1
name = "third-party"
[data]
train = { type = "samples" }
size = 32
batch = 2
workers = 0
[[degradation]]
type = "sample_box_blur"
side = 5
[network]
type = "sample_net"
[[task]]
type = "image"
[[loss]]
type = "sample_l2"
[optim]
lr = 1e-2
[train]
precision = "fp32"
log_every = 15
[[stage]]
steps = 30
losses = ["sample_l2"]
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder in which both plugins are installed from wheels."""
    wheels, site = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    for plugin in ("sample_plugin", "broken_plugin"):
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
        subprocess.run(command, cwd=HERE / plugin, check=True, capture_output=True)
    for wheel in wheels.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(site)
    return site


def restorekit(site, *arguments):
    program = "from restorekit.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_recipe_trains_with_what_a_third_party_wheel_adds(site, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE)
    found = restorekit(site, "train", recipe, "-o", tmp_path / "run")
    assert found.returncode == 0, found.stderr
    config = json.loads((tmp_path / "run" / "bundle" / "config.json").read_text())
    assert config["network"] == {"type": "sample_net", "width": 8}
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    first, last = (line["terms"]["sample_l2/image/0"] for line in lines)
    assert last < first


def test_its_components_are_listed_with_their_owner_and_shown(site):
    rows = json.loads(restorekit(site, "list", "network", "--json").stdout)
    assert {"sample_net": "restorekit-sample", "face_multitask": "restorekit"}.items() <= {
        row["name"]: row["owner"] for row in rows
    }.items()
    assert "Side of the square" in restorekit(site, "show", "degradation", "sample_box_blur").stdout


def test_the_broken_one_is_named_once_and_skipped(site):
    found = restorekit(site, "list")
    assert found.returncode == 0
    (line,) = [line for line in found.stderr.splitlines() if "broken" in line]
    assert "restorekit-broken 0.0.1" in line and "a_package_that_nobody_has" in line
    failures = json.loads(restorekit(site, "doctor", "--json").stdout)["failures"]
    assert [failure["distribution"] for failure in failures] == ["restorekit-broken"]
