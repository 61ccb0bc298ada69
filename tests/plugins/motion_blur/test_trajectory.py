"""The trajectories and kernels of the model of Boracchi and Foi.

Each fault known of the widespread port of their code has a test that says so.
"""

import numpy as np
import pytest

from restorekit import RestorekitError
from restorekit_motion_blur.kernel import centre, rasterise, reach
from restorekit_motion_blur.trajectory import _quantiles, draw_trajectories, expose
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur


def rng(seed=0):
    return np.random.default_rng(seed)


def trajectories(anxiety, count=50, length=40.0, steps=1000):
    return draw_trajectories(rng(), np.full(count, anxiety), np.full(count, length), steps)


@pytest.mark.parametrize("anxiety", [0.0, 0.005, 0.5])
def test_speed_is_constant_and_the_length_is_the_one_asked_for(anxiety):
    steps = np.hypot(*np.diff(trajectories(anxiety), axis=0).swapaxes(0, 1))
    np.testing.assert_allclose(steps, 40 / steps.shape[0], rtol=1e-3)  # of a step, in single precision
    np.testing.assert_allclose(steps.sum(axis=0), 40, rtol=1e-4)


def test_without_anxiety_the_path_is_a_straight_line():
    path = trajectories(0.0)
    np.testing.assert_allclose(np.hypot(*(path[-1] - path[0])), 40, rtol=1e-4)


def test_directions_are_uniform():
    x, y = trajectories(0.0, count=4000)[-1] / 40
    directions = x + 1j * y
    assert abs(directions.mean()) < 0.05
    assert abs((directions**2).mean()) < 0.05


def test_more_anxiety_makes_smaller_and_more_crooked_paths():
    """Also the port's dead Gaussian term, without which almost every path is straight."""
    paths = [trajectories(anxiety, 300, 60.0, steps=2000) for anxiety in (0.001, 0.005, 0.01)]
    extents = [np.median(2 * reach(centre(path, "box"))) for path in paths]
    np.testing.assert_allclose(extents, [31, 17, 12.5], rtol=0.15)  # as measured on the authors' own model


def test_sudden_reversals_happen_as_often_as_they_should():
    velocity = np.diff(trajectories(0.02, count=400), axis=0)
    turned = (velocity[1:] * velocity[:-1]).sum(axis=1) < 0
    assert turned.mean() == pytest.approx(0.1 * 0.02, rel=0.2)  # the mean of p is 0.1


def test_exposure_scales_the_length_and_keeps_the_start():
    path = trajectories(0.004, count=4)
    exposed = expose(path, np.array([1.0, 0.5, 0.1, 0.001]))
    lengths = np.hypot(*np.diff(exposed, axis=0).swapaxes(0, 1)).sum(axis=0)
    np.testing.assert_allclose(lengths, [40, 20, 4, 0.04], rtol=1e-3)
    np.testing.assert_allclose(exposed[..., 0], path[..., 0], atol=1e-5)
    np.testing.assert_allclose(exposed[-1, :, 1], (path[499, :, 1] + path[500, :, 1]) / 2, rtol=1e-5)
    assert not exposed[0].any()


def test_a_kernel_of_a_short_exposure_still_sums_to_one_and_fills_its_size():
    """The port leaves its sum at the exposure, and is all zero for the shortest."""
    kernels = TrajectoryBlur(exposure=(0.1, 0.5), length=(2.0, 25.0), kernels=0).draw(rng(), 13, 20)
    np.testing.assert_allclose(kernels.sum(axis=(1, 2), dtype=np.float64), 1, atol=1e-6)


def test_the_first_and_the_last_row_and_column_are_used():
    """The port clamps to index 1 from below and overruns the array from above."""
    used = TrajectoryBlur().draw(rng(), 13, 200).sum(axis=0) > 0
    assert used[0].any()
    assert used[-1].any()
    assert used[:, 0].any()
    assert used[:, -1].any()
    corners = np.array([[-6, -6], [6, 6]])[..., None]
    kernel = rasterise(corners, 13)[0]
    assert kernel[0, 0] == kernel[-1, -1] == 0.5


def test_the_bounding_box_lies_at_the_middle():
    """The port is off by a pixel, and by fractions of one."""
    path = centre(trajectories(0.004), "box")
    np.testing.assert_allclose(path.min(axis=0), -path.max(axis=0), atol=1e-5)


def test_samples_are_spread_bilinearly_over_columns_x_and_rows_y():
    kernel = rasterise(np.array([0.25, -1.0]).reshape(1, 2, 1), 5)[0]
    expected = np.zeros((5, 5))
    expected[1, 2:4] = 0.75, 0.25
    np.testing.assert_allclose(kernel, expected)


def test_ranges_that_cannot_fill_the_size_are_an_error(monkeypatch):
    monkeypatch.setattr("restorekit_motion_blur.trajectory_blur.PATIENCE", 100)
    with pytest.raises(RestorekitError, match="widen the ranges"):
        TrajectoryBlur(anxiety=(5.0, 6.0)).draw(rng(), 27, 1)


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"anxiety": (0.0, 0.1)}, "anxiety must be"),
        ({"anxiety": (0.2, 0.1)}, "anxiety must be"),
        ({"length": (1.0, float("inf"))}, "length must be"),
        ({"length": (float("nan"), 2.0)}, "length must be"),
        ({"exposure": ()}, "exposure must be"),
        ({"exposure": (1.0, 0.0)}, "exposure must be"),
        ({"exposure": (1.5,)}, "exposure must be"),
    ],
)
def test_fields_out_of_range_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        TrajectoryBlur(**fields)


def test_the_tremor_is_normal():
    """Its table of quantiles has the moments of the normal law, and its tails."""
    draws = _quantiles().astype(np.float64)
    assert [np.mean(draws**n) for n in (1, 2, 3, 4)] == pytest.approx([0, 1, 0, 3], abs=2e-3)
    assert draws.max() == -draws.min() > 4.1
