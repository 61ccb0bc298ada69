"""What holds for the kernels of every law of uniform motion."""

import pickle

import numpy as np
import pytest
import torch
from scipy.ndimage import label

from restorekit.testing import check_degradation
from restorekit_motion_blur.gaussian_process_blur import GaussianProcessBlur, _root, draw_processes
from restorekit_motion_blur.linear_blur import LinearBlur
from restorekit_motion_blur.spline_blur import SplineBlur
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur

SIZES = (3, 5, 7, 9, 11, 13, 19, 27, 41)
LAWS = (TrajectoryBlur, GaussianProcessBlur, SplineBlur, LinearBlur)


class Even(np.random.Generator):
    """Draws as usual, but for weights of pixels, (count, size, size), which are all alike."""

    def standard_normal(self, size=None, **options):
        weights = isinstance(size, tuple) and len(size) == 3
        return np.zeros(size) if weights else super().standard_normal(size, **options)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize("law", LAWS)
def test_it_keeps_the_contract(law):
    check_degradation(law(sizes=(5, 13), kernels=0))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("centring", ["box", "centroid"])
def test_a_kernel_is_a_distribution_that_fills_its_support_and_no_more(law, size, centring):
    kernels = law(sizes=(size,), centring=centring).draw(rng(size), size, 20)
    assert kernels.shape == (20, size, size)
    assert kernels.dtype == np.float32
    assert kernels.min() >= 0
    np.testing.assert_allclose(kernels.sum(axis=(1, 2), dtype=np.float64), 1, atol=1e-6)
    rows, columns = np.indices((size, size)) - size // 2
    farthest = np.where(kernels > 0, np.maximum(abs(rows), abs(columns)), 0).max(axis=(1, 2))
    assert np.all(2 * farthest > size - 6 if law is SplineBlur else 2 * farthest > size - 5)


@pytest.mark.parametrize("law", [TrajectoryBlur, GaussianProcessBlur, LinearBlur])
def test_the_centroid_lies_at_the_middle_of_the_kernel(law):
    kernels = law(centring="centroid").draw(rng(), 13, 20).astype(np.float64)
    at = np.arange(13) - 6
    np.testing.assert_allclose(kernels.sum(axis=1) @ at, 0, atol=1e-5)
    np.testing.assert_allclose(kernels.sum(axis=2) @ at, 0, atol=1e-5)


@pytest.mark.parametrize("law", LAWS)
def test_the_box_lies_at_the_middle_of_the_kernel_and_no_direction_is_preferred(law):
    kernels = law().draw(rng(), 19, 300)
    for axis in (1, 2):
        used = kernels.any(axis=axis)
        first, last = used.argmax(axis=1), 18 - used[:, ::-1].argmax(axis=1)
        assert np.all(abs(first + last - 18) <= 1)
    rows, columns = (kernels.any(axis=axis).sum(axis=1).mean() for axis in (2, 1))
    assert rows == pytest.approx(columns, rel=0.1)


@pytest.mark.parametrize("kernels", [0, 4])
@pytest.mark.parametrize("law", LAWS)
def test_what_is_drawn_depends_on_the_generator_alone(law, kernels):
    blur = law(sizes=(5, 7), kernels=kernels)
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


def test_pickling_leaves_the_bank_behind():
    blur = TrajectoryBlur(sizes=(5,), kernels=4)
    drawn = blur.sample(rng(), 1, 1)["kernel"]
    pickled = pickle.dumps(blur)
    assert len(pickled) < 1000
    np.testing.assert_array_equal(pickle.loads(pickled).sample(rng(), 1, 1)["kernel"], drawn)


def test_a_gaussian_process_has_the_covariance_of_matern():
    drawn = draw_processes(rng(), 20_000, 0.3)[::333]
    distance = np.sqrt(5) * np.array([0, 333, 666, 999]) / 999 / 0.3
    matern = (1 + distance + distance**2 / 3) * np.exp(-distance)
    np.testing.assert_allclose(drawn @ drawn[0] / 20_000, matern, atol=0.03)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("size", [13, 101])
def test_a_path_is_drawn_without_gaps(law, size):
    """But for a spline's pixels of no weight: seen with all of them alike."""
    kernels = law(sizes=(size,), kernels=0).draw(Even(np.random.PCG64(0)), size, 8)
    assert [label(kernel > 0, np.ones((3, 3)))[1] for kernel in kernels] == [1] * 8


def test_a_gaussian_process_is_the_same_whichever_root_a_machine_would_find():
    """A root of a covariance is unique only if it is triangular; those from eigenvectors have signs of chance."""
    assert np.array_equal(_root(0.3), np.tril(_root(0.3))) and np.all(np.diag(_root(0.3)) > 0)


def test_a_linear_kernel_is_straight():
    kernels = LinearBlur().draw(rng(), 27, 20)
    at = np.indices((27, 27)).reshape(2, -1) - 13.0
    for kernel in kernels:
        spread = np.cov(at, aweights=kernel.ravel())
        assert np.linalg.eigvalsh(spread)[0] < 0.4 < 5 < np.linalg.eigvalsh(spread)[1]


def test_the_weights_of_a_spline_vary_around_one():
    kernels = SplineBlur().draw(rng(), 27, 200)
    weights = np.concatenate([kernel[kernel > 0] / kernel[kernel > 0].mean() for kernel in kernels])
    assert weights.std() == pytest.approx(0.49, abs=0.05)


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"sizes": ()}, "sizes must be odd"),
        ({"sizes": (12,)}, "sizes must be odd"),
        ({"sizes": (1,)}, "sizes must be odd"),
        ({"kernels": -1}, "kernels must be 0"),
        ({"kernels": 7}, "kernels must be 0"),
        ({"centring": "corner"}, "centring must be"),
        ({"bank_seed": -1}, "bank_seed must be"),
    ],
)
@pytest.mark.parametrize("law", LAWS)
def test_fields_out_of_range_are_refused(law, fields, message):
    with pytest.raises(ValueError, match=message):
        law(**fields)


@pytest.mark.parametrize("length_scale", [0.0, -1.0, 1e4, float("inf"), float("nan")])
def test_a_length_scale_out_of_range_is_refused(length_scale):
    with pytest.raises(ValueError, match="length_scale must be 0.01 to 10"):
        GaussianProcessBlur(length_scale=length_scale)
