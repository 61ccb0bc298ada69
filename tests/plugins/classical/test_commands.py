"""The methods from the command line."""

import sys

import numpy as np
import pytest

from restorekit import read_image, write_image
from restorekit.cli import main

from .pictures import arc, blurred, hook, inside, photo, psnr


@pytest.fixture
def restore(tmp_path, monkeypatch, capsys):
    write_image(tmp_path / "a.png", np.round(255 * blurred(photo(80, 91), hook())).astype(np.uint8))
    np.save(tmp_path / "kernel.npy", hook())

    def run(*options):
        files = [str(tmp_path / "a.png"), "-o", str(tmp_path / "b.png")]
        monkeypatch.setattr(sys, "argv", ["restorekit", "restore", *options, *files])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().err

    return run


def test_a_kernel_is_named_and_used(restore, tmp_path):
    assert restore("--model", "hyper_laplacian", "--kernel", str(tmp_path / "kernel.npy"))[0] == 0
    before, after = (read_image(tmp_path / f"{name}.png") / 255 for name in "ab")
    truth = inside(photo(80, 91), hook())
    assert psnr(after, truth) > psnr(before, truth) + 5


def test_found_kernels_are_written_as_pictures(restore, tmp_path):
    assert restore("--model", "cho_lee2009", "--kernels", str(tmp_path / "kernels"))[0] == 0
    assert len(list((tmp_path / "kernels").glob("a.kernel*.png"))) == 1


def test_a_flat_picture_is_left_alone_and_said_so_once(restore, tmp_path):
    write_image(tmp_path / "a.png", np.full((40, 41, 3), 90, np.uint8))
    status, words = restore("--model", "cho_lee2009")
    assert status == 0
    assert words.count("the picture is flat and shows no blur") == 1


@pytest.mark.parametrize(
    "model, kernel, words",
    [
        ("wiener", None, "wiener needs the kernel of the blur"),
        ("wiener", np.zeros((5, 5)), "the kernel is empty"),
        ("wiener", -arc(), "the kernel is negative"),
        ("wiener", np.ones((99, 3)), "smaller than the kernel of 3 x 99"),
        ("cho_lee2009", arc(), "model cho_lee2009 takes no kernel"),
    ],
)
def test_bad_kernels_are_a_line_and_write_nothing(restore, tmp_path, model, kernel, words):
    options = ["--model", model]
    if kernel is not None:
        np.save(tmp_path / "kernel.npy", kernel)
        options += ["--kernel", str(tmp_path / "kernel.npy")]
    status, said = restore(*options)
    assert status == 2
    assert words in said and "Traceback" not in said
    assert not (tmp_path / "b.png").exists()
