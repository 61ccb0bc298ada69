"""A clock that is set back during a run, or between a run and the one that goes on with it."""

import json
import os
import time

import rich.progress

from restorekit import train
from restorekit.cli.progress import picture_bars
from restorekit.training.state import states


def set_back(monkeypatch):
    """From now on let every look at the clock show an hour less than the one before."""
    now = [time.time()]

    def earlier():
        now[0] -= 3600
        return now[0]

    monkeypatch.setattr(time, "time", earlier)
    monkeypatch.setattr(time, "time_ns", lambda: int(earlier() * 1e9))


def weights(run):
    return (run / "bundle" / "model.safetensors").read_bytes()


def test_a_run_ends_as_it_would_have(recipe, tmp_path, monkeypatch):
    train(recipe("stage.0.steps=4"), tmp_path / "straight", device="cpu")
    set_back(monkeypatch)
    run = tmp_path / "run"
    train(recipe(), run, device="cpu")
    before = [state.name for state in states(run / "state")]
    for path in sorted(run.rglob("*")):  # all is of next week, and what was saved last is the oldest
        os.utime(path, 2 * (time.time() + 10**6,))
    train(recipe("stage.0.steps=4"), run, device="cpu", resume=True)
    assert before[-1] == "step-00000002" and states(run / "state")[-1].name == "step-00000004"
    assert weights(run) == weights(tmp_path / "straight")
    assert not [path for path in run.rglob("*") if path.suffix in (".part", ".old")]
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    assert all(line["images_per_s"] > 0 and 0 <= line["data_wait"] <= 1 for line in lines)


def test_the_time_that_is_left_is_never_negative(monkeypatch):
    set_back(monkeypatch)
    made = []

    class Kept(rich.progress.Progress):
        def __init__(self, *given, **named):
            super().__init__(*given, **named)
            made.append(self)

    monkeypatch.setattr(rich.progress, "Progress", Kept)
    with picture_bars(3) as (advance, tell):
        for done in (1, 2):
            tell("a.png", done, 4)
            advance()
            time.sleep(0.01)
        (task, _) = made[0].tasks
        assert task.elapsed > 0 and task.time_remaining >= 0
