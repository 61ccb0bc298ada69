"""The evaluation protocol, its kernels, its scores and its statistics."""

import json
import math

import numpy as np
import pytest
from scipy.signal import convolve2d
from skimage.data import astronaut

from restorekit.contracts import Restorer
from restorekit.errors import BundleError, DataError, ImageError, RestorekitError
from restorekit.evaluate.consistency import colour_shift, reblur
from restorekit.evaluate.kernels import KernelSet, load_kernels
from restorekit.evaluate.metrics import PSNR
from restorekit.evaluate.pictures import find_images
from restorekit.evaluate.protocol import Protocol, convolve
from restorekit.evaluate.report import check_output, summarise, write_json
from restorekit.evaluate.run import Score, score_pairs
from restorekit.images import write_rgb

ALIGNED = astronaut()[:218, 130:308]
METRICS = {"psnr": PSNR()}


class Identity(Restorer):
    def __call__(self, images):
        return images


class Brighter(Restorer):
    def __call__(self, images):
        assert images.shape[0] <= 4
        return images + 2 / 255


def kernel_set(*kernels, sizes=None):
    return KernelSet(
        np.stack(kernels), np.array(sizes or [len(k) for k in kernels]), "test", "none", "middle"
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


def arrays(**changes):
    box = np.full((2, 3, 3), 1 / 9, np.float32)
    return {"kernels": box, "sizes": [3, 3], "name": "box", "law": "box", "centring": "middle"} | changes


# Kernels


def test_faces80_has_ten_centred_kernels_of_each_size():
    faces80 = load_kernels("faces80")
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


def test_a_kernel_file_is_read_back(tmp_path):
    np.savez(tmp_path / "box.npz", **arrays())
    box = load_kernels(str(tmp_path / "box.npz"))
    assert (len(box), box.margin, box.name, box.kernels.dtype) == (2, 1, "box", np.float64)


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


# Protocol


def test_convolution_is_scipys_where_the_kernel_lies_inside():
    kernel = np.random.default_rng(1).random((7, 7))
    ours = convolve(ALIGNED[:40, :31], kernel)
    theirs = [convolve2d(ALIGNED[:40, :31, c].astype(float), kernel, mode="valid") for c in range(3)]
    assert np.allclose(ours, np.stack(theirs, axis=2), atol=1e-9)


def test_a_delta_without_noise_leaves_the_celeba_crop(folder):
    (pair,) = Protocol(kernel_set(delta()), noise=0).pairs(folder, ["b.png"])
    assert np.array_equal(pair.sharp, ALIGNED[68:196, 25:153])
    assert np.array_equal(pair.degraded, pair.sharp)


def test_a_shifted_delta_brings_in_the_real_border(folder):
    (pair,) = Protocol(kernel_set(delta(row=1, column=-2)), noise=0).pairs(folder, ["b.png"])
    assert np.array_equal(pair.degraded, ALIGNED[67:195, 27:155])


def test_center_is_the_largest_square_inside_the_margin(tmp_path):
    write_rgb(tmp_path / "x.png", astronaut()[:100, :130])
    (pair,) = Protocol(kernel_set(delta(7)), crop="center", noise=0).pairs(tmp_path, ["x.png"])
    assert np.array_equal(pair.sharp, astronaut()[3:97, 18:112])


def test_noise_is_the_same_on_every_run_and_differs_between_pairs(folder):
    protocol = Protocol(kernel_set(delta(), delta()))
    first, second = ([p.degraded for p in protocol.pairs(folder, ["a.png", "b.png"])] for _ in range(2))
    assert np.array_equal(first, second)
    (alone, _) = protocol.pairs(folder, ["a.png"])
    assert np.array_equal(alone.degraded, first[0]), "a limit does not change what comes before it"
    assert not np.array_equal(first[0], first[1])
    noise = first[3].astype(float) - ALIGNED[68:196, 25:153]
    assert noise.std() == pytest.approx(math.sqrt(1 + 1 / 12), rel=0.01)
    assert abs(noise.mean()) < 0.02


def test_pictures_that_do_not_hold_the_crop_are_a_line(tmp_path):
    write_rgb(tmp_path / "small.png", ALIGNED[:70, :60])
    with pytest.raises(ImageError, match="60 x 70 pixels, not the 178 x 218"):
        next(Protocol(kernel_set(delta())).pairs(tmp_path, ["small.png"]))
    with pytest.raises(ImageError, match="hold no center crop with 13 pixels around it"):
        next(Protocol(load_kernels("faces80"), crop="center").pairs(tmp_path, ["small.png"]))
    write_rgb(tmp_path / "aligned.png", ALIGNED)
    with pytest.raises(ImageError, match="hold no celeba crop with 23 pixels around it"):
        next(Protocol(kernel_set(delta(47))).pairs(tmp_path, ["aligned.png"]))


# Pictures


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


# Scores


def test_the_identity_scores_as_its_input(folder):
    pairs = list(Protocol(kernel_set(delta(), np.full((5, 5), 0.04))).pairs(folder, ["a.png", "b.png"]))
    untouched = list(score_pairs(pairs, None, METRICS))
    restored = list(score_pairs(pairs, Identity(), METRICS, batch=3))
    assert [s.input for s in untouched] == [s.input for s in restored] == [s.output for s in restored]
    assert all(s.output is None and s.shift is None and s.reblur is None for s in untouched)
    assert all(s.shift == (0, 0, 0) for s in restored)
    assert [s.image for s in restored] == ["a.png", "a.png", "b.png", "b.png"]


def test_pictures_of_several_sizes_are_batched_apart(tmp_path):
    write_rgb(tmp_path / "1.png", astronaut()[:80, :80])
    write_rgb(tmp_path / "2.png", astronaut()[:90, :90])
    pairs = Protocol(kernel_set(*[delta()] * 5), crop="center", noise=0).pairs(tmp_path, ["1.png", "2.png"])
    scores = list(score_pairs(pairs, Brighter(), METRICS, batch=4))
    assert len(scores) == 10
    assert all(1.8 < channel <= 2 for score in scores for channel in score.shift)


def test_a_diverged_model_is_a_line(folder):
    class Diverged(Restorer):
        def __call__(self, images):
            return images / 0

    pairs = Protocol(kernel_set(delta())).pairs(folder, ["a.png"])
    with pytest.raises(BundleError, match="not finite on a.png"):
        next(score_pairs(pairs, Diverged(), METRICS))


def test_reblur_finds_the_kernel(folder):
    kernel = np.random.default_rng(2).random((9, 9))
    (pair,) = Protocol(kernel_set(kernel / kernel.sum())).pairs(folder, ["b.png"])
    assert reblur(pair.sharp, pair.degraded, 9) == pytest.approx(47.4, abs=0.3), "noise and two roundings"
    assert reblur(pair.sharp[:, ::-1], pair.degraded, 9) < 30
    assert reblur(pair.sharp, pair.degraded, 3) < 45, "too small a support"
    assert PSNR()(pair.sharp, pair.degraded) < 30


def test_colour_shift_is_in_grey_levels():
    grey = np.full((4, 4, 3), 100, np.uint8)
    shifted = grey + np.array([0, 2, 5], np.uint8)
    assert colour_shift(shifted, grey).tolist() == [0, 2, 5]


# Statistics


def test_standard_errors_are_over_pictures():
    def score(image, size, before, after):
        return Score(image, size, {"psnr": before}, {"psnr": after}, shift=(after, -1, 0), reblur=30)

    scores = [
        score("a", 13, 20.0, 21.0),
        score("a", 15, 22.0, 25.0),
        score("b", 13, 26.0, 28.0),
        score("b", 15, 28.0, 32.0),
    ]
    result = summarise(scores, METRICS)
    assert (result["pictures"], result["pairs"]) == (2, 4)
    overall = result["overall"]["psnr"]
    assert overall["input"] == {"mean": 24, "standard_error": pytest.approx(3), "lowest": 20}
    assert overall["gain"] == {"mean": 2.5, "standard_error": pytest.approx(0.5), "lowest": 1}
    assert [row["size"] for row in result["sizes"]] == [13, 15]
    assert result["sizes"][1]["psnr"]["output"]["mean"] == 28.5
    assert result["colour_shift"]["mean"] == [26.5, -1, 0]
    assert result["colour_shift"]["median_absolute"] == [26.5, 1, 0]
    assert (result["reblur"]["mean"], result["reblur"]["pairs"]) == (30, 4)
    assert result["metrics"]["psnr"] == PSNR.definition


def test_what_is_not_a_finite_number_is_null(tmp_path):
    result = summarise([Score("a", 3, {"psnr": math.inf})], METRICS)
    assert result["overall"]["psnr"]["input"] == {"mean": None, "standard_error": None, "lowest": None}
    assert "reblur" not in result
    write_json(tmp_path / "out.json", result)
    assert json.loads((tmp_path / "out.json").read_text()) == result
    assert [file.name for file in tmp_path.iterdir()] == ["out.json"]


def test_a_result_goes_nowhere_by_surprise(tmp_path):
    (tmp_path / "there.json").touch()
    check_output(tmp_path / "new.json", overwrite=False)
    check_output(tmp_path / "there.json", overwrite=True)
    for name, message in {"there.json": "already exists", "no/folder.json": "no folder"}.items():
        with pytest.raises(RestorekitError, match=message):
            check_output(tmp_path / name, overwrite=False)
    with pytest.raises(RestorekitError, match="cannot be written"):
        write_json(tmp_path / "there.json" / "folder.json", {})
