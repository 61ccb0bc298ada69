"""The kernel's least squares against dense algebra."""

import numpy as np
import pytest
from scipy.signal import convolve2d

from restorekit_classical.kernel_step import KernelFit

SIDE = 5


def rng(seed=0):
    return np.random.default_rng(seed)


def fit(weights=None, side=SIDE):
    return KernelFit(rng().random((2, 14, 17)), rng(1).random((2, 14, 17)), side, weights)


def test_blur_is_scipys_where_the_support_lies_inside():
    sharp, kernel = rng().random((2, 14, 17)), rng(3).random((SIDE, SIDE))
    expected = [convolve2d(each, kernel, "valid") for each in sharp]
    np.testing.assert_allclose(fit().blur(kernel), expected, atol=1e-12)


def test_the_adjoint():
    kernel, maps = rng(3).random((SIDE, SIDE)), rng(4).random((2, 10, 13))
    there, back = (fit().blur(kernel) * maps).sum(), (kernel * fit().adjoint(maps)).sum()
    assert there == pytest.approx(back, rel=1e-12)


@pytest.mark.parametrize("weights", [None, [25.0, 12.5]])
def test_the_solution_is_that_of_the_normal_equations(weights):
    step = fit(weights)
    columns = [step.normal(np.eye(SIDE**2)[n].reshape(SIDE, SIDE)).ravel() for n in range(SIDE**2)]
    matrix = np.stack(columns, axis=1)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-9)
    expected = np.linalg.solve(matrix + 2 * np.eye(SIDE**2), step.target.ravel())
    found = step.solve(np.zeros((SIDE, SIDE)), 2.0, rounds=100, tolerance=1e-12)
    np.testing.assert_allclose(found.ravel(), expected, atol=1e-8)


def test_the_cost_falls_with_every_iteration():
    step = fit([25.0, 12.5])
    start = np.full((SIDE, SIDE), 1 / SIDE**2)
    costs = [step.cost(step.solve(start, 1.0, rounds, tolerance=0), 1.0) for rounds in range(8)]
    assert (np.diff(costs) < 0).all()


@pytest.mark.parametrize("shape", [(30, 41), (31, 40)])
def test_a_kernel_comes_back_from_what_it_made(shape):
    sharp, kernel = rng().standard_normal((2, *shape)), rng(1).random((7, 7))
    kernel /= kernel.sum()
    blurred = np.stack([np.pad(convolve2d(each, kernel, "valid"), 3) for each in sharp])
    found = KernelFit(sharp, blurred, 7).solve(np.full((7, 7), 1 / 49), 0.0, rounds=60, tolerance=1e-10)
    np.testing.assert_allclose(found, kernel, atol=1e-6)
