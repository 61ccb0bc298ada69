"""Validation while training: metrics, sheets, and the best weights."""

import json

import numpy as np
import pytest
import torch

from restorekit import load_recipe, train
from restorekit.data.samples import stage_samples
from restorekit.evaluation.metrics import SSIM
from restorekit.images import read_rgb, reduced
from restorekit.training import loop, validate
from restorekit.training.best import beats_best

RECIPE = """\
schema = 1
name = "watched"
[data]
train = { type = "samples" }
size = 32
batch = 2
workers = 0
[network]
type = "face_multitask_unet"
widths = [4, 4]
blocks = [0, 0]
[[task]]
type = "image"
[[task]]
type = "gradient"
[[loss]]
type = "l1"
tasks = ["image", "gradient"]
[train]
precision = "fp32"
log_every = 2
save_every = 2
validate_every = 1
[validation]
source = { type = "samples", names = ["cat", "chelsea"] }
[[stage]]
steps = 2
losses = ["l1"]
[[stage]]
steps = 1
losses = ["l1"]
"""


@pytest.fixture
def recipe(tmp_path):
    (tmp_path / "r.toml").write_text(RECIPE)
    return lambda *overrides: load_recipe(tmp_path / "r.toml", overrides)


@pytest.fixture
def validated(recipe, tmp_path, monkeypatch):
    """Validate the untrained network, which gives back what it sees; returns metrics, the sheet's columns and rows."""
    seen = {}

    def sheet(rows, header):
        seen.update(rows=rows, header=header)
        return make(rows, header=header)

    make = validate.contact_sheet
    monkeypatch.setattr(validate, "contact_sheet", sheet)
    made = recipe()
    module = made.network.build(made.tasks)
    validator = validate.Validator(made, torch.device("cpu"), tmp_path / "samples")
    return validator(module, 5), seen, validator


def test_a_sheet_shows_each_image_and_the_structure_in_and_out(validated, tmp_path):
    _, seen, validator = validated
    assert seen["header"] == ["degraded", "restored", "sharp", "gradient in", "gradient out"]
    assert len(seen["rows"]) == 2 and seen["rows"][0][0].shape == (32, 32, 3)
    degraded, restored, sharp, before, after = seen["rows"][0]
    assert np.array_equal(degraded, sharp) and np.array_equal(
        before, after
    )  # nothing degrades, nothing restores
    assert abs(int(np.median(before)) - 127) <= 1  # no gradient is grey
    assert np.array_equal(read_rgb(tmp_path / "samples" / "step-00000005.png"), validator.sheet)


def test_validation_measures_ssim_as_evaluation_does(recipe, tmp_path):
    made = recipe("degradation=[{type='gaussian_noise', sigma=[0.1, 0.1]}]", "validation.images=1")
    module = made.network.build(made.tasks)
    metrics = validate.Validator(made, torch.device("cpu"), tmp_path)(module, 0)
    validator = validate.Validator(made, torch.device("cpu"), tmp_path)
    batch, _ = validator._batch(0, 1)
    wanted = SSIM()(validate.pixels(batch.degraded[0]), validate.pixels(batch.sharp[0]))
    assert metrics["ssim"] == metrics["ssim_input"] == pytest.approx(wanted, abs=1e-4)


def test_pictures_smaller_than_the_window_have_no_ssim(recipe, tmp_path):
    made = recipe("data.size=8")
    module = made.network.build(made.tasks)
    metrics = validate.Validator(made, torch.device("cpu"), tmp_path)(module, 0)
    assert metrics.keys() == {"psnr", "psnr_input"}


def test_validation_images_are_reduced_as_all_data_are_and_not_as_a_stage_is(recipe, tmp_path):
    made = recipe("data.reduce=4", "data.crop='center'", "stage.1.reduce=2")
    assert [stage_samples(made, stage).reduce for stage in made.stages] == [4, 2]
    batch, _ = validate.Validator(made, torch.device("cpu"), tmp_path)._batch(0, 1)
    sharp = made.validation.source[0].sharp
    small = reduced(sharp, round(max(sharp.shape[:2]) / 4))
    top, left = ((side - 32) // 2 for side in small.shape[:2])
    assert np.array_equal(validate.pixels(batch.sharp[0]), small[top : top + 32, left : left + 32])


def scoring(monkeypatch, *scores):
    """Let validations of a run give these PSNRs."""
    given = iter(scores)

    class Validator(validate.Validator):
        def __call__(self, module, step):
            return super().__call__(module, step) | {"psnr": next(given)}

    monkeypatch.setattr(loop, "Validator", Validator)


def steps_of(bundle):
    return json.loads((bundle / "config.json").read_text())["steps"]


def test_the_best_bundle_and_the_last_are_kept(recipe, tmp_path, monkeypatch):
    scoring(monkeypatch, 20.0, 25.0, 22.0)
    train(recipe(), tmp_path / "run", device="cpu")
    assert steps_of(tmp_path / "run" / "best") == 2 and steps_of(tmp_path / "run" / "bundle") == 3


def test_a_resumed_run_knows_the_best_before_it(recipe, tmp_path, monkeypatch):
    scoring(monkeypatch, 20.0, 25.0, 22.0, 23.0, 26.0)
    train(recipe(), tmp_path / "run", device="cpu")
    train(recipe("stage.1.steps=2"), tmp_path / "run", device="cpu", resume=True)
    assert steps_of(tmp_path / "run" / "best") == 2
    train(recipe("stage.1.steps=3"), tmp_path / "run", device="cpu", resume=True)
    assert steps_of(tmp_path / "run" / "best") == 5


def test_what_was_best_on_other_images_counts_no_more(tmp_path):
    (tmp_path / "metrics.json").write_text('{"validation": {"psnr": 30.0, "psnr_input": 25.0}}')
    assert not beats_best(tmp_path, {"psnr": 29.0, "psnr_input": 25.001})
    assert beats_best(tmp_path, {"psnr": 29.0, "psnr_input": 24.0})
    assert not beats_best(tmp_path, {"psnr": float("nan"), "psnr_input": 25.0})
