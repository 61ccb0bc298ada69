"""Which pictures are degraded, and how."""

import math

import numpy as np
import pytest
from scipy.signal import convolve2d
from skimage.data import astronaut

from restorekit.data.sources.folder import Folder
from restorekit.errors import DataError, RestorekitError
from restorekit.evaluation.convolution import convolve
from restorekit.images import write_rgb
from restorekit_faces.celeba_source import CelebA

ALIGNED = astronaut()[:218, 130:308]


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


def test_pairs_come_picture_by_picture_and_kernel_by_kernel(folder, open_test):
    pairs = open_test(folder, delta(), delta(row=1))
    assert len(pairs) == 4
    assert [(pair.image, pair.version) for pair in pairs] == [
        ("a.png", 0), ("a.png", 1), ("b.png", 0), ("b.png", 1)]  # fmt: skip
    assert np.array_equal(pairs[3].degraded, list(pairs)[3].degraded)


def test_a_delta_without_noise_leaves_the_celeba_crop(folder, open_test):
    pair = open_test(folder, delta())[1]
    assert np.array_equal(pair.sharp, ALIGNED[68:196, 25:153])
    assert np.array_equal(pair.degraded, pair.sharp)


def test_a_shifted_delta_brings_in_the_real_border(folder, open_test):
    pair = open_test(folder, delta(row=1, column=-2))[1]
    assert np.array_equal(pair.degraded, ALIGNED[67:195, 27:155])


def test_center_is_the_largest_square_inside_the_margin(tmp_path, open_test):
    write_rgb(tmp_path / "x.png", astronaut()[:100, :130])
    (pair,) = open_test(tmp_path, delta(7), crop="center")
    assert np.array_equal(pair.sharp, astronaut()[3:97, 18:112])


def test_center_of_a_size(tmp_path, open_test):
    write_rgb(tmp_path / "x.png", astronaut()[:100, :130])
    (middle,) = open_test(tmp_path, delta(7), crop="center", changes=["size=40"])
    assert np.array_equal(middle.sharp, astronaut()[30:70, 45:85])


def test_noise_is_the_same_on_every_run_and_differs_between_pairs(folder, open_test):
    def pictures(limit=None):
        return [pair.degraded for pair in open_test(folder, delta(), delta(), noise=1, limit=limit)]

    first, second = pictures(), pictures()
    assert np.array_equal(first, second)
    alone, _ = pictures(limit=1)
    assert np.array_equal(alone, first[0]), "a limit does not change what comes before it"
    assert not np.array_equal(first[0], first[1])
    noise = first[3].astype(float) - ALIGNED[68:196, 25:153]
    assert noise.std() == pytest.approx(math.sqrt(1 + 1 / 12), rel=0.01)
    assert abs(noise.mean()) < 0.02


def test_the_bytes_of_a_pair_are_those_of_its_equation(folder, open_test):
    kernel = np.full((3, 3), 1 / 9)
    pair = open_test(folder, delta(3), kernel, noise=2)[3]
    blurred = convolve(ALIGNED[67:197, 24:154], kernel / math.fsum(kernel.ravel()))
    noise = np.random.default_rng([0, 1, 1]).standard_normal((128, 128, 3))
    assert np.array_equal(pair.degraded, np.clip(np.rint(blurred + 2 * noise), 0, 255))
    assert np.allclose(pair.draws["kernel"], kernel) and pair.groups == {"size": 3, "law": "none"}


def test_pictures_that_do_not_hold_the_crop_are_a_line(tmp_path, open_test):
    small, aligned = tmp_path / "small", tmp_path / "aligned"
    write_rgb(small / "small.png", ALIGNED[:70, :60])
    write_rgb(aligned / "aligned.png", ALIGNED)
    for folder, kernel, crop, message in [
        (small, delta(), "celeba", "60 x 70 pixels, not the 178 x 218"),
        (
            small,
            delta(31),
            "center",
            "small.png: 60 x 70 pixels hold no crop of 32 x 32 with 15 pixels around it",
        ),
        (aligned, delta(53), "celeba", "too small for the 128 px crop and its margin of 26 px"),
    ]:
        with pytest.raises(RestorekitError, match=message):
            open_test(folder, kernel, crop=crop)[0]


def names(source):
    return [source[n].id for n in range(len(source))]


def test_pictures_are_sorted_listed_and_limited(folder, open_test):
    (folder / "deep").mkdir()
    write_rgb(folder / "deep" / "c.jpg", ALIGNED)
    (folder / "notes.txt").write_text("b.png\n\n deep/c.jpg \n")
    (folder / "._a.png").touch()
    for source in (Folder, CelebA):
        assert names(source(folder)) == ["a.png", "b.png", "deep/c.jpg"]
        assert names(source(folder, listing=folder / "notes.txt")) == ["b.png", "deep/c.jpg"]
    limited = open_test(folder, delta(), limit=1)
    assert limited.pictures == 1 and limited[0].image == "a.png"


def test_the_root_of_celeba_stands_for_one_partition(tmp_path):
    aligned = tmp_path / "img_align_celeba"
    for name in ("000001.jpg", "000002.jpg", "000003.jpg"):
        write_rgb(aligned / name, ALIGNED)
    write_rgb(tmp_path / "other.png", ALIGNED)
    (tmp_path / "list_eval_partition.txt").write_text("000001.jpg 0\n000002.jpg 2\n000003.jpg 2\n")
    (tmp_path / "one.txt").write_text("000001.jpg")
    assert names(CelebA(tmp_path, "test")) == ["000002.jpg", "000003.jpg"]
    assert names(CelebA(tmp_path, "test", tmp_path / "one.txt")) == ["000001.jpg"]


def test_folders_and_lists_without_pictures_are_a_line(folder):
    empty = folder / "empty"
    empty.mkdir()
    (folder / "list").write_text("a.png\nc.png\n")
    (folder / "blank").write_text("\n")
    for arguments, message in [
        ((folder / "gone",), "no folder"),
        ((folder / "a.png",), "no folder"),
        ((empty,), "no pictures"),
        ((folder, folder / "gone"), "cannot be read"),
        ((folder, folder / "a.png"), "cannot be read"),
        ((folder, folder / "blank"), "no pictures"),
        ((folder / "gone", folder / "list"), "no folder"),
        ((folder, folder / "list"), "list:2: no picture 'c.png'"),
    ]:
        with pytest.raises(DataError, match=message) as caught:
            len(Folder(*arguments))
        assert caught.value.hint and "\n" not in str(caught.value)
