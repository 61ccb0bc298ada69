"""Blur that varies over the picture."""

import dataclasses

import numpy as np
import pytest
import torch
from scipy.signal import convolve2d

from restorekit.testing import check_degradation
from restorekit_motion_blur.camera_shake import CameraShake
from restorekit_motion_blur.gaussian_process_blur import STEPS

SHAKE = CameraShake(sizes=(9, 13))


def kernels(shake, seed=0, height=80, width=100):
    return shake.sample(np.random.default_rng(seed), height, width)["kernel"]


def moved(**motion):
    """Where the nodes of a 3 x 3 grid over 100 x 200 pixels go, in pixels, for one small motion."""
    names = ("rx", "ry", "rz", "tx", "ty", "tz")
    shake = CameraShake(sizes=(3,), grid=3, focal=2.0)
    paths = shake._paths(np.tile([motion.get(name, 0.0) for name in names], (STEPS, 1)), 102, 202)
    x, y = paths[0].reshape(2, 3, 3) * 400
    return x + 1j * y


def test_it_keeps_the_contract():
    check_degradation(SHAKE)
    check_degradation(CameraShake(sizes=(5,), grid=2))


def test_a_turn_about_the_optical_axis_turns_the_picture():
    x, y = np.meshgrid([-100, 0, 100], [-50, 0, 50])
    np.testing.assert_allclose(moved(rz=0.01), 0.01 * (y - 1j * x), atol=1e-9)


def test_a_step_sideways_shifts_and_a_step_forward_enlarges():
    x, y = np.meshgrid([-100, 0, 100], [-50, 0, 50])
    np.testing.assert_allclose(moved(tx=0.01), -4, atol=1e-9)
    np.testing.assert_allclose(moved(ty=0.01), -4j, atol=1e-9)
    np.testing.assert_allclose(moved(tz=0.01), 0.01 * (x + 1j * y), atol=1e-9)


def test_a_turn_to_the_side_shifts_the_middle_by_focal_length_times_angle_and_the_border_more():
    shifted = moved(ry=0.01)
    assert shifted[1, 1] == pytest.approx(-4)
    assert shifted[1, 2] == pytest.approx(-4 * (1 + 0.25**2))


def test_every_kernel_is_a_distribution_and_the_largest_fills_the_size():
    drawn = kernels(SHAKE)
    assert drawn.shape == (16, 13, 13) and drawn.min() >= 0
    np.testing.assert_allclose(drawn.sum(axis=(1, 2), dtype=np.float64), 1, atol=1e-6)
    assert not np.allclose(drawn[0], drawn[-1], atol=1e-3)


def test_with_a_long_lens_and_no_roll_the_blur_is_the_same_all_over():
    drawn = kernels(CameraShake(sizes=(13,), focal=1e6, roll=0.0, translation=0.0))
    np.testing.assert_allclose(drawn, np.broadcast_to(drawn[:1], drawn.shape), atol=1e-4)


def test_at_a_node_the_picture_is_convolved_with_its_kernel():
    drawn = kernels(SHAKE)
    images = np.random.default_rng(1).random((1, 3, 60, 70), dtype=np.float32)
    blurred = SHAKE.apply(torch.from_numpy(images), torch.from_numpy(drawn)[None])[0, 0]
    for node, corner in ((0, (0, 0)), (3, (0, -1)), (12, (-1, 0)), (15, (-1, -1))):
        expected = convolve2d(images[0, 0].astype(np.float64), drawn[node].astype(np.float64), "valid")[
            corner
        ]
        assert float(blurred[corner]) == pytest.approx(expected, abs=1e-5)


def test_an_even_picture_stays_even():
    grey = torch.full((1, 3, 50, 64), 0.3)
    blurred = SHAKE.apply(grey, torch.from_numpy(kernels(SHAKE))[None])
    torch.testing.assert_close(blurred, torch.full((1, 3, 38, 52), 0.3), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    "field, value",
    [
        ("sizes", (4,)),
        ("focal", 0.0),
        ("translation", -1.0),
        ("roll", float("nan")),
        ("grid", 1),
        ("length_scale", 0.0),
    ],
)
def test_fields_out_of_range_are_refused(field, value):
    with pytest.raises(ValueError, match=f"{field} must be"):
        dataclasses.replace(SHAKE, **{field: value})
