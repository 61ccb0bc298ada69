"""The bank of kernels on disk."""

import os

import numpy as np
import pytest

from restorekit import RestorekitError
from restorekit_motion_blur.bank import load_bank
from restorekit_motion_blur.spline_blur import SplineBlur
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur

SMALL = TrajectoryBlur(sizes=(5,), kernels=4)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    load_bank.cache_clear()
    yield tmp_path / "restorekit" / "kernels"
    load_bank.cache_clear()


def test_the_bank_holds_every_size_equally_and_is_read_back_equal(cache, capsys):
    blur = TrajectoryBlur(sizes=(5, 13), kernels=21)
    made = np.array(load_bank(blur))
    assert capsys.readouterr().err.startswith("making 21 kernels of TrajectoryBlur, once, to keep in ")
    assert made.shape == (21, 13, 13)
    assert not made[0::2, :4].any()  # size 5 lies within rows 4 to 8
    assert np.all(made[1::2].max(axis=(1, 2)) > 0)
    (file,) = cache.iterdir()
    written = file.stat().st_mtime_ns
    load_bank.cache_clear()
    again = load_bank(blur)
    np.testing.assert_array_equal(again, made)
    assert isinstance(again, np.memmap) and not again.flags.writeable
    assert file.stat().st_mtime_ns == written and capsys.readouterr().err == ""
    drawn = blur.sample(np.random.default_rng(), 1, 1)["kernel"]
    assert any((kernel == drawn).all() for kernel in made)


def cut(content, left):
    return content[:left]


def flip(content, at):
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(("damage", "at"), [(cut, 0), (cut, 50), (cut, 500), (flip, 300), (flip, -1)])
def test_a_damaged_bank_is_said_and_made_again(cache, capsys, damage, at):
    made = np.array(load_bank(SMALL))
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole, at % len(whole)))
    load_bank.cache_clear()
    capsys.readouterr()
    np.testing.assert_array_equal(load_bank(SMALL), made)
    said = capsys.readouterr().err
    assert (
        said.startswith(f"{file} is damaged (")
        and said.endswith("); it is made again\n")
        and said.count("\n") == 1
    )
    assert [path.name for path in cache.iterdir()] == [file.name]
    assert file.read_bytes() == whole


def test_a_bank_that_cannot_be_kept_stays_in_memory_and_it_is_said(cache, capsys):
    cache.parent.write_text("a file where the folder should be")
    bank = load_bank(SMALL)
    assert bank.shape == (4, 5, 5)
    assert not bank.flags.writeable
    assert "keeps no kernels (Not a directory): each process makes its own" in capsys.readouterr().err


def test_others_may_read_a_bank(cache):
    load_bank(SMALL)
    (file,) = cache.iterdir()
    mask = os.umask(0o22)
    os.umask(mask)
    assert file.stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize("law", [TrajectoryBlur(kernels=10**12), TrajectoryBlur(sizes=(1001,))])
def test_a_bank_too_large_to_be_meant_is_refused(cache, law):
    with pytest.raises(
        RestorekitError, match=r"^a bank of .* kernels of .* takes [\d,]+ GiB; set kernels to less"
    ):
        law.sample(np.random.default_rng(0), 64, 64)
    assert not cache.exists()


@pytest.mark.parametrize(
    "other", [TrajectoryBlur(sizes=(5,), kernels=4, bank_seed=1), SplineBlur(sizes=(5,), kernels=4)]
)
def test_another_parameter_or_law_is_another_bank(cache, other):
    assert not np.array_equal(load_bank(SMALL), load_bank(other))
    assert len(list(cache.iterdir())) == 2
