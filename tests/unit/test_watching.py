"""What a run shows of itself: norms, progress by stage, trackers, sheets, and the best weights."""

import json
import sys

import numpy as np
import pytest
import torch

from restorekit import RestorekitError, load_recipe, train
from restorekit.evaluation.metrics import SSIM
from restorekit.images import read_rgb
from restorekit.training import loop, track, validate
from restorekit.training.best import beats_best
from restorekit.training.log import Log
from restorekit.training.objective import output_norms
from restorekit.training.track import Trackers, check_trackers

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


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def recipe(tmp_path):
    (tmp_path / "r.toml").write_text(RECIPE)
    return lambda *overrides: load_recipe(tmp_path / "r.toml", overrides)


def records(run):
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def test_a_terms_norm_is_that_of_its_gradient_at_the_output_it_judges():
    coarse, fine = torch.rand(2, 3, 4, 4, requires_grad=True), torch.rand(2, 3, 8, 8, requires_grad=True)
    outputs = {"image": [coarse, fine]}
    losses = {
        "l2/image/0": 3 * coarse.square().sum(),
        "game/image": (2 * fine).sum(),
        "none/image/1": coarse.sum(),
    }
    norms = output_norms(losses, outputs)
    torch.testing.assert_close(norms["l2/image/0"], 6 * coarse.detach().norm())
    torch.testing.assert_close(norms["game/image"], torch.tensor(2 * fine.numel() ** 0.5))
    assert norms["none/image/1"] == 0
    sum(losses.values()).backward()  # the graph is still there


def test_lines_hold_the_norms_by_loss_task_and_scale_and_the_total(recipe, tmp_path):
    noisy = recipe("degradation=[{type='gaussian_noise'}]")
    train(noisy, tmp_path / "run", device="cpu")
    lines = [record for record in records(tmp_path / "run") if "terms" in record]
    names = {f"l1/{task}/{scale}" for task in ("image", "gradient") for scale in (0, 1)}
    for line in lines:
        assert line["grad_norm"].keys() == names | {"total"} and line["grad_norm"]["total"] > 0
        assert line["grad_norm"]["l1/image/1"] == pytest.approx((2 * 3 * 32 * 32) ** -0.5, abs=1e-6)


def test_each_stage_has_its_own_progress(tmp_path):
    with Log(tmp_path / "log.jsonl", 3, [2, 4]) as log:
        log.step({}, {}, 2, 1)
        bars = log._progress.tasks
    assert [(bar.description, bar.completed, bar.total) for bar in bars] == [
        ("stage 1 of 2", 2, 2),
        ("stage 2 of 2", 2, 4),
    ]


def test_tensorboard_shows_what_the_log_says(recipe, tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    run = tmp_path / "run"
    train(recipe('train.track=["tensorboard"]'), run, device="cpu")
    events = accumulator.EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    for record in records(run):
        table = record.get("terms") or record["validation"]
        folder = "terms" if "terms" in record else "validation"
        for name, value in table.items():
            (event,) = [e for e in events.Scalars(f"{folder}/{name}") if e.step == record["step"]]
            assert event.value == pytest.approx(value, rel=1e-5)
    assert [image.step for image in events.Images("samples")] == [1, 2, 3]


def test_a_tracker_that_is_not_installed_keeps_the_run_from_beginning(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(track, "find_spec", lambda name: None)
    with pytest.raises(
        RestorekitError, match=r"'wandb' is not installed; run pip install 'restorekit\[wandb\]'"
    ):
        train(recipe('train.track=["wandb"]'), tmp_path / "run", device="cpu")
    assert not (tmp_path / "run").exists()
    check_trackers([])


class Stand:
    """Stands in for a tracker of Accelerate."""

    def __init__(self, name, fails=False):
        self.name, self.fails, self.said = name, fails, []

    def start(self):
        if self.fails:
            raise ValueError("no account\nat all")
        print("Hello!")

    def store_init_configuration(self, values):
        self.said.append(values)

    def log(self, values, step):
        self.said.append((step, values))

    def finish(self):
        self.said.append("finished")


def test_trackers_get_flat_records_and_end_with_the_run(tmp_path, monkeypatch, capsys):
    stand = Stand("trackio")
    monkeypatch.setattr(track, "_tracker", lambda *given: stand)
    with Trackers(["trackio"], tmp_path, "watched", {"seed": 7}, 0) as trackers:
        trackers.log({"step": 4, "lr": 0.1, "terms": {"l1/image/0": 2.0}})
        trackers.picture("samples", np.zeros((2, 2, 3), np.uint8), 4)  # it takes none
    assert stand.said == [{"seed": 7}, (4, {"lr": 0.1, "terms/l1/image/0": 2.0}), "finished"]
    out, err = capsys.readouterr()
    assert (out, err) == ("", "Hello!\n")


def test_a_tracker_that_does_not_start_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(track, "_tracker", lambda *given: Stand("wandb", fails=True))
    message = "^tracker 'wandb' does not start: no account at all; leave it out, or set WANDB_MODE=offline$"
    with pytest.raises(RestorekitError, match=message), Trackers(["wandb"], tmp_path, "watched", {}, 0):
        pass


def test_track_takes_the_place_of_the_recipes_key(monkeypatch, tmp_path, capsys):
    from restorekit.cli import main

    (tmp_path / "r.toml").write_text(RECIPE)
    seen = []
    monkeypatch.setattr(
        loop, "train", lambda recipe, *given, **options: seen.append(recipe.settings.train.track)
    )
    for arguments in ([], ["--track", "tensorboard", "--track", "trackio"], ["--track", "tensorbord"]):
        monkeypatch.setattr(sys, "argv", ["restorekit", "train", str(tmp_path / "r.toml"), *arguments])
        with pytest.raises(SystemExit):
            main()
    assert seen == [[], ["tensorboard", "trackio"]]
    assert "input should be 'tensorboard', 'trackio' or 'wandb', not 'tensorbord'" in capsys.readouterr().err


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
    module = made.parts.network.build(made.parts.tasks)
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
    module = made.parts.network.build(made.parts.tasks)
    metrics = validate.Validator(made, torch.device("cpu"), tmp_path)(module, 0)
    validator = validate.Validator(made, torch.device("cpu"), tmp_path)
    batch, _ = validator._batch(0, 1)
    wanted = SSIM()(validate.pixels(batch.degraded[0]), validate.pixels(batch.sharp[0]))
    assert metrics["ssim"] == metrics["ssim_input"] == pytest.approx(wanted, abs=1e-4)


def test_pictures_smaller_than_the_window_have_no_ssim(recipe, tmp_path):
    made = recipe("data.size=8")
    module = made.parts.network.build(made.parts.tasks)
    metrics = validate.Validator(made, torch.device("cpu"), tmp_path)(module, 0)
    assert metrics.keys() == {"psnr", "psnr_input"}


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
