"""Which pictures are degraded, and how."""

import math

import numpy as np
import pytest
from restorekit.evaluation.pictures import find_images
from scipy.signal import convolve2d
from skimage.data import astronaut

from restorekit.errors import DataError, ImageError
from restorekit.evaluation.kernels import KernelSet, load_kernels
from restorekit.evaluation.pairs import MadePairs
from restorekit.evaluation.protocol import Protocol, convolve
from restorekit.images import write_rgb

ALIGNED = astronaut()[:218, 130:308]


def kernel_set(*kernels):
    return KernelSet(
        np.stack(kernels), np.array([len(k) for k in kernels]), ("none",) * len(kernels), "test", "middle"
    )


def delta(side=5, row=0, column=0):
    kernel = np.zeros((side, side))
    kernel[side // 2 + row, side // 2 + column] = 1
    return kernel


@pytest.fixture
def folder(tmp_path):
    """Two pictures of CelebA's size."""
    write_rgb(tmp_path / "b.png", ALIGNED)
    write_rgb(tmp_path / "a.png", ALIGNED[:, ::-1])
    return tmp_path


def test_convolution_is_scipys_where_the_kernel_lies_inside():
    kernel = np.random.default_rng(1).random((7, 7))
    ours = convolve(ALIGNED[:40, :31], kernel)
    theirs = [convolve2d(ALIGNED[:40, :31, c].astype(float), kernel, mode="valid") for c in range(3)]
    assert np.allclose(ours, np.stack(theirs, axis=2), atol=1e-9)


def test_convolution_adds_up_in_one_order_whatever_the_processor():
    kernel = np.zeros((3, 3))
    kernel[[0, 1, 2], [2, 0, 1]] = 0.1, 0.3, 0.6
    picture = np.random.default_rng(4).integers(0, 256, (3, 3, 3))
    ((ours,),) = convolve(picture, kernel)
    by_hand = [
        0.0 + picture[2, 0, c] * 0.1 + picture[1, 2, c] * 0.3 + picture[0, 1, c] * 0.6 for c in range(3)
    ]
    assert ours.tolist() == by_hand


def test_pairs_come_picture_by_picture_and_kernel_by_kernel(folder):
    pairs = MadePairs(Protocol(kernel_set(delta(), delta(row=1))), folder)
    assert len(pairs) == 4
    assert [(pair.image, pair.kernel) for pair in pairs] == [
        ("a.png", 0), ("a.png", 1), ("b.png", 0), ("b.png", 1)]  # fmt: skip
    assert np.array_equal(pairs[3].degraded, list(pairs)[3].degraded)


def test_a_delta_without_noise_leaves_the_celeba_crop(folder):
    pair = MadePairs(Protocol(kernel_set(delta()), noise=0), folder)[1]
    assert np.array_equal(pair.sharp, ALIGNED[68:196, 25:153])
    assert np.array_equal(pair.degraded, pair.sharp)


def test_a_shifted_delta_brings_in_the_real_border(folder):
    pair = MadePairs(Protocol(kernel_set(delta(row=1, column=-2)), noise=0), folder)[1]
    assert np.array_equal(pair.degraded, ALIGNED[67:195, 27:155])


def test_center_is_the_largest_square_inside_the_margin(tmp_path):
    write_rgb(tmp_path / "x.png", astronaut()[:100, :130])
    (pair,) = MadePairs(Protocol(kernel_set(delta(7)), crop="center", noise=0), tmp_path)
    assert np.array_equal(pair.sharp, astronaut()[3:97, 18:112])


def test_noise_is_the_same_on_every_run_and_differs_between_pairs(folder):
    protocol = Protocol(kernel_set(delta(), delta()))
    first, second = ([pair.degraded for pair in MadePairs(protocol, folder)] for _ in range(2))
    assert np.array_equal(first, second)
    alone, _ = MadePairs(protocol, folder, limit=1)
    assert np.array_equal(alone.degraded, first[0]), "a limit does not change what comes before it"
    assert not np.array_equal(first[0], first[1])
    noise = first[3].astype(float) - ALIGNED[68:196, 25:153]
    assert noise.std() == pytest.approx(math.sqrt(1 + 1 / 12), rel=0.01)
    assert abs(noise.mean()) < 0.02


def test_pictures_that_do_not_hold_the_crop_are_a_line(tmp_path):
    write_rgb(tmp_path / "small.png", ALIGNED[:70, :60])
    with pytest.raises(ImageError, match="60 x 70 pixels, not the 178 x 218"):
        MadePairs(Protocol(kernel_set(delta())), tmp_path)[0]
    with pytest.raises(ImageError, match="hold no center crop with 13 pixels around it"):
        MadePairs(Protocol(load_kernels("faces80"), crop="center"), tmp_path)[0]
    write_rgb(tmp_path / "aligned.png", ALIGNED)
    with pytest.raises(ImageError, match="hold no celeba crop with 23 pixels around it"):
        MadePairs(Protocol(kernel_set(delta(47))), tmp_path)[0]


def test_pictures_are_sorted_listed_and_limited(folder):
    (folder / "deep").mkdir()
    write_rgb(folder / "deep" / "c.jpg", ALIGNED)
    (folder / "notes.txt").write_text("b.png\n\n deep/c.jpg \n")
    (folder / "._a.png").touch()
    assert find_images(folder) == (folder, ["a.png", "b.png", "deep/c.jpg"])
    assert find_images(folder, limit=1) == (folder, ["a.png"])
    assert find_images(folder, folder / "notes.txt") == (folder, ["b.png", "deep/c.jpg"])


def test_the_root_of_celeba_will_do_and_stands_for_its_test_faces(tmp_path):
    aligned = tmp_path / "img_align_celeba"
    aligned.mkdir()
    for name in ("000001.jpg", "000002.jpg", "000003.jpg"):
        write_rgb(aligned / name, ALIGNED)
    write_rgb(tmp_path / "other.png", ALIGNED)
    (tmp_path / "list_eval_partition.txt").write_text("000001.jpg 0\n000002.jpg 2\n000003.jpg 2\n")
    assert find_images(tmp_path) == (aligned, ["000002.jpg", "000003.jpg"])
    assert find_images(tmp_path, limit=1) == (aligned, ["000002.jpg"])


def test_folders_and_lists_without_pictures_are_a_line(folder):
    empty = folder / "empty"
    empty.mkdir()
    (folder / "list").write_text("a.png\nc.png\n")
    (folder / "blank").write_text("\n")
    for arguments, message in [
        ((folder / "gone",), "no such folder"),
        ((folder / "a.png",), "no such folder"),
        ((empty,), "no pictures"),
        ((folder, folder / "gone"), "cannot be read"),
        ((folder, folder / "a.png"), "cannot be read"),
        ((folder, folder / "blank"), "no pictures"),
        ((folder, folder / "list"), "list:2: no picture 'c.png'"),
    ]:
        with pytest.raises(DataError, match=message) as caught:
            find_images(*arguments)
        assert caught.value.hint and "\n" not in str(caught.value)
