"""The trajectories, kernels, bank and convolution of restorekit_motion_blur.

Each fault known of the widespread port of Boracchi and Foi's code has a test that says so.
"""

import pickle

import numpy as np
import pytest
import torch
from scipy.signal import convolve2d

from restorekit import RestorekitError
from restorekit_motion_blur.bank import load_bank
from restorekit_motion_blur.convolve import convolve
from restorekit_motion_blur.degradation import TrajectoryBlur
from restorekit_motion_blur.kernel import centre, rasterise, reach
from restorekit_motion_blur.sampler import ANXIETY, LENGTH, draw_kernels
from restorekit_motion_blur.trajectory import draw_trajectories

SIZES = (3, 5, 7, 9, 11, 13, 19, 27)


def rng(seed=0):
    return np.random.default_rng(seed)


def trajectories(anxiety, count=50, length=40.0, steps=1000):
    return draw_trajectories(rng(), np.full(count, anxiety), np.full(count, length), steps)


def delta(size, row, column):
    kernel = torch.zeros(1, size, size)
    kernel[0, row, column] = 1
    return kernel


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    load_bank.cache_clear()
    yield tmp_path / "restorekit" / "kernels"
    load_bank.cache_clear()


# Trajectories


@pytest.mark.parametrize("anxiety", [0.0, 0.005, 0.5])
def test_speed_is_constant_and_the_length_is_the_one_asked_for(anxiety):
    steps = np.abs(np.diff(trajectories(anxiety), axis=0))
    np.testing.assert_allclose(steps, 40 / steps.shape[0], rtol=1e-9)


def test_without_anxiety_the_path_is_a_straight_line():
    path = trajectories(0.0)
    np.testing.assert_allclose(np.abs(path[-1] - path[0]), 40)


def test_directions_are_uniform():
    directions = trajectories(0.0, count=4000)[-1] / 40
    assert abs(directions.mean()) < 0.05
    assert abs((directions**2).mean()) < 0.05


def test_more_anxiety_makes_smaller_and_more_crooked_paths():
    """Also the port's dead Gaussian term, without which almost every path is straight."""
    paths = [trajectories(anxiety, 300, 60.0, steps=2000) for anxiety in (0.001, 0.005, 0.01)]
    extents = [np.median(2 * reach(centre(path, "box"))) for path in paths]
    np.testing.assert_allclose(extents, [31, 17, 12.5], rtol=0.15)  # as measured on the authors' own model


def test_sudden_reversals_happen_as_often_as_they_should():
    velocity = np.diff(trajectories(0.02, count=400), axis=0)
    turned = np.abs(np.angle(velocity[1:] / velocity[:-1])) > np.pi / 2
    assert turned.mean() == pytest.approx(0.1 * 0.02, rel=0.2)  # the mean of p is 0.1


