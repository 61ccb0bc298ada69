"""Pieces whose recipes are trained first: their networks are rows and pictures like others."""

import os
import sys

import pytest

from restorekit.cli import main
from restorekit.images import read_rgb

RECIPE = """\
schema = 1
name = "one"
[data]
train = { type = "samples" }
size = 16
batch = 2
workers = 0
[network]
type = "face_multitask_unet"
widths = [4, 4]
blocks = [0, 0]
[[task]]
type = "image"
[[loss]]
type = "l1"
[train]
ema = 0.5
[[stage]]
steps = 8
losses = ["l1"]
"""

TABLE = """\
schema = 1
show = "trained"
title = "Scales"
tests = ["ours"]
metrics = ["psnr"]
recipes = "rows"
rows = ["two", "one"]
steps = 4
set = ["optim.lr=2e-3"]
"""

FIGURE = """\
schema = 1
show = "sheet"
title = "Scales to see"
tests = ["ours"]
pictures = 2
trained = "table-1"
"""


@pytest.fixture
def report(recipes, tmp_path, monkeypatch, capsys):
    (recipes / "rows").mkdir()
    (recipes / "rows" / "1.toml").write_text(RECIPE)
    (recipes / "rows" / "2.toml").write_text('extends = "1.toml"\nname = "two"\n[network]\nscales = 1\n')
    for name in ("table-2", "figure-2"):
        (recipes / f"{name}.toml").unlink()
    (recipes / "table-1.toml").write_text(TABLE)
    (recipes / "figure-1.toml").write_text(FIGURE)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["restorekit", "evaluate", "recipes", "-o", "report", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, capsys.readouterr().err

    return run


def test_recipes_are_trained_once_and_are_rows_and_pictures(report, tmp_path):
    status, err = report("--device", "cpu")
    assert status == 0, err
    text = (tmp_path / "report" / "report.md").read_text()
    lines = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| ")]
    assert lines == ["| ", "| ---", "| blurred", "| two", "| one"]
    assert "trained by rows, 4 steps for the longest" in text and "optim.lr=2e-3" in text
    assert read_rgb(tmp_path / "report" / "pictures" / "figure-1-ours.png").shape[1] > 4 * 48
    bundles = [tmp_path / "report" / "trained" / name / "seed-0" / "bundle" for name in ("one", "two")]
    when = [os.stat(bundle / "model.safetensors").st_mtime_ns for bundle in bundles]
    assert report("--device", "cpu")[0] == 0
    assert when == [os.stat(bundle / "model.safetensors").st_mtime_ns for bundle in bundles]


def test_all_that_is_wrong_with_a_piece_is_told_in_one_line(report):
    status, err = report("--device", "cpu", "--set", 'table-1.set=["network.chanels=2", "network.depth=1"]')
    (line,) = [line for line in err.splitlines() if line.startswith("table-1 failed")]
    assert status == 1 and "chanels" in line and "; " in line and "depth" in line and "\\n" not in line


def test_a_row_that_there_is_not_is_told_in_its_place_and_the_rest_is_made(report, tmp_path):
    status, err = report("--device", "cpu", "--set", 'table-1.rows=["three"]', "--set", "figure-1.pictures=1")
    assert status == 1 and "no recipe 'three'" in err
    assert "not made: no recipe 'three' in rows" in (tmp_path / "report" / "report.md").read_text()
