"""Kernel sets, shipped and from files."""

import os
from collections import Counter
from contextlib import suppress

import numpy as np
import pytest

from restorekit.errors import DataError
from restorekit.evaluation.kernels import SHIPPED, load_kernels, save_kernels


def arrays(**changes):
    box = np.full((2, 3, 3), 1 / 9, np.float32)
    return {"kernels": box, "sizes": [3, 3], "name": "box", "law": "box", "centring": "middle"} | changes


def test_every_shipped_set_loads_by_the_name_that_it_bears():
    assert "faces80" in SHIPPED
    for name in SHIPPED:
        assert load_kernels(name).name == name


@pytest.mark.parametrize("name", ["faces80", "faces80-laws"])
def test_there_are_ten_centred_kernels_of_each_size(name):
    faces80 = load_kernels(name)
    assert faces80.kernels.shape == (80, 27, 27) and faces80.margin == 13
    assert faces80.sizes.tolist() == [size for size in range(13, 28, 2) for _ in range(10)]
    assert np.allclose(faces80.kernels.sum(axis=(1, 2)), 1, atol=1e-12) and faces80.kernels.min() >= 0
    assert len(np.unique(faces80.kernels, axis=0)) == 80
    for kernel, size in zip(faces80.kernels, faces80.sizes, strict=True):
        rows, columns = np.nonzero(kernel)
        for at in (rows, columns):
            assert abs(at.min() + at.max() - 26) <= 1, "the bounding box is centred"
        extent = max(np.ptp(rows), np.ptp(columns)) + 1
        assert size - 5 <= extent <= size


def test_the_other_laws_and_the_lens_are_named_kernel_by_kernel():
    laws, lens, sharp = (load_kernels(name) for name in ("faces80-laws", "defocus10", "sharp"))
    assert Counter(laws.laws) == {"random spline": 32, "Gaussian process": 32, "straight line": 16}
    assert Counter(lens.laws) == {"disk": 6, "Gaussian": 4} and lens.margin == 9
    assert sharp.kernels.tolist() == [[[1.0]]] and sharp.margin == 0


def test_a_kernel_file_is_read_back(tmp_path):
    np.savez(tmp_path / "box.npz", **arrays())
    box = load_kernels(str(tmp_path / "box.npz"))
    assert (len(box), box.margin, box.name, box.kernels.dtype) == (2, 1, "box", np.float64)


def test_one_law_holds_for_every_kernel_and_several_for_one_each(tmp_path):
    np.savez(tmp_path / "one.npz", **arrays())
    np.savez(tmp_path / "two.npz", **arrays(law=["motion", "lens"]))
    assert load_kernels(str(tmp_path / "one.npz")).laws == ("box", "box")
    assert load_kernels(str(tmp_path / "two.npz")).laws == ("motion", "lens")


def test_a_saved_set_is_read_back(tmp_path):
    faces80 = load_kernels("faces80")
    save_kernels(tmp_path / "again.npz", faces80)
    again = load_kernels(str(tmp_path / "again.npz"))
    assert np.allclose(again.kernels, faces80.kernels, rtol=1e-15, atol=0)
    assert np.array_equal(again.sizes, faces80.sizes)
    assert (again.laws, again.name, again.centring) == (faces80.laws, "faces80", faces80.centring)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kernels": np.full((2, 9), 1 / 9)}, "of shape"),
        ({"kernels": np.full((2, 4, 4), 1 / 16)}, "of shape"),
        ({"kernels": np.zeros((0, 3, 3)), "sizes": []}, "of shape"),
        ({"kernels": np.full((2, 3, 3), 1 / 8)}, "kernel 0 sums to 1.125, not 1"),
        ({"kernels": np.full((2, 3, 3), np.nan)}, "kernel 0 sums to nan"),
        ({"kernels": np.array("box")}, "kernels are <U3 of shape"),
        ({"sizes": [3]}, "sizes do not fit"),
        ({"sizes": [3, 5]}, "sizes do not fit"),
        ({"law": ["a", "b", "c"]}, "3 laws for 2 kernels"),
        ({"law": np.array(b"\xff")}, "law is no text"),
        ({"name": ["a", "b"]}, "name is no text"),
        ({"sizes": np.zeros(2, [("a", "i4")])}, "sizes do not fit"),
        ({"sizes": np.array([3 + 1j, 3])}, "sizes do not fit"),
        ({"kernels": np.zeros((200, 301, 301), np.float32)}, "more than 64"),
    ],
)
def test_a_wrong_kernel_file_is_a_line(tmp_path, changes, message):
    np.savez(tmp_path / "k.npz", **arrays(**changes))
    with pytest.raises(DataError, match=message) as caught:
        load_kernels(str(tmp_path / "k.npz"))
    assert caught.value.hint and "\n" not in str(caught.value)


def test_a_file_that_holds_no_kernels_is_a_line(tmp_path):
    lacking = arrays()
    del lacking["sizes"]
    np.savez(tmp_path / "lacking.npz", **lacking)
    np.save(tmp_path / "single.npy", np.zeros(3))
    np.savez(tmp_path / "objects.npz", **arrays(law=np.array([None])))
    (tmp_path / "text.npz").write_text("kernels")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "lacking.npz").read_bytes()[:300])
    (tmp_path / "empty.npz").touch()
    for name, message in {
        "lacking.npz": "no array 'sizes'",
        "faces81": "no such kernel file",
        ".": "cannot be read",
        "single.npy": "cannot be read",
        "objects.npz": "cannot be read",
        "text.npz": "cannot be read",
        "cut.npz": "cannot be read",
        "empty.npz": "cannot be read",
    }.items():
        with pytest.raises(DataError, match=message) as caught:
            load_kernels(str(tmp_path / name))
        assert caught.value.hint and "\n" not in str(caught.value)


def test_names_in_a_file_are_words_of_a_line(tmp_path):
    np.savez(tmp_path / "k.npz", **arrays(name="\x1b[31mred\nforged", law="x" * 999))
    kernels = load_kernels(tmp_path / "k.npz")
    assert kernels.name == "\\x1b[31mred forged" and len(kernels.laws[0]) <= 200


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_a_line(tmp_path, seed):
    np.savez_compressed(tmp_path / "k.npz", **arrays())
    data, draw = bytearray((tmp_path / "k.npz").read_bytes()), np.random.default_rng(seed)
    for _ in range(3):
        data[draw.integers(len(data))] = draw.integers(256)
    (tmp_path / "k.npz").write_bytes(bytes(data))
    with suppress(DataError):
        load_kernels(tmp_path / "k.npz")


def test_a_pipe_and_a_device_are_no_kernels(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "zero.npz").symlink_to("/dev/zero")
    for name in ("pipe.npz", "zero.npz"):
        with pytest.raises(DataError, match="not a file"):
            load_kernels(tmp_path / name)
