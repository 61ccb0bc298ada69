"""Proximal maps against brute force."""

import numpy as np
import pytest

from restorekit_classical.shrinkage import power, soft, soft_vectors

VALUES = np.concatenate([np.linspace(-2, 2, 41), [1e-9, -1e-4, 40.0]])


@pytest.mark.parametrize("exponent", [0.3, 0.5, 2 / 3, 0.8, 0.99])
@pytest.mark.parametrize("beta", [0.7, 1.0, 8.0, 181.0])
def test_power_finds_the_least_of_a_fine_grid(exponent, beta):
    grid = np.concatenate([[0.0], np.linspace(-41, 41, 16401), np.linspace(-2.1, 2.1, 42001)])
    costs = np.abs(grid) ** exponent + beta / 2 * (grid - VALUES[:, None]) ** 2
    found = power(VALUES, exponent, beta)
    cost = np.abs(found) ** exponent + beta / 2 * (found - VALUES) ** 2
    assert (cost <= costs.min(axis=1) + 1e-9).all()


@pytest.mark.parametrize("beta", [1.0, 22.6])
def test_an_exponent_of_1_is_soft_thresholding(beta):
    np.testing.assert_allclose(power(VALUES, 1.0, beta), soft(VALUES, 1 / beta), atol=1e-12)


def test_exponents_near_1_come_to_soft_thresholding():
    np.testing.assert_allclose(power(VALUES, 1 - 1e-9, 8.0), soft(VALUES, 1 / 8), atol=1e-6)


@pytest.mark.parametrize("exponent, polynomial", [(0.5, 3), (2 / 3, 4)])
def test_power_solves_the_papers_polynomials(exponent, polynomial):
    """Equations 6 and 8: the cubic of the exponent 1/2, the quartic of 2/3."""
    v, beta = 0.9, 8.0
    w = float(power(np.array([v]), exponent, beta, rounds=30)[0])
    if polynomial == 3:
        assert w**3 - 2 * v * w**2 + v**2 * w - 1 / (4 * beta**2) == pytest.approx(0, abs=1e-9)
    else:
        assert w**4 - 3 * v * w**3 + 3 * v**2 * w**2 - v**3 * w + 8 / (27 * beta**3) == pytest.approx(
            0, abs=1e-9
        )


def test_vectors_keep_their_direction():
    field = np.array([[3.0, 0.3, 0.0], [4.0, 0.4, 0.0]])
    np.testing.assert_allclose(soft_vectors(field, 1.0), [[2.4, 0, 0], [3.2, 0, 0]])


def test_single_precision_stays():
    assert power(VALUES.astype(np.float32), 2 / 3, 8.0).dtype == np.float32
    assert soft_vectors(np.ones((2, 3), np.float32), 0.1).dtype == np.float32
