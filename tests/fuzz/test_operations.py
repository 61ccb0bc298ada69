"""Every operation on files failed in turn: there is what was before, or what is after, and a line says it."""

import contextlib
import functools
import io
import os
import sys

import numpy as np
import pytest
import torch

from restorekit import cli, whole
from restorekit.bundle import load_bundle, write_bundle
from restorekit.contracts import Restorer
from restorekit.data.image_task import ImageTask
from restorekit.errors import RestorekitError
from restorekit.evaluation.report import write_json
from restorekit.framing import WholeView
from restorekit.images import write_rgb
from restorekit.reports.ledger import Entry, Ledger
from restorekit.restore.batch import restore_jobs
from restorekit.restore.jobs import Job
from restorekit.restore.steady import Steady
from restorekit.training.folder import RECIPE, check_start, empty
from restorekit.training.state import read_state, save_state
from restorekit_face_multitask.unet import FaceMultitaskUNet
from restorekit_motion_blur import bank
from restorekit_motion_blur.linear_blur import LinearBlur

CONFIG = """{"format": 1, "name": "x", "license": "CC0", "geometry": null, "tasks": [{"type": "image"}],
"network": {"type": "face_multitask_unet", "widths": [4, 4], "blocks": [0, 0]}}"""


class Lighter(Restorer):
    def __init__(self, value):
        self.value = value

    def restore_arrays(self, images):
        return images * 0 + self.value / 255

    def restore(self, images):
        raise AssertionError("pictures go through without torch")


def picture(folder, value):
    source = folder / "a.png"
    if not source.exists():
        write_rgb(source, np.full((20, 30, 3), 100, np.uint8))
    job = Job(source, folder / "out" / "a.png")
    for outcome in restore_jobs([job], lambda: (Steady(Lighter(value)), WholeView)):
        if outcome.error is not None:
            raise outcome.error


def report(folder, value):
    write_json(folder / "report.json", {"value": value})


def bundle(folder, value):
    path = folder / "bundle"
    if path.exists():
        module = load_bundle(path).module()
    else:
        module = FaceMultitaskUNet(widths=(4, 4), blocks=(0, 0)).build({"image": ImageTask()})
    tensors = {key: torch.full_like(each, value) for key, each in module.state_dict().items()}
    write_bundle(path, tensors, {"config.json": CONFIG})


def state(folder, value):
    path = folder / "state"
    if path.exists():
        assert read_state(path)["b"] < value
    save_state(path, {"a": torch.full((4,), float(value)), "b": value}, value, keep=1)


def cache(folder, value):
    """A bank of kernels: before it is damaged, after it was made again; without a disk it is made all the same."""
    law = LinearBlur(sizes=(3,), kernels=4)
    bank.load_bank.cache_clear()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(io.StringIO()) as said:
        patch.setattr(bank, "cache_dir", lambda name: folder / name)
        made = np.array(bank.load_bank(law))
    assert made.shape == (4, 3, 3) and np.allclose(made.sum(axis=(1, 2)), 1)
    if value == 1:
        (file,) = (folder / "kernels").glob("*.npy")
        file.write_bytes(b"damaged" * 9)
    if "keeps no kernels" in said.getvalue():
        raise RestorekitError(said.getvalue().splitlines()[-1])


SUBJECTS = {each.__name__: each for each in (picture, report, bundle, state, cache)}


def contents(folder):
    """What a reader finds: each file's bytes; what is a draft, a part or set aside is nobody's."""
    found = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.endswith((".part", ".old"))]
        for name in names:
            path = os.path.join(place, name)
            if not name.endswith(".part"):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = file.read()
    return found


def set_aside(folder):
    """The same, where what a death left set aside is put back, as the next start does."""
    for place, folders, _ in os.walk(folder):
        for name in [name for name in folders if name.endswith(".old")]:
            if not os.path.exists(os.path.join(place, name[:-4])):
                os.rename(os.path.join(place, name), os.path.join(place, name[:-4]))
    return contents(folder)


