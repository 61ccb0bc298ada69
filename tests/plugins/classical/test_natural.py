"""The piecewise prior of Shan et al. against brute force."""

import numpy as np
import pytest

from restorekit_classical.natural import TURN, best_gradients, penalty_of


@pytest.mark.parametrize("prior, local, penalty", [(0.5, 15.0, 2.0), (0.1, 1.0, 64.0), (20.0, 0.5, 0.3)])
@pytest.mark.parametrize("smooth", [0.0, 1.0])
def test_no_gradient_of_a_fine_grid_costs_less(prior, local, penalty, smooth):
    rng = np.random.default_rng(0)
    field, seen = 4 * rng.standard_normal(60), 4 * rng.standard_normal(60)
    grid = np.sort(np.concatenate([np.linspace(-15, 15, 6001), [0, TURN, -TURN]]))

    def cost(g, n):
        apart = local * smooth * (g - seen[n]) ** 2 + penalty * (g - field[n]) ** 2
        return prior * penalty_of(g) + apart

    best = best_gradients(field, seen, np.full(60, smooth), prior, local, penalty)
    for n in range(60):
        assert cost(best[n], n) <= cost(grid, n).min() + 1e-9


def test_the_prior_penalises_gradients():
    """Known ports have the sign turned round, and reward them."""
    field = np.linspace(-6, 6, 41)
    found = best_gradients(field, field, np.zeros(41), 1.0, 0.0, 2.0)
    assert (np.abs(found) <= np.abs(field) + 1e-12).all()
    assert np.abs(found).sum() < np.abs(field).sum()
    np.testing.assert_allclose(found, -found[::-1])
