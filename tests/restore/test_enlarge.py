"""Enlarging without a network."""

import numpy as np
import pytest

from restorekit.restore.enlarge import enlarged


@pytest.mark.parametrize("shape", [(12, 15), (12, 15, 3), (2, 12, 15, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_shape_and_type(shape, dtype):
    rows = 0 if len(shape) == 2 else len(shape) - 3
    wanted = list(shape)
    wanted[rows : rows + 2] = [36, 45]
    made = enlarged(np.ones(shape, dtype), 3)
    assert (made.shape, made.dtype) == (tuple(wanted), dtype)
    np.testing.assert_allclose(made, 1, rtol=1e-6)


def test_by_one_is_the_same():
    values = np.random.default_rng(0).random((8, 9, 3))
    assert enlarged(values, 1) is values


def test_a_ramp_stays_a_ramp_about_the_same_middle():
    made = enlarged(np.tile(np.arange(20, dtype=np.float32), (20, 1)), 2)
    np.testing.assert_allclose(made[5, 4:-4], (np.arange(40)[4:-4] - 0.5) / 2, atol=1e-5)
    assert made.mean() == pytest.approx(9.5)


def test_integers_do_not_run_over():
    made = enlarged(np.array([[0, 0, 255, 255]] * 4, np.uint8), 4)
    assert made.min() == 0 and made.max() == 255
