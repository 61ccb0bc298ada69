"""Kernels that a user gives."""

import os

import numpy as np
import pytest

from restorekit import RestorekitError, write_image
from restorekit_classical.kernel_file import checked_kernel, read_kernel


def test_a_picture_and_an_array_of_it_are_one_kernel(tmp_path):
    pixels = np.zeros((5, 7), np.uint8)
    pixels[2, 1:6] = [10, 50, 200, 50, 10]
    write_image(tmp_path / "kernel.png", np.repeat(pixels[..., None], 3, axis=-1))
    np.save(tmp_path / "kernel.npy", pixels)
    from_picture, from_array = (read_kernel(tmp_path / f"kernel.{end}") for end in ("png", "npy"))
    np.testing.assert_allclose(from_picture, from_array)
    assert from_picture.sum() == pytest.approx(1)
    assert from_picture.shape == (5, 7)


@pytest.mark.parametrize(
    "values, words",
    [
        (np.zeros((5, 5)), "the kernel is empty"),
        (np.array([[0.5, -0.1], [0.2, 0.4]]), "the kernel is negative somewhere, -0.1 at the least"),
        (np.array([[np.nan, 1.0]]), "values that are not finite"),
        (np.ones((3, 3, 3)), r"float64 array of shape \(3, 3, 3\) is not a kernel"),
        (np.ones((0, 3)), "is not a kernel"),
        (np.array([["a"]]), "is not a kernel"),
        (np.full((3, 3), 1.7e308), "not finite"),
    ],
)
def test_what_is_no_kernel_is_said_in_a_line(values, words, tmp_path):
    with pytest.raises(RestorekitError, match=words) as raised:
        checked_kernel(values, "k")
    assert "\n" not in str(raised.value)
    np.save(tmp_path / "kernel.npy", values)
    with pytest.raises(RestorekitError, match="kernel.npy: "):
        read_kernel(tmp_path / "kernel.npy")


def test_files_that_are_missing_or_broken(tmp_path):
    with pytest.raises(RestorekitError, match="no such kernel file"):
        read_kernel(tmp_path / "none.npy")
    (tmp_path / "broken.npy").write_bytes(b"")
    with pytest.raises(RestorekitError, match="cannot be read as .npy"):
        read_kernel(tmp_path / "broken.npy")
    with pytest.raises(RestorekitError, match="none.png"):
        read_kernel(tmp_path / "none.png")
    np.save(tmp_path / "object.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(RestorekitError, match="cannot be read as .npy"):
        read_kernel(tmp_path / "object.npy")


def several(path):
    with path.open("wb") as file:
        np.savez(file, a=np.ones((3, 3)))


def claiming(path):
    np.save(path, np.ones((10, 10)))
    path.write_bytes(
        path.read_bytes().replace(b"(10, 10), }      ", b"(10**6, 10**6), }").replace(b"10**6", b"99999")
    )


@pytest.mark.parametrize(
    "make",
    [
        several,
        claiming,
        os.mkfifo,
        lambda p: p.symlink_to("/dev/zero"),
        lambda p: p.touch(),
        lambda p: p.mkdir(),
    ],
)
def test_a_file_of_something_else_is_a_line(make, tmp_path):
    make(tmp_path / "k.npy")
    with pytest.raises(RestorekitError, match="k.npy: cannot be read as .npy"):
        read_kernel(tmp_path / "k.npy")
