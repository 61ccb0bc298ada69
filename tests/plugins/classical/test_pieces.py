"""The image steps of the blind methods, each against what it should do."""

import numpy as np
import pytest

from restorekit_classical.border import Frame
from restorekit_classical.cho_lee2009 import fast
from restorekit_classical.edges import inner_gradient
from restorekit_classical.kernel import bar, spot
from restorekit_classical.kernel_step import KernelFit
from restorekit_classical.krishnan2011 import Krishnan2011
from restorekit_classical.l0 import SparsePicture
from restorekit_classical.natural import best_gradients, penalty_of
from restorekit_classical.non_local_means import NonLocalMeans, noise_of
from restorekit_classical.operators import gradient, laplace_transfer, picture, spectrum, transfer
from restorekit_classical.shan2008 import ORDERS, derivatives, sharper, smooth_parts
from restorekit_classical.sparse_gradients import SparseGradients, scaled
from restorekit_classical.xu2013 import Xu2013
from restorekit_classical.zhong2013 import along, joined

from .pictures import arc, blurred, correlation, hook, inside, photo, psnr

GREY = photo(70, 81).mean(axis=-1).astype(np.float64)


def test_l0_leaves_few_gradients_and_keeps_the_strong_ones():
    solver = SparsePicture(GREY, 3)
    delta = np.zeros((3, 3))
    delta[1, 1] = 1
    simple = solver.solve(delta, 1e-2, Xu2013().thresholds)
    before, after = (np.hypot(*inner_gradient(image)) for image in (GREY, simple))
    assert (after > 0.01).sum() < 0.5 * (before > 0.01).sum()
    assert after.max() > 0.8 * before.max()


def test_l0_with_hardly_any_weight_returns_the_picture():
    delta = np.ones((1, 1))
    np.testing.assert_allclose(SparsePicture(GREY, 1).solve(delta, 1e-12, [0.5, 0.1]), GREY, atol=1e-6)


def test_l0_lowers_its_cost():
    seen, weight = blurred(GREY, hook()), 2e-3
    solver = SparsePicture(seen, 9)

    def cost():
        whole = solver._whole
        gap = (
            solver.frame.crop(picture(transfer(hook(), solver.frame.shape) * spectrum(whole), whole.shape))
            - seen
        )
        return (gap**2).sum() + weight * (np.hypot(*inner_gradient(solver.frame.crop(whole))) > 1e-3).sum()

    before = cost()
    for _ in range(3):
        solver.solve(hook(), weight, Xu2013().thresholds)
    assert cost() < 0.7 * before


def test_normalised_sparsity_falls():
    seen = scaled(inner_gradient(blurred(GREY, hook())), 6.0)
    sparse = SparseGradients(seen, 9, seen, 100.0)
    costs = [sparse.cost(hook())]
    for _ in range(12):
        sparse.improve(hook(), 1e-3, 1e-4, 2, 2)
        costs.append(sparse.cost(hook()))
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.8 * costs[0]


def test_a_kernel_step_lowers_the_data_term_of_normalised_sparsity():
    seen = scaled(inner_gradient(blurred(GREY, hook())), 6.0)
    fit = KernelFit(scaled(inner_gradient(inside(GREY, hook())), 6.0), seen, 9)
    costs, kernel = [], np.full((9, 9), 1 / 81)
    for _ in range(6):
        costs.append(fit.cost(kernel, 0.0))
        kernel = fit.solve(kernel, 0.0, 1, 1e-4)
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.3 * costs[0]


def test_a_cost_three_times_as_high_is_taken_back_and_the_step_halved():
    seen = scaled(inner_gradient(blurred(GREY, hook())), 6.0)
    sparse = SparseGradients(seen, 9, seen, 1e5)
    before = sparse.gradients.copy()
    assert sparse.improve(hook(), 0.1, 0.05, 2, 2) == 0.05
    np.testing.assert_array_equal(sparse.gradients, before)


@pytest.mark.parametrize(
    "side, sides", [(27, [5, 9, 13, 19, 27]), (5, [5]), (3, [3]), (35, [5, 9, 13, 19, 27, 35])]
)
def test_the_sides_of_normalised_sparsity(side, sides):
    assert Krishnan2011()._sides(side) == sides


def test_of_several_starts_that_of_the_least_cost_is_taken(monkeypatch):
    found = {bar: (2.0, bar(5)), spot: (1.0, spot(5))}
    monkeypatch.setattr(Krishnan2011, "_from", lambda self, start, *_: found[start])
    np.testing.assert_array_equal(Krishnan2011().estimate(GREY, 5), spot(5))
    np.testing.assert_array_equal(Krishnan2011(starts=("bar",)).estimate(GREY, 5), bar(5))


