"""What a run says of itself: lines, norms, and progress."""

import json
import math

import torch

from restorekit import train
from restorekit.training.log import Log
from restorekit.training.objective import output_norms
from restorekit.training.progress import Progress


def test_the_log_drops_what_will_be_done_again_and_what_a_kill_cut_short(tmp_path):
    file = tmp_path / "log.jsonl"
    file.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"st')
    log = Log(file, 2)
    for value in (1.0, 3.0):
        log.step({"l1": torch.tensor(value)}, {"total": torch.tensor(value)}, 2)
    log.line(4, 0, 0.1, 0.0)
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert [record["step"] for record in records] == [1, 2, 4]
    assert records[-1]["terms"] == {"l1": 2.0} and records[-1]["grad_norm"] == {"total": 2.0}


def test_steps_left_out_are_not_in_the_means_but_counted_and_said(tmp_path, capsys):
    log = Log(tmp_path / "log.jsonl", 0)
    with Progress([10], 0) as progress:
        for value in (1.0, math.nan, 3.0):
            log.step({"l1": torch.tensor(value)}, {"total": torch.tensor(value)}, 2)
        progress.show(log.line(3, 0, 0.1, 0.0, skipped=1))
        log.step({"l1": torch.tensor(math.nan)}, {}, 2)
        progress.show(log.line(4, 0, 0.1, 0.0, skipped=2))
    first, second = (json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines())
    assert (first["terms"], first["grad_norm"], first["skipped"]) == ({"l1": 2.0}, {"total": 2.0}, 1)
    assert (second["terms"], second["skipped"]) == ({}, 2)
    said = "steps left out so far: their loss or its gradient was not finite"
    assert capsys.readouterr().err.splitlines() == [f"1 {said}", f"2 {said}"]


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
    loss = "loss=[{type='l1', tasks=['image', 'gradient']}]"
    made = recipe("task=[{type='image'}, {type='gradient'}]", loss, "stage.0.losses=['l1']")
    train(made, tmp_path / "run", device="cpu")
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    names = {f"l1/{task}/{scale}" for task in ("image", "gradient") for scale in (0, 1)}
    for line in lines:
        assert line["grad_norm"].keys() == names | {"total"} and line["grad_norm"]["total"] > 0
        everywhere = (2 * 3 * 16 * 16) ** -0.5  # less where the two are equal, as saturated pixels may be
        assert 0.9 * everywhere < line["grad_norm"]["l1/image/1"] <= everywhere + 1e-6


def test_each_stage_has_its_own_progress(tmp_path):
    with Progress([2, 4], 3) as progress:
        progress.step(1)
        bars = progress._bars.tasks
    assert [(bar.description, bar.completed, bar.total) for bar in bars] == [
        ("stage 1 of 2", 2, 2),
        ("stage 2 of 2", 2, 4),
    ]
