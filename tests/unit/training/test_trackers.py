"""Trackers: what they are told, and what keeps them from starting."""

import json
import sys

import numpy as np
import pytest

from restorekit import RestorekitError, train
from restorekit.contracts import Board, TrackedRun, Tracker
from restorekit.plugins import registry
from restorekit.training import loop, trackers
from restorekit.training.trackers import Boards, find_trackers
from restorekit.training.trackers.tensorboard import TensorBoard
from restorekit.training.trackers.trackio import Trackio


def test_tensorboard_shows_what_the_log_says(recipe, tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    run = tmp_path / "run"
    validation = "validation={source={type='samples', names=['cat']}}"
    train(recipe('train.track=["tensorboard"]', validation, "train.validate_every=1"), run, device="cpu")
    events = accumulator.EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    for line in (run / "log.jsonl").read_text().splitlines():
        record = json.loads(line)
        table = record.get("terms") or record["validation"]
        folder = "terms" if "terms" in record else "validation"
        for name, value in table.items():
            (event,) = [e for e in events.Scalars(f"{folder}/{name}") if e.step == record["step"]]
            assert event.value == pytest.approx(value, rel=1e-5)
    assert [image.step for image in events.Images("samples")] == [1, 2]


def test_a_tracker_that_is_not_installed_keeps_the_run_from_beginning(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(trackers, "find_spec", lambda name: None)
    with pytest.raises(
        RestorekitError, match="'wandb' is not installed; run pip install wandb, or leave it out"
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


def test_track_takes_the_place_of_the_recipes_key(recipe, monkeypatch, tmp_path, capsys):
    from restorekit.cli import main

    recipe()
    seen = []
    monkeypatch.setattr(loop, "train", lambda recipe, *given, **options: seen.append(recipe.train.track))
    for arguments in ([], ["--track", "tensorboard", "--track", "trackio"], ["--track", "tensorbord"]):
        monkeypatch.setattr(sys, "argv", ["restorekit", "train", str(tmp_path / "r.toml"), *arguments])
        with pytest.raises(SystemExit):
            main()
    assert seen == [(), (TensorBoard(), Trackio())]
    assert "unknown tracker 'tensorbord'; did you mean 'tensorboard'?" in capsys.readouterr().err