# Kernels


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("centring", ["box", "centroid"])
def test_a_kernel_is_a_distribution_that_fills_its_support_and_no_more(size, centring):
    kernels = draw_kernels(rng(size), size, 20, centring=centring, width=29)
    assert kernels.shape == (20, 29, 29)
    assert kernels.dtype == np.float32
    assert kernels.min() >= 0
    np.testing.assert_allclose(kernels.sum(axis=(1, 2), dtype=np.float64), 1, atol=1e-6)
    rows, columns = np.indices((29, 29)) - 14
    farthest = np.where(kernels > 0, np.maximum(abs(rows), abs(columns)), 0).max(axis=(1, 2))
    assert np.all(farthest <= size // 2)
    assert np.all(2 * farthest > size - 5)


def test_the_first_and_the_last_row_and_column_are_used():
    """The port clamps to index 1 from below and overruns the array from above."""
    used = draw_kernels(rng(), 13, 200).sum(axis=0) > 0
    assert used[0].any()
    assert used[-1].any()
    assert used[:, 0].any()
    assert used[:, -1].any()
    corners = np.array([[-6 - 6j], [6 + 6j]])
    kernel = rasterise(corners, 13)[0]
    assert kernel[0, 0] == kernel[-1, -1] == 0.5


def test_the_bounding_box_lies_at_the_middle():
    """The port is off by a pixel, and by fractions of one."""
    path = centre(trajectories(0.004), "box")
    for axis in (path.real, path.imag):
        np.testing.assert_allclose(axis.min(axis=0), -axis.max(axis=0), atol=1e-9)


def test_the_centroid_lies_at_the_middle_of_the_kernel():
    kernels = draw_kernels(rng(), 13, 20, centring="centroid").astype(np.float64)
    at = np.arange(13) - 6
    np.testing.assert_allclose(kernels.sum(axis=1) @ at, 0, atol=1e-6)
    np.testing.assert_allclose(kernels.sum(axis=2) @ at, 0, atol=1e-6)


def test_samples_are_spread_bilinearly_over_columns_x_and_rows_y():
    kernel = rasterise(np.array([[0.25 - 1.0j]]), 5)[0]
    expected = np.zeros((5, 5))
    expected[1, 2:4] = 0.75, 0.25
    np.testing.assert_allclose(kernel, expected)


def test_ranges_that_cannot_fill_the_size_are_an_error(monkeypatch):
    monkeypatch.setattr("restorekit_motion_blur.sampler.PATIENCE", 100)
    with pytest.raises(RestorekitError, match="widen the ranges"):
        draw_kernels(rng(), 27, 1, anxiety=(5.0, 6.0))


# The bank


def test_the_bank_holds_every_size_equally_and_is_read_back_equal(cache):
    blur = TrajectoryBlur(sizes=(5, 13), kernels=21)
    arguments = (blur.sizes, blur.kernels, 0, ANXIETY, LENGTH, "box")
    made = np.array(load_bank(*arguments))
    assert made.shape == (21, 13, 13)
    assert not made[0::2, :4].any()  # size 5 lies within rows 4 to 8
    assert np.all(made[1::2].max(axis=(1, 2)) > 0)
    (file,) = cache.iterdir()
    written = file.stat().st_mtime_ns
    load_bank.cache_clear()
    np.testing.assert_array_equal(load_bank(*arguments), made)
    assert file.stat().st_mtime_ns == written
    assert any((kernel == blur.sample(rng(), 1, 1)["kernel"]).all() for kernel in made)


@pytest.mark.parametrize("left", [0, 50, 500])
def test_a_cut_short_bank_is_made_again(cache, left):
    arguments = ((5,), 4, 0, ANXIETY, LENGTH, "box")
    made = np.array(load_bank(*arguments))
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes()[:left])
    load_bank.cache_clear()
    np.testing.assert_array_equal(load_bank(*arguments), made)
    assert [path.name for path in cache.iterdir()] == [file.name]
    assert np.load(file).shape == made.shape


def test_a_bank_that_cannot_be_written_stays_in_memory(cache):
    cache.parent.write_text("a file where the folder should be")
    bank = load_bank((5,), 4, 0, ANXIETY, LENGTH, "box")
    assert bank.shape == (4, 5, 5)
    assert not bank.flags.writeable


def test_another_parameter_is_another_bank(cache):
    first = load_bank((5,), 4, 0, ANXIETY, LENGTH, "box")
    assert not np.array_equal(first, load_bank((5,), 4, 1, ANXIETY, LENGTH, "box"))
    assert len(list(cache.iterdir())) == 2


# Convolution


@pytest.mark.parametrize("height, width", [(31, 40), (40, 31), (27, 27), (64, 61)])
def test_convolution_is_scipys(height, width):
    """Odd and even differences of size alike: the port pads half the difference and shifts."""
    images = rng().random((3, 3, height, width), dtype=np.float32)
    kernels = np.concatenate([draw_kernels(rng(), size, 1, width=27) for size in (3, 13, 27)])
    expected = [
        [convolve2d(channel, kernel, "valid") for channel in image]
        for image, kernel in zip(images.astype(np.float64), kernels.astype(np.float64), strict=True)
    ]
    result = convolve(torch.from_numpy(images), torch.from_numpy(kernels))
    assert result.dtype == torch.float32
    np.testing.assert_allclose(result, expected, atol=1e-5)