def test_the_fast_deconvolution_undoes_a_blur_and_keeps_the_mean():
    seen = blurred(GREY, hook())
    frame = Frame.around(seen, 9)
    sharp = frame.crop(fast(frame, seen, hook(), 0.01))
    assert psnr(sharp, inside(GREY, hook())) > psnr(seen, inside(GREY, hook())) + 3
    assert sharp.mean() == pytest.approx(seen.mean(), abs=0.01)


def test_derivatives_of_a_polynomial():
    y, x = np.mgrid[:12, :13].astype(float)
    image, dx, dy, dxx, dyy, dxy = derivatives(3 * x**2 + 5 * y**2 + 7 * x * y)[:, :8, :8]
    np.testing.assert_allclose(dxx, 6)
    np.testing.assert_allclose(dyy, 10)
    np.testing.assert_allclose(dxy, 7)
    np.testing.assert_allclose(dx, 6 * x[:8, :8] + 3 + 7 * y[:8, :8])
    np.testing.assert_allclose(dy, 10 * y[:8, :8] + 5 + 7 * x[:8, :8])


def test_smooth_parts_are_those_without_contrast():
    image = np.zeros((40, 40))
    image[:, 30:] = 100
    parts = smooth_parts(image, 9, 5.0)
    assert parts[:, :20].all() and not parts[:, 28:32].any()


def test_sharper_solves_its_normal_equations():
    """Without a pull the blur of the whole torus is undone exactly."""
    rng = np.random.default_rng(0)
    x, shape = rng.random((24, 30)), (24, 30)
    kernel = np.array([[0.0, 0.1, 0.0], [0.1, 0.6, 0.1], [0.0, 0.1, 0.0]])
    blur = transfer(kernel, shape)
    y = picture(blur * spectrum(x), shape)
    np.testing.assert_allclose(sharper(y, blur, np.zeros((2, *shape)), 0.0), x, atol=1e-9)


def test_gradients_and_picture_of_shan_lower_their_cost_by_turns():
    """Equation 8 for one penalty: each of the two steps finds the least that the other one leaves."""
    rng, shape, penalty = np.random.default_rng(0), (24, 30), 8.0
    blur = transfer(hook(), shape)
    y, smooth = picture(blur * spectrum(255 * rng.random(shape)), shape), np.zeros(shape)

    def cost(x, split):
        gap = np.abs(blur * spectrum(x) - spectrum(y)) ** 2
        laplace = laplace_transfer(shape)
        twice = np.full(gap.shape, 2.0)  # a real spectrum has one half of the frequencies
        twice[:, [0, -1]] = 1
        orders = ORDERS[0] + ORDERS[1] * laplace + ORDERS[2] * laplace**2
        data = (twice * orders * gap).sum() / y.size
        return data + 0.5 * penalty_of(split).sum() + penalty * ((gradient(x) - split) ** 2).sum()

    x, split, costs = y, gradient(y), []
    for _ in range(4):
        split = best_gradients(gradient(x), gradient(y), smooth, 0.5, 15.0, penalty)
        costs.append(cost(x, split))
        x = sharper(y, blur, split, penalty)
        costs.append(cost(x, split))
    assert (np.diff(costs) < 0).all()


@pytest.mark.parametrize("angle", [0, 30, 90, 145])
def test_a_directional_filter_keeps_the_projection_across_it(angle):
    from skimage.transform import radon

    kernel = np.pad(hook(15), 30)
    filtered = along(kernel, angle, 6.0)
    sums = [radon(each, theta=[angle], circle=False)[:, 0] for each in (kernel, filtered)]
    assert correlation(*(each[None] for each in sums)) > 0.99
    other = [radon(each, theta=[angle + 90], circle=False)[:, 0] for each in (kernel, filtered)]
    assert correlation(*(each[None] for each in other)) < 0.95


def test_a_directional_filter_takes_the_noise():
    noise = np.random.default_rng(0).standard_normal((90, 91))
    assert along(noise, 30, 6.0).std() < 0.3


def test_equal_kernels_are_joined_to_themselves():
    kernel = arc(15)
    angles = np.arange(36) * 5.0
    whole = joined([kernel] * 36, angles)
    assert correlation(whole, kernel) > 0.98
    np.testing.assert_allclose(whole, kernel, atol=0.25 * kernel.max())


def test_the_noise_of_a_picture_is_told():
    clean = np.outer(np.linspace(0, 1, 90), np.linspace(0, 1, 91))[None]
    noisy = clean + 0.02 * np.random.default_rng(0).standard_normal(clean.shape)
    assert noise_of(clean) < 1e-6
    assert noise_of(noisy) == pytest.approx(0.02, rel=0.1)


def test_non_local_means_undo_a_blur_of_a_noisy_picture():
    sharp = photo(100, 101)
    seen = blurred(sharp, hook()) + 0.02 * np.random.default_rng(0).standard_normal((92, 93, 3))
    result = NonLocalMeans().deblur(seen.astype(np.float32), hook())
    assert psnr(result.picture, inside(sharp, hook())) > psnr(seen, inside(sharp, hook())) + 2
