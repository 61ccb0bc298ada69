import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from restorekit import RestorekitError
from restorekit.ablation.compare import compare
from restorekit.ablation.interval import paired_interval
from restorekit.ablation.plan import plan
from restorekit.ablation.train import finished, train_runs
from restorekit.cli import app, commands  # noqa: F401
from restorekit.evaluation.call import open_pairs
from restorekit.evaluation.kernels import KernelSet, save_kernels
from restorekit.evaluation.score import Row
from restorekit.evaluation.store import store_pairs
from restorekit.images import write_rgb
from restorekit.recipe import load_recipe
from restorekit.training.folder import RECIPE

WHOLE = """
schema = 1
name = "whole"
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
name = "content"
type = "l1"
[train]
ema = 0.5
[[stage]]
steps = 100
losses = ["content"]
[[stage]]
steps = 300
losses = ["content"]
lr = 1e-3
"""
LESS = """
extends = "2.toml"
name = "less"
[network]
scales = 1
[[loss]]
name = "charbonnier"
type = "charbonnier"
[[stage]]
steps = 100
losses = ["charbonnier"]
"""


@pytest.fixture
def recipes(tmp_path):
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "2.toml").write_text(WHOLE)
    (folder / "1.toml").write_text(LESS)
    return folder


@pytest.fixture
def faces(tmp_path):
    """A stored set: two pictures and two kernels."""
    folder = tmp_path / "faces"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        write_rgb(folder / f"{name}.png", rng.integers(0, 256, (40, 40, 3), dtype=np.uint8))
    kernels = np.zeros((2, 3, 3))
    kernels[0, 1, 1], kernels[1] = 1, 1 / 9
    two = KernelSet(kernels, np.array([1, 3]), ("point", "box"), "two", "middle")
    save_kernels(tmp_path / "two.npz", two)
    changes = [f"degradation.kernel_set.kernels={tmp_path / 'two.npz'}", "crop=center"]
    store_pairs(tmp_path / "set", open_pairs(None, folder, changes))
    return tmp_path / "set"


def ablate(*words):
    result = CliRunner().invoke(app, ["ablate", *map(str, words)])
    return result


def test_stages_of_all_recipes_are_shortened_by_one_factor(recipes, tmp_path):
    runs = plan(recipes, tmp_path, 40, 2)
    shown = [(run.row, run.seed, [stage.steps for stage in run.recipe.stages]) for run in runs]
    assert shown == [("less", 0, [10]), ("whole", 0, [10, 30]), ("less", 1, [10]), ("whole", 1, [10, 30])]
    assert [run.recipe.seed for run in runs] == [0, 0, 1, 1]


def test_a_recipe_that_extends_another_keeps_the_rest_of_it(recipes):
    recipe = load_recipe(recipes / "1.toml")
    assert recipe.network.scales == 1
    assert recipe.network.widths == (4, 4)
    assert [term.name for term in recipe.terms] == ["charbonnier"]


def test_a_fault_of_either_file_is_told_of_where_it_stands(recipes):
    (recipes / "2.toml").write_text(WHOLE.replace("batch = 2", "batc = 2"))
    (recipes / "1.toml").write_text(LESS.replace("scales = 1", "scale = 1"))
    with pytest.raises(RestorekitError) as error:
        load_recipe(recipes / "1.toml")
    own, base = error.value.problems
    assert re.search(r"1\.toml:5: \[network\] unknown key 'scale'", own)
    assert re.search(r"2\.toml:7: \[data\] unknown key 'batc'", base)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('extends = "1.toml"', "extends another recipe itself"),
        ('extends = "0.toml"', "extends another recipe itself"),
        ('extends = "3.toml"', "3.toml"),
        ('extends = "../recipes/2.toml"', "which is not a file beside it"),
        ('extends = ""', "not a file"),
        ("extends = 3", "extends 3, which is not a file beside it"),
    ],
)
def test_what_cannot_be_extended_is_a_line(recipes, line, what):
    (recipes / "0.toml").write_text(f'{line}\nname = "more"\n')
    with pytest.raises(RestorekitError, match=what):
        load_recipe(recipes / "0.toml")


def test_an_override_of_what_a_recipe_lacks_leaves_that_one_as_it_is(recipes, tmp_path):
    less, whole = plan(recipes, tmp_path, 40, 1, ["loss.charbonnier.eps=0.5", "data.batch=4"])
    assert less.recipe.terms[0].loss.eps == 0.5
    assert less.recipe.data.batch == whole.recipe.data.batch == 4


def test_an_override_that_fits_no_recipe_is_a_line(recipes, tmp_path):
    with pytest.raises(RestorekitError, match="no entry 'dcgan'"):
        plan(recipes, tmp_path, 40, 1, ["loss.dcgan.channels=4"])


def test_two_recipes_of_one_name_are_a_line(recipes, tmp_path):
    (recipes / "3.toml").write_text(WHOLE)
    with pytest.raises(RestorekitError, match="is the name of another recipe too"):
        plan(recipes, tmp_path, 40, 1)


def test_the_interval_is_as_wide_as_pictures_and_kernels_are_few():
    rng = np.random.default_rng(0)
    of_pictures = rng.normal(size=(100, 1))
    low, high = paired_interval(1 + of_pictures + 0 * rng.normal(size=(1, 80)))
    assert low < 1 + of_pictures.mean() < high
    standard_error = of_pictures.std() / 10
    assert (high - low) / standard_error == pytest.approx(2 * 1.96, rel=0.1)  # not that of 8,000 pairs
    of_kernels = rng.normal(size=(1, 80))
    low, high = paired_interval(np.repeat(of_kernels, 100, axis=0))
    assert (high - low) / (of_kernels.std() / 80**0.5) == pytest.approx(2 * 1.96, rel=0.1)


