"""What a run shows of itself: norms, progress by stage, trackers, sheets, and the best weights."""

import json
import sys

import numpy as np
import pytest
import torch

from restorekit import RestorekitError, load_recipe, train
from restorekit.contracts import Board, TrackedRun, Tracker
from restorekit.evaluation.metrics import SSIM
from restorekit.images import read_rgb
from restorekit.plugins import registry
from restorekit.training import loop, trackers, validate
from restorekit.training.best import beats_best
from restorekit.training.objective import output_norms
from restorekit.training.progress import Progress
from restorekit.training.trackers import Boards, find_trackers
from restorekit.training.trackers.tensorboard import TensorBoard
from restorekit.training.trackers.trackio import Trackio

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
    with Progress([2, 4], 3) as progress:
        progress.step(1)
        bars = progress._bars.tasks
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
    monkeypatch.setattr(trackers, "find_spec", lambda name: None)
    with pytest.raises(
        RestorekitError, match=r"'wandb' is not installed; run pip install 'restorekit\[wandb\]'"
    ):
        train(recipe('train.track=["wandb"]'), tmp_path / "run", device="cpu")
    assert not (tmp_path / "run").exists()
    assert find_trackers([]) == {}


class Stand(Tracker, Board):
    """A tracker that remembers what it is told."""

    offline = "set WANDB_MODE=offline"

    def __init__(self, fails=False):
        self.fails, self.said = fails, []

    def start(self, run):
        if self.fails:
            raise ValueError("no account\nat all")
        print("Hello!")
        self.said.append(run.recipe)
        return self

    def log(self, values, step):
        self.said.append((step, values))

    def picture(self, name, picture, step):
        self.said.append((step, name, picture.shape))

    def finish(self):
        self.said.append("finished")


def test_trackers_get_flat_records_and_pictures_and_end_with_the_run(tmp_path, capsys):
    stand = Stand()
    with Boards({"stand": stand}, TrackedRun(tmp_path, "watched", {"seed": 7}, 0)) as boards:
        boards.log({"step": 4, "lr": 0.1, "terms": {"l1/image/0": 2.0}})
        boards.picture("samples", np.zeros((2, 5, 3), np.uint8), 4)
    assert stand.said == [
        {"seed": 7},
        (4, {"lr": 0.1, "terms/l1/image/0": 2.0}),
        (4, "samples", (2, 5, 3)),
        "finished",
    ]
    out, err = capsys.readouterr()
    assert (out, err) == ("", "Hello!\n")


def test_a_tracker_that_does_not_start_is_one_line_and_ends_those_before_it(tmp_path):
    first, broken = Stand(), Stand(fails=True)
    message = "^tracker 'broken' does not start: no account at all; leave it out or set WANDB_MODE=offline$"
    run = TrackedRun(tmp_path, "watched", {}, 0)
    with pytest.raises(RestorekitError, match=message), Boards({"first": first, "broken": broken}, run):
        pass
    assert first.said == [{}, "finished"]


class Package:
    """Stands in for the packages of Trackio and W&B."""

    def __init__(self):
        self.calls = []

    def init(self, **options):
        self.calls.append(options)
        return self

    def log(self, values, step):
        self.calls.append((step, values))

    def finish(self):
        self.calls.append("finished")

    def Image(self, picture):  # noqa: N802
        return picture.shape


@pytest.mark.parametrize(
    ("name", "own", "pictures"),
    [("wandb", {"dir": "RUN"}, [(4, {"samples": (2, 5, 3)})]), ("trackio", {"resume": "allow"}, [])],
)
def test_trackio_and_wandb_are_told_as_they_want_it(name, own, pictures, tmp_path, monkeypatch):
    package = Package()
    monkeypatch.setitem(sys.modules, name, package)
    board = registry("tracker").get(name)().start(TrackedRun(tmp_path, "watched", {"seed": 7}, 0))
    board.log({"lr": 0.1}, 4)
    board.picture("samples", np.zeros((2, 5, 3), np.uint8), 4)
    board.finish()
    own = {key: value.replace("RUN", str(tmp_path)) for key, value in own.items()}
    opened = {"project": "watched", "name": tmp_path.name, "config": {"seed": 7}} | own
    assert package.calls == [opened, (4, {"lr": 0.1}), *pictures, "finished"]


def test_track_takes_the_place_of_the_recipes_key(monkeypatch, tmp_path, capsys):
    from restorekit.cli import main

    (tmp_path / "r.toml").write_text(RECIPE)
    seen = []
    monkeypatch.setattr(loop, "train", lambda recipe, *given, **options: seen.append(recipe.train.track))
    for arguments in ([], ["--track", "tensorboard", "--track", "trackio"], ["--track", "tensorbord"]):
        monkeypatch.setattr(sys, "argv", ["restorekit", "train", str(tmp_path / "r.toml"), *arguments])
        with pytest.raises(SystemExit):
            main()
    assert seen == [(), (TensorBoard(), Trackio())]
    assert "unknown tracker 'tensorbord'; did you mean 'tensorboard'?" in capsys.readouterr().err


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
