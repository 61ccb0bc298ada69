"""The prediction of strong edges."""

import numpy as np
import pytest

from restorekit_classical.edges import bilateral, gradient_threshold, inner_gradient, shocked, strong


def soft_edge():
    return np.tile(1 / (1 + np.exp(-(np.arange(40) - 19.5) / 2)), (20, 1))


def test_the_bilateral_filter_keeps_an_edge_and_takes_the_noise():
    clean = np.repeat([[0.0, 1.0]], 20, axis=1) * np.ones((30, 1))
    noisy = clean + 0.05 * np.random.default_rng(0).standard_normal(clean.shape)
    filtered = bilateral(noisy, 2, 2.0, 0.3)
    assert np.abs(filtered - clean).mean() < 0.5 * np.abs(noisy - clean).mean()


def test_the_bilateral_filter_with_a_wide_range_is_a_gaussian():
    image = np.zeros((9, 9))
    image[4, 4] = 1
    weights = np.exp(-(np.arange(-2, 3)[:, None] ** 2 + np.arange(-2, 3) ** 2) / 8)
    np.testing.assert_allclose(bilateral(image, 2, 2.0, 1e6)[2:7, 2:7], weights / weights.sum(), atol=1e-9)


def test_a_shock_steepens_an_edge():
    edge = soft_edge()
    assert np.diff(shocked(edge, 1.0)).max() > np.diff(edge).max()


def test_a_flat_picture_has_no_shock():
    flat = np.full((8, 9), 0.4)
    np.testing.assert_array_equal(shocked(flat, 1.0), flat)


def test_the_last_column_and_row_have_no_difference():
    x, y = inner_gradient(np.arange(12.0).reshape(3, 4))
    assert (x[:, :3] == 1).all() and (x[:, 3] == 0).all()
    assert (y[:2] == 4).all() and (y[2] == 0).all()


@pytest.mark.parametrize("least", [5, 50])
def test_every_range_of_directions_keeps_as_many_as_asked(least):
    field = np.random.default_rng(0).standard_normal((2, 40, 50)) * [[[1.0]], [[0.2]]]
    kept = strong(field, gradient_threshold(field, least))
    quarter = np.floor(np.arctan2(kept[1], kept[0]) / (np.pi / 4)) % 4
    counts = [((quarter == n) & (np.hypot(*kept) > 0)).sum() for n in range(4)]
    assert min(counts) == least


def test_no_gradients_need_no_threshold():
    assert gradient_threshold(np.zeros((2, 8, 8)), 5) == 0
