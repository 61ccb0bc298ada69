"""A run and its data: unreadable images are skipped and listed, and waiting for data is measured."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from left_over import left_over

from restorekit import RestorekitError, load_recipe, train
from restorekit.images import write_rgb
from restorekit.training.log import Log
from restorekit.training.progress import Progress
from restorekit.training.waiting import WaitingTime

RECIPE = """\
schema = 1
name = "small"
[data]
train = { type = "folder", path = "faces" }
size = 16
batch = 4
workers = 0
[[degradation]]
type = "trajectory_blur"
sizes = [5]
kernels = 4
[network]
type = "face_multitask_unet"
widths = [4, 4]
blocks = [1, 1]
[[task]]
type = "image"
[[loss]]
type = "l1"
[train]
precision = "fp32"
log_every = 1
[validation]
source = { type = "folder", path = "faces" }
images = 3
[[stage]]
steps = 3
losses = ["l1"]
[[stage]]
steps = 2
losses = ["l1"]
"""


def faces(folder, damaged, size=40):
    folder.mkdir()
    for i in range(4):
        write_rgb(
            folder / f"{i}.png", np.random.default_rng(i).integers(0, 256, (size, size, 3), dtype=np.uint8)
        )
    for i in damaged:
        (folder / f"{i}.png").write_bytes((folder / f"{i}.png").read_bytes()[:100])
    return folder


def run(tmp_path, *overrides):
    (tmp_path / "recipe.toml").write_text(RECIPE)
    return train(load_recipe(tmp_path / "recipe.toml", overrides), tmp_path / "run", device="cpu")


@pytest.mark.parametrize("workers", [0, 2])
def test_unreadable_images_are_skipped_said_and_listed_once(tmp_path, capsys, workers):
    folder = faces(tmp_path / "faces", damaged=[0, 2])
    run(tmp_path, f"data.workers={workers}")
    listed = sorted((tmp_path / "run" / "skipped.txt").read_text().splitlines())
    assert [line.partition(": ")[0] for line in listed] == [str(folder / "0.png"), str(folder / "2.png")]
    said = [line for line in capsys.readouterr().err.splitlines() if "skipped" in line]
    assert said[-1] == f"2 unreadable images skipped so far, listed in {tmp_path / 'run' / 'skipped.txt'}"
    assert len(said) <= 2


def test_a_run_whose_images_are_all_readable_lists_none(tmp_path, capsys):
    faces(tmp_path / "faces", damaged=[])
    run(tmp_path)
    assert not (tmp_path / "run" / "skipped.txt").exists() and "skipped" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("damaged", "size", "message"),
    [
        (range(4), 40, "4 unreadable images in a row, the last: "),
        ([], 19, "is too small for the 16 px crop and its"),
    ],
)
def test_images_that_cannot_be_used_are_said_before_anything_is_written(tmp_path, damaged, size, message):
    faces(tmp_path / "faces", damaged, size)
    with pytest.raises(RestorekitError, match=message) as caught:
        run(tmp_path)
    assert len(str(caught.value).splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_validation_images_that_cannot_be_read_are_said_before_anything_is_written(tmp_path):
    faces(tmp_path / "faces", damaged=[])
    bad = faces(tmp_path / "bad", damaged=range(4))
    with pytest.raises(RestorekitError, match="4 unreadable images in a row"):
        run(tmp_path, f"validation.source.path={bad}")
    assert not (tmp_path / "run").exists()


def test_workers_end_with_an_error_in_a_step_though_it_is_kept(tmp_path, monkeypatch):
    def fail(*given, **options):
        raise RuntimeError("a fault")

    monkeypatch.setattr("restorekit.training.trainer.Trainer.step", fail)
    faces(tmp_path / "faces", damaged=[])
    with pytest.raises(RuntimeError, match="a fault") as kept:
        run(tmp_path, "data.workers=2")
    assert kept.value.__traceback__ and not left_over()


def test_every_line_of_a_run_tells_the_share_of_waiting(tmp_path):
    faces(tmp_path / "faces", damaged=[])
    run(tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    shares = [line["data_wait"] for line in lines if "stage" in line]
    assert len(shares) == 5 and all(0 <= share <= 1 for share in shares) and any(shares)


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves only when told to."""
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr("restorekit.training.log.time", clock)
    monkeypatch.setattr("restorekit.training.waiting.time", clock)
    return clock


def log_of(tmp_path, clock, waits):
    """Write one line for each (stage, seconds of waiting, seconds of computing)."""

    def prepared():
        for _, wait, _ in waits:
            clock.now += wait
            yield object()

    waiting = WaitingTime(torch.device("cpu"))
    log = Log(tmp_path / "log.jsonl", 0)
    with Progress([len(waits)] * 2, 0) as progress:
        for step, ((stage, _, compute), _) in enumerate(zip(waits, waiting.over(prepared()), strict=True), 1):
            clock.now += compute
            log.step({"l1": torch.ones(())}, {}, 4)
            progress.show(log.line(step, stage, 0.1, waiting.taken()))
    return [json.loads(line)["data_wait"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]


def test_the_share_is_of_the_time_since_the_last_line(tmp_path, clock):
    assert log_of(tmp_path, clock, [(0, 1, 3), (0, 0, 2), (1, 3, 1)]) == [0.25, 0, 0.75]


class Mark:
    """A CUDA event that happens after all that the device has in hand."""

    def __init__(self, clock, device, enable_timing):
        self.clock, self.device = clock, device

    def record(self):
        self.at = max(self.clock.now, self.device.busy_until)

    def synchronize(self):
        pass

    def elapsed_time(self, later):
        return 1000 * (later.at - self.at)


def test_a_gpu_that_works_while_the_program_waits_does_not_wait(clock, monkeypatch):
    device = SimpleNamespace(busy_until=0.0)
    monkeypatch.setattr(torch.cuda, "Event", lambda enable_timing: Mark(clock, device, enable_timing))

    def prepared():
        for _ in range(4):
            clock.now += 3  # each batch takes three seconds to prepare
            yield object()

    waiting, lasting = WaitingTime(torch.device("cuda")), iter([5, 5, 2, 2])
    for _ in waiting.over(prepared()):
        device.busy_until = max(clock.now, device.busy_until) + next(lasting)  # launched, not waited for
    # From 3 to 15 the device is busy: the third step ends at 15, and the fourth batch had come at 12.
    assert waiting.taken() == 3.0 and waiting.taken() == 0


def test_much_waiting_is_said_once_a_run_with_what_to_do(tmp_path, clock, capsys):
    log_of(tmp_path, clock, [(0, 0, 1), (0, 3, 7), (0, 9, 1), (1, 9, 1), (1, 9, 1)])
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("30% of the time is spent waiting for data; raise data.workers, ")


@pytest.mark.parametrize("waits", [[(0, 9, 1), (0, 2, 8)], [(0, 0, 1), (1, 9, 1), (1, 0, 1)]])
def test_little_waiting_and_the_start_of_a_stage_are_not_worth_a_word(tmp_path, clock, capsys, waits):
    log_of(tmp_path, clock, waits)
    assert capsys.readouterr().err == ""
