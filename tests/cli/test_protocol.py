"""``restorekit protocol make``, and ``restorekit evaluate`` on what it made."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from skimage.data import astronaut

import restorekit.restore.load
from restorekit.contracts import Restorer
from restorekit.images import read_rgb, write_rgb


class Darker(Restorer):
    name = "darker"

    def restore(self, images):
        return images - 2 / 255


@pytest.fixture
def restorekit_(monkeypatch, run_cli, tmp_path):
    """Run the tool in a folder with ``faces/`` and a kernel file; returns exit status, stdout, stderr."""
    (tmp_path / "faces" / "deep").mkdir(parents=True)
    write_rgb(tmp_path / "faces" / "a.png", astronaut()[:218, 130:308])
    write_rgb(tmp_path / "faces" / "deep" / "ü b.jpg", astronaut()[100:318, 130:308])
    kernels = np.zeros((2, 3, 3), np.float32)
    kernels[0, 1, 1] = kernels[1, 0, 0] = 1
    np.savez(
        tmp_path / "k.npz", kernels=kernels, sizes=[1, 3], name="shifts", law=["a", "b"], centring="middle"
    )
    monkeypatch.setattr(restorekit.restore.load, "load_restorer", lambda model, device: Darker())
    return run_cli


MAKE = ("protocol", "make", "k.npz", "--data", "faces", "-o", "out")


def test_a_set_is_written_and_said(restorekit_):
    assert restorekit_(*MAKE) == (0, "out: 2 pictures x 2 k, 4 pairs\n", "")
    files = {file.relative_to("out").as_posix() for file in Path("out").rglob("*") if file.is_file()}
    assert files == {
        "manifest.json", "kernels.npz", "sharp/a.png", "sharp/deep/ü b.png", "degraded/a_k00.png",
        "degraded/a_k01.png", "degraded/deep/ü b_k00.png", "degraded/deep/ü b_k01.png"}  # fmt: skip


def test_files_score_what_the_same_pairs_score_on_the_fly(restorekit_):
    options = ("--noise", "2", "--limit", "2")
    assert restorekit_(*MAKE, *options)[0] == 0
    fly = restorekit_(
        "evaluate",
        "--data",
        "faces",
        "--kernels",
        "k.npz",
        *options,
        "--json",
        "fly.json",
        "--sheet",
        "fly.png",
    )
    files = restorekit_("evaluate", "--data", "out", "--json", "files.json", "--sheet", "files.png")
    assert fly == files and fly[0] == 0
    assert json.loads(Path("fly.json").read_text()) == json.loads(Path("files.json").read_text())
    assert np.array_equal(read_rgb("fly.png"), read_rgb("files.png"))


def test_a_limit_keeps_the_first_pictures_of_a_set(restorekit_):
    restorekit_(*MAKE)
    status, out, _ = restorekit_("evaluate", "--data", "out", "--model", "input", "--limit", "1")
    assert status == 0 and "1 pictures x 2 k" in out


def test_options_that_a_set_has_settled_are_a_line(restorekit_):
    restorekit_(*MAKE)
    for option, value in {
        "--kernels": "k.npz",
        "--crop": "celeba",
        "--noise": "1",
        "--list": "names",
    }.items():
        status, out, err = restorekit_("evaluate", "--data", "out", option, value)
        assert (status, out) == (2, "")
        assert err == "error: out: has its own manifest.json; leave out what would change it\n"


def test_a_set_is_replaced_only_when_asked_and_nothing_else_ever(restorekit_):
    restorekit_(*MAKE, "--limit", "1")
    status, out, err = restorekit_(*MAKE)
    assert (status, out) == (2, "") and "out: already exists; choose another name, or replace it" in err
    assert not Path("out/sharp/deep").exists()
    assert restorekit_(*MAKE, "--overwrite")[0] == 0
    assert Path("out/sharp/deep").exists()
    for other in ("faces", "."):
        status, _, err = restorekit_(*MAKE[:-1], other, "--overwrite")
        assert status == 2 and "already exists and is not a test set" in err
    (Path("faces") / "manifest.json").write_text('{"name": "a page"}')
    status, _, err = restorekit_(*MAKE[:-1], "faces", "--overwrite")
    assert status == 2 and "already exists and is not a test set" in err and err.count("\n") == 1
    assert Path("faces/a.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("faces90", "--data", "faces"), "no test set 'faces90'"),
        (("gone.npz", "--data", "faces"), "gone.npz: no such kernel file"),
        (("k.npz", "--data", "gone"), "no folder"),
        (("k.npz", "--data", "faces", "--list", "names"), "names: cannot be read"),
        (("k.npz", "--data", "mixed"), "60 x 50 pixels, not the 178 x 218"),
        (("k.npz", "--data", "."), "contain one another"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(restorekit_, arguments, message):
    Path("mixed").mkdir()
    write_rgb("mixed/a.png", astronaut()[:218, 130:308])
    write_rgb("mixed/b.png", astronaut()[:50, :60])
    before = sorted(os.listdir())
    status, out, err = restorekit_("protocol", "make", *arguments, "-o", "out")
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and err.count("\n") == 1 and message in err and "; " in err
    assert sorted(os.listdir()) == before


def test_a_set_is_never_made_of_its_own_pictures(restorekit_):
    restorekit_(*MAKE)
    for data, output, message in [
        ("faces", "faces/out", "contain one another"),
        ("out", "again", "out: is a degraded test set"),
    ]:
        status, out, err = restorekit_("protocol", "make", "k.npz", "--data", data, "-o", output)
        assert (status, out, err.count("\n")) == (2, "", 1) and message in err
        assert not Path(output).exists()


@pytest.mark.shared
def test_faces_of_celeba_score_from_files_what_they_score_on_the_fly(restorekit_):
    celeba = Path(os.environ["RESTOREKIT_SHARED"]) / "data" / "celeba"
    options = ("--data", str(celeba), "--list", str(celeba / "test100.txt"), "--limit", "2")
    assert restorekit_("protocol", "make", "faces80", *options, "-o", "out")[0] == 0
    restorekit_("evaluate", *options, "--model", "input", "--json", "fly.json")
    restorekit_("evaluate", "--data", "out", "--model", "input", "--json", "files.json")
    fly, files = (json.loads(Path(name).read_text()) for name in ("fly.json", "files.json"))
    assert fly["pairs"] == 160 and fly == files