@pytest.fixture
def command(monkeypatch, capsys):
    """Do something as a command does it; gives what it says of an error, which is one line, and nothing without."""

    from restorekit.cli import commands  # noqa: F401  (which takes the real ``app``)

    def run(act):
        monkeypatch.setattr(cli, "app", act)
        monkeypatch.setattr(cli, "_check_command", lambda arguments: None)
        monkeypatch.setattr(sys, "argv", ["restorekit"])
        capsys.readouterr()
        try:
            cli.main()
        except SystemExit as ended:
            err = capsys.readouterr().err
            assert ended.code == 2 and err.startswith("error: ") and err.count("\n") == 1, err
            return err
        return ""

    return run


@pytest.mark.parametrize("fault", ["full", "unreadable", "memory", "death"])
@pytest.mark.parametrize("name", SUBJECTS)
def test_each_operation_failed_leaves_the_state_before_or_after(
    name, fault, tmp_path, operations, death, command
):
    write, number, failed = SUBJECTS[name], 1, 0
    folder = tmp_path / "whole"
    folder.mkdir()
    write(folder, 1)
    before = contents(folder)
    write(folder, 2)
    after = contents(folder)
    assert before != after
    while True:
        folder = tmp_path / str(number)
        folder.mkdir()
        write(folder, 1)
        whole._swept.clear()
        said = ""
        with pytest.MonkeyPatch.context() as patch:
            counted = operations(folder, number, fault)
            counted.install(patch)
            try:
                said = command(functools.partial(write, folder, 2))
            except death:
                said = "nothing"
        if counted.count < number:
            break  # there is no such operation any more
        if fault == "death":
            counted.lose_power()
        found = set_aside(folder) if fault == "death" else contents(folder)
        assert found in (before, after, before | after), f"operation {number}: {sorted(found)}"
        assert said or found == after, f"operation {number} failed, and nobody said so"
        if fault != "death":
            parts = [file for file in folder.rglob("*") if file.name.endswith((".part", ".old"))]
            assert len(parts) <= 1, parts  # of what failed while it was tidied up, at most
        whole._swept.clear()
        write(folder, 3)  # the next start
        failed, number = failed + bool(said), number + 1
    assert (
        failed
        >= {"full": 4, "death": 4, "memory": 4, "unreadable": name in ("picture", "bundle", "state")}[fault]
    )


def test_what_is_resumed_from_is_whole_after_any_death(tmp_path, operations, death):
    for number in range(1, 30):
        folder = tmp_path / str(number)
        folder.mkdir()
        state(folder, 1)
        with pytest.MonkeyPatch.context() as patch:
            counted = operations(folder, number, "death")
            counted.install(patch)
            with contextlib.suppress(death):
                state(folder, 2)
        counted.lose_power()
        assert read_state(folder / "state")["b"] in (1, 2)


@pytest.mark.parametrize("fault", ["full", "death"])
def test_a_run_that_was_half_removed_can_be_removed_again(fault, tmp_path, operations, death):
    for number in range(1, 12):
        run = tmp_path / str(number)
        for name in ("a/b", RECIPE, "state/step-00000001/state.json", "z"):
            (run / name).parent.mkdir(parents=True, exist_ok=True)
            (run / name).write_text("")
        with pytest.MonkeyPatch.context() as patch:
            operations(run, number, fault).install(patch)
            with contextlib.suppress(death, OSError):
                empty(run)
        check_start(run, resume=False, overwrite=True)


@pytest.mark.parametrize("fault", ["full", "memory"])
def test_a_score_that_could_not_be_written_costs_no_other(fault, tmp_path, operations):
    scores = [Entry(f"{number}.png", 0, {"psnr": 1.0}, False, "2026-11-26", "cpu") for number in range(3)]
    for number in range(1, 9):
        ledger = Ledger(tmp_path / f"{number}.jsonl")
        ledger.add("a", scores[0])
        with pytest.MonkeyPatch.context() as patch:
            operations(tmp_path, number, fault).install(patch)
            with contextlib.suppress(OSError, MemoryError):
                ledger.add("a", scores[1])
        ledger.add("a", scores[2])
        found = Ledger(tmp_path / f"{number}.jsonl").of("a")
        assert found.keys() >= {("0.png", 0), ("2.png", 0)}, number
