"""Every operation on files that writes something failed in turn: what was there before, or what is there after."""

import contextlib
import json
import os

import numpy as np
import pytest
import torch

from restorekit import whole
from restorekit.bundle import write_bundle
from restorekit.errors import RestorekitError
from restorekit.evaluation.report import write_json
from restorekit.images import write_rgb
from restorekit.training.state import read_state, save_state


def picture(folder, value):
    write_rgb(folder / "out" / "a.png", np.full((20, 30, 3), value, np.uint8))


def report(folder, value):
    write_json(folder / "report.json", {"value": value})


def bundle(folder, value):
    write_bundle(folder / "bundle", {"a": torch.full((4,), float(value))}, {"config.json": f"[{value}]"})


def state(folder, value):
    save_state(folder / "state", {"a": torch.full((4,), float(value)), "b": value}, value, keep=2)


def cache(folder, value):
    whole.write_whole(folder / "kernels" / "bank.bin", iter([bytes([value]) * 1000] * 3))


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


@pytest.mark.parametrize("deadly", [False, True], ids=["error", "death"])
@pytest.mark.parametrize("name", SUBJECTS)
def test_each_operation_failed_leaves_the_state_before_or_after(name, deadly, tmp_path, operations, death):
    write, number, tried = SUBJECTS[name], 1, 0
    folder = tmp_path / "whole"
    folder.mkdir()
    write(folder, 1)
    before = contents(folder)
    write(folder, 2)
    after = contents(folder)
    while True:
        folder = tmp_path / str(number)
        folder.mkdir()
        write(folder, 1)
        whole._swept.clear()
        with pytest.MonkeyPatch.context() as patch:
            counted = operations(folder, number, deadly)
            counted.install(patch)
            try:
                write(folder, 2)
                failed = False
            except (RestorekitError, OSError, death):
                failed = True
        if counted.count < number:
            break  # there is no such operation any more
        if deadly:
            counted.lose_power()
        found = set_aside(folder) if deadly else contents(folder)
        assert found in (before, after), f"operation {number}: {sorted(found)}"
        assert failed or found == after, f"operation {number} failed, and nobody said so"
        if not deadly:
            parts = [file for file in folder.rglob("*") if file.name.endswith((".part", ".old"))]
            assert len(parts) <= 1, parts  # of what failed while it was tidied up, at most
        whole._swept.clear()
        write(folder, 2)  # the next start
        assert contents(folder) == after
        tried, number = tried + 1, number + 1
    assert tried >= 5
    print(json.dumps({"subject": name, "deadly": deadly, "operations": tried}))


def test_what_is_resumed_from_is_whole_after_any_death(tmp_path, operations, death):
    for number in range(1, 30):
        folder = tmp_path / str(number)
        folder.mkdir()
        state(folder, 1)
        with pytest.MonkeyPatch.context() as patch:
            counted = operations(folder, number, deadly=True)
            counted.install(patch)
            with contextlib.suppress(death):
                state(folder, 2)
        counted.lose_power()
        assert read_state(folder / "state")["b"] in (1, 2)