@pytest.mark.parametrize("down, right", [(0, 0), (1, 0), (0, -1), (2, 3), (-3, -3)])
def test_a_delta_off_the_middle_moves_the_image_that_way(down, right):
    images = torch.rand(1, 3, 20, 23, generator=torch.Generator().manual_seed(0))
    moved = torch.roll(images, (down, right), (-2, -1))[..., 3:-3, 3:-3]
    torch.testing.assert_close(convolve(images, delta(7, 3 + down, 3 + right)), moved, atol=1e-5, rtol=0)


def test_blur_keeps_the_level_and_the_input():
    """The port stretches the contrast of kernel and result, and writes into the image it was given."""
    images = torch.full((2, 3, 40, 40), 0.3)
    kernels = torch.from_numpy(draw_kernels(rng(), 13, 2))
    torch.testing.assert_close(convolve(images, kernels), torch.full((2, 3, 28, 28), 0.3), atol=1e-5, rtol=0)
    assert torch.all(images == 0.3)


def test_convolution_is_float32_under_autocast():
    images = torch.rand(1, 3, 30, 30, generator=torch.Generator().manual_seed(0))
    kernels = torch.from_numpy(draw_kernels(rng(), 13, 1))
    plain = convolve(images, kernels)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(convolve(images, kernels), plain, atol=0, rtol=0)


def test_an_image_smaller_than_the_kernel_is_an_error():
    with pytest.raises(RestorekitError, match="20 x 16 is smaller than the blur kernel of 17 x 17"):
        convolve(torch.zeros(1, 3, 16, 20), delta(17, 8, 8))


# The degradation


@pytest.mark.parametrize("kernels", [0, 4])
def test_what_is_drawn_depends_on_the_generator_alone(cache, kernels):
    blur = TrajectoryBlur(sizes=(5, 7), kernels=kernels)
    first, again, other = (blur.sample(rng(seed), 40, 40)["kernel"] for seed in (3, 3, 6))
    assert first.shape == (7, 7)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_apply_consumes_the_margin():
    blur = TrajectoryBlur(sizes=(9, 13), kernels=0)
    kernel = torch.from_numpy(blur.sample(rng(), 50, 40)["kernel"])[None]
    assert blur.margin == 6
    assert blur.apply(torch.zeros(1, 3, 50, 40), kernel).shape == (1, 3, 38, 28)


def test_pickling_leaves_the_bank_behind(cache):
    blur = TrajectoryBlur(sizes=(5,), kernels=4)
    drawn = blur.sample(rng(), 1, 1)["kernel"]
    pickled = pickle.dumps(blur)
    assert len(pickled) < 1000
    np.testing.assert_array_equal(pickle.loads(pickled).sample(rng(), 1, 1)["kernel"], drawn)


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"sizes": ()}, "sizes must be odd"),
        ({"sizes": (12,)}, "sizes must be odd"),
        ({"sizes": (1,)}, "sizes must be odd"),
        ({"kernels": -1}, "kernels must be 0"),
        ({"kernels": 7}, "kernels must be 0"),
        ({"anxiety": (0.0, 0.1)}, "anxiety must be"),
        ({"anxiety": (0.2, 0.1)}, "anxiety must be"),
        ({"length": (1.0, float("inf"))}, "length must be"),
        ({"length": (float("nan"), 2.0)}, "length must be"),
        ({"centring": "corner"}, "centring must be"),
        ({"bank_seed": -1}, "bank_seed must be"),
    ],
)
def test_fields_out_of_range_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        TrajectoryBlur(**fields)
