"""Wheels of other people's plugins: one that works without any change to restorekit, one that is broken."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from restorekit.images import read_rgb, write_rgb

HERE = Path(__file__).parent

TEST_SET = """
schema = 1
name = "boxes"
crop = "center"
size = 64
source = { type = "sample_stripes", pictures = 3 }
[[degradation]]
type = "sample_box_blur"
side = 3
[[metric]]
type = "psnr"
[[metric]]
type = "sample_rms"
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


@pytest.fixture(scope="module")
def run(site, tmp_path_factory):
    """A run of the recipe that the plugin brings by name."""
    folder = tmp_path_factory.mktemp("run")
    found = restorekit(site, "train", "sample_small", "-o", folder)
    assert found.returncode == 0, found.stderr
    return folder


def test_the_plugin_knows_the_root_alone():
    for file in (HERE / "sample_plugin").rglob("*.py"):
        assert not re.search(r"restorekit\.\w+\.|from restorekit\.|import restorekit\.", file.read_text()), (
            file
        )


def test_its_recipe_trains_by_name_on_its_own_data_with_its_own_parts(run):
    config = json.loads((run / "bundle" / "config.json").read_text())
    assert config["network"] == {"type": "sample_net", "width": 16}
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    first, last = (line["terms"]["sample_l2/image/0"] for line in lines if "terms" in line)
    assert last < first
    (measured,) = [line["validation"] for line in lines if "validation" in line]
    assert 0 < measured["sample_rms"] < measured["sample_rms_input"]
    assert "stripes-3 is torn" in (run / "skipped.txt").read_text()
    assert '"sample_rms"' in (run / "sample-lines.txt").read_text().replace("validation/", "")


def test_its_degradation_is_measured_by_its_metric_and_undone(site, run, tmp_path):
    (tmp_path / "boxes.toml").write_text(TEST_SET)
    result = tmp_path / "result.json"
    found = restorekit(site, "evaluate", tmp_path / "boxes.toml", "--model", run / "bundle", "--json", result)
    assert found.returncode == 0, found.stderr
    result = json.loads(result.read_text())
    (model,) = result["models"]
    assert model["overall"]["psnr"]["gain"]["mean"] > 1
    before, after = result["input"]["overall"]["sample_rms"], model["overall"]["sample_rms"]["output"]
    assert after["mean"] < before["mean"]


def test_its_framing_and_its_engine_restore_a_picture(site, run, tmp_path):
    picture = np.full((40, 60, 3), 200, np.uint8)
    write_rgb(tmp_path / "grey.png", picture)
    (tmp_path / "half.factor").write_text("0.5")
    model = "--model", tmp_path / "half.factor"
    options = "--framing", "sample_left", "-o", tmp_path / "out.png"
    found = restorekit(site, "restore", tmp_path / "grey.png", *model, *options)
    assert found.returncode == 0, found.stderr
    made = read_rgb(tmp_path / "out.png")
    assert (made[:, :30] == 100).all() and (made[:, 30:] == 200).all()
    for options in (("--model", run / "bundle"), ("--model", run / "bundle", "--framing", "whole")):
        out = tmp_path / f"by-{len(options)}.png"
        found = restorekit(site, "restore", tmp_path / "grey.png", *options, "-o", out)
        assert found.returncode == 0, found.stderr
        untouched = (read_rgb(out)[:, 30:] == 200).all()
        assert untouched == (len(options) == 2)  # the model says which framing it was made for
    assert restorekit(site, "sample-count", tmp_path / "grey.png").stdout.strip() == "2400"


def test_its_model_of_the_hub_is_known_by_name(site):
    (line,) = [x for x in restorekit(site, "models").stdout.splitlines() if "sample-model" in x]
    assert "someone/sample@v1" in line


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
