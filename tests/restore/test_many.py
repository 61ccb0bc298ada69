"""Folders of very many files: three times as many take three times as many operations, to list and to plan."""

import sys
from pathlib import Path

import pytest

from restorekit.data.sources.folder import Folder
from restorekit.data.sources.paired import Paired
from restorekit.restore.jobs import plan
from restorekit.restore.listing import Found, find_pictures

FEW, MANY = 1000, 3000


def calls(act, *given):
    """Count the functions that are called, of Python and of C."""
    counted = 0

    def count(frame, event, argument):
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        act(*given)
    finally:
        sys.setprofile(None)
    return counted


def planned(folder):
    """Do what a command does before the first picture is read."""
    found = [each for each in find_pictures(folder, recursive=True) if isinstance(each, Found)]
    jobs = plan(found, str(folder.parent / "out"), compare=True, kernels=folder.parent / "kernels", keep=True)
    for job in jobs:
        assert not job.done
        job.check(overwrite=False)


def rivals(folder):
    """Plan pictures that all go to one place, of which none is restored."""
    found = [Found(each, Path("a.png")) for each in folder.iterdir()]
    assert all(job.rival for job in plan(found, str(folder.parent / "out")))


def source(folder):
    len(Folder(folder))
    len(Paired(folder, folder.parent / "others"))


def quadratic(folder):
    seen = []
    for each in folder.iterdir():
        if each not in seen[::50]:
            seen.append(each)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    made = []
    for number in (FEW, MANY):
        made.append(tmp_path_factory.mktemp("many") / "in")
        for folder in (made[-1], made[-1].parent / "others"):
            folder.mkdir()
            for n in range(number):
                (folder / f"{n}.png").touch()
    return made


@pytest.mark.parametrize("act", [planned, rivals, source])
def test_so_many_times_the_files_take_so_many_times_the_operations(act, folders):
    act(folders[0])  # what is imported or kept at first
    few, many = (calls(act, folder) for folder in folders)
    assert few > FEW and many < 1.05 * MANY / FEW * few


def test_a_quadratic_step_would_be_seen(folders):
    few, many = (calls(quadratic, folder) for folder in folders)
    assert many > 2 * MANY / FEW * few