def test_differences_are_taken_pair_by_pair_over_seeds(recipes, tmp_path):
    runs = plan(recipes, tmp_path, 40, 2)
    level = {"less/0": 1.0, "less/1": 3.0, "whole/0": 4.0, "whole/1": 2.5}
    scores = [
        Row(image, version, {"size": 13}, name, {"PSNR": base + gain})
        for image, base in (("a", 10.0), ("b", 30.0))
        for version in (0, 1)
        for name, gain in {"input": 0.0, **level}.items()
    ]
    result = compare(scores, runs, ["less"])
    less, whole = result["rows"]
    assert (result["pictures"], result["kernels"], result["input"]) == (2, 2, {"PSNR": 20.0})
    assert less["metrics"]["PSNR"] == {"mean": 22.0, "seeds": [21.0, 23.0], "against": {}}
    assert whole["metrics"]["PSNR"]["against"]["less"] == {"difference": 1.25, "low": 1.25, "high": 1.25}
    assert (less["steps"], whole["steps"], less["images"], whole["images"]) == (10, 40, 20, 80)


def test_the_command_trains_scores_and_writes_a_table(recipes, faces, tmp_path):
    out = tmp_path / "out"
    words = [recipes, "-o", out, "--steps", 4, "--seeds", 2, "--data", faces, "--device", "cpu"]
    first = ablate(*words)
    assert first.exit_code == 0, first.output
    result = json.loads((out / "ablation.json").read_text())
    (each,) = result["sets"]
    assert (each["pictures"], each["kernels"]) == (2, 2)
    assert [row["steps"] for row in each["rows"]] == [1, 4]
    assert (out / "ablation.md").read_text() in first.stdout
    assert "| less | 1 | 2 |" in first.stdout
    states = {path: path.stat().st_mtime_ns for path in out.rglob("model.safetensors")}
    assert len(states) == 4

    again = ablate(*words)
    assert again.stdout == first.stdout  # and nothing was trained again
    assert {path: path.stat().st_mtime_ns for path in out.rglob("model.safetensors")} == states

    other = ablate(*words, "--set", "optim.lr=0.5")
    assert "was trained with another optim.lr" in str(other.exception)


def test_a_run_that_was_killed_before_it_saved_begins_again(recipes, tmp_path):
    (run, *_) = plan(recipes, tmp_path / "out", 4, 1)
    run.folder.mkdir(parents=True)
    (run.folder / RECIPE).write_text(run.recipe.with_weights({"charbonnier": 1.0}).dumps())
    train_runs([run], "cpu")
    assert finished(run)


def test_pictures_that_do_not_fit_are_a_line_before_anything_is_trained(recipes, tmp_path):
    (tmp_path / "small").mkdir()
    write_rgb(tmp_path / "small" / "a.png", np.zeros((40, 40, 3), dtype=np.uint8))
    result = ablate(recipes, "-o", tmp_path / "out", "--steps", 4, "--data", tmp_path / "small")
    assert "a.png: 40 x 40 pixels, not the 178 x 218" in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_a_row_that_is_not_there_is_a_line_before_anything_is_trained(recipes, faces, tmp_path):
    result = ablate(recipes, "-o", tmp_path / "out", "--steps", 4, "--data", faces, "--against", "more")
    assert "--against more: no such recipe; one of: less, whole" in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_the_papers_recipes_serve_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "faces").mkdir()
    runs = plan(Path("recipes/ablation"), tmp_path, 400, 1, ["data.train.path=faces"])
    assert {run.row: run.steps for run in runs} == {
        "one-scale": 200,
        "two-scales": 200,
        "gradient-task": 200,
        "perceptual": 300,
        "adversarial": 400,
        "gradient-loss": 200,
        "equal-compute": 400,
        "content-150k": 300,
        "content-200k": 400,
        "fixed-axis": 200,
    }


def test_the_kernels_recipes_take_fewer_steps_where_a_step_takes_longer(tmp_path):
    faces = ["data.train.path=faces", "validation.source.path=faces"]
    runs = plan(Path("recipes/ablation-kernel"), tmp_path, 1000, 1, faces)
    assert {run.row: (run.steps, list(run.recipe.tasks)) for run in runs} == {
        "image": (1000, ["image"]),
        "image-gradient": (620, ["image", "gradient"]),
        "image-kernel": (1000, ["image", "kernel"]),
        "all-three": (620, ["image", "gradient", "kernel"]),
        "fully-connected": (1000, ["image", "kernel"]),
        "image-62": (620, ["image"]),
        "image-kernel-62": (620, ["image", "kernel"]),
        "fully-connected-62": (620, ["image", "kernel"]),
        "plain": (1000, ["image"]),
    }
    connected = {run.row for run in runs if getattr(run.recipe.network, "estimator", "") == "fully_connected"}
    assert connected == {"fully-connected", "fully-connected-62"}


def test_a_folder_without_recipes_is_a_line(tmp_path):
    with pytest.raises(RestorekitError, match="no recipe in"):
        plan(tmp_path, tmp_path, 4, 1)
