"""Methods with a known kernel: what they minimise, what they restore, borders and bad input."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import convolve2d

from restorekit import RestorekitError, load_restorer
from restorekit.testing import check_restorer
from restorekit_classical.border import Frame
from restorekit_classical.hyper_laplacian import HyperLaplacian
from restorekit_classical.masked import deconvolve, rising
from restorekit_classical.non_local_means import NonLocalMeans
from restorekit_classical.operators import gradient, gradient_adjoint, picture, spectrum, transfer
from restorekit_classical.richardson_lucy import RichardsonLucy
from restorekit_classical.shrinkage import power, soft, soft_vectors
from restorekit_classical.tv import TotalVariation
from restorekit_classical.wiener import Wiener

from .pictures import arc, blurred, hook, inside, photo, psnr

METHODS = [HyperLaplacian(), TotalVariation(), Wiener(), RichardsonLucy(), NonLocalMeans()]
NAMES = [method.name for method in METHODS]


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_a_blur_without_noise_is_mostly_undone_up_to_the_border(method):
    sharp, kernel = photo(), hook()
    seen = blurred(sharp, kernel)
    result = method.deblur(seen, kernel)
    truth = inside(sharp, kernel)
    assert not result.note
    assert result.picture.dtype == np.float32
    assert psnr(result.picture, truth) > psnr(seen, truth) + 6
    edge = np.s_[:, -8:]
    assert psnr(result.picture[edge], truth[edge]) > psnr(seen[edge], truth[edge]) + 2


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_a_kernel_that_is_turned_round_does_not_help(method):
    sharp, kernel = photo(), hook()
    seen, truth = blurred(sharp, kernel), inside(sharp, kernel)
    right = method.deblur(seen, kernel).picture
    wrong = method.deblur(seen, kernel[::-1, ::-1]).picture
    assert psnr(wrong, truth) < psnr(right, truth) - 6


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_grey_in_grey_out_and_as_three_equal_channels(method):
    grey = blurred(photo(50, 61), hook())[..., 0]
    alone = method.deblur(grey, hook()).picture
    truth = inside(photo(50, 61), hook())[..., 0]
    assert psnr(alone, truth) > psnr(grey, truth) + 4
    three = method.deblur(np.repeat(grey[..., None], 3, axis=-1), hook()).picture
    assert alone.shape == grey.shape
    np.testing.assert_array_equal(three, np.repeat(alone[..., None], 3, axis=-1))


def test_the_channels_of_a_large_picture_are_restored_alike(monkeypatch):
    seen, shares = blurred(photo(50, 61), hook()), []
    together = TotalVariation().deblur(seen, hook()).picture
    monkeypatch.setattr("restorekit_classical.nonblind.LARGE", 100)
    alone = TotalVariation().deblur(seen, hook(), shares.append).picture
    np.testing.assert_allclose(alone, together, atol=1e-5)
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_a_flat_picture_stays_flat(method):
    result = method.deblur(np.full((40, 41, 3), 0.25, np.float32), hook())
    np.testing.assert_allclose(result.picture, 0.25, atol=2e-3)


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_the_contract(method, tmp_path):
    np.save(tmp_path / "kernel.npy", hook(7))
    check_restorer(replace(method, kernel=tmp_path / "kernel.npy"))


@pytest.mark.parametrize("name", NAMES)
def test_they_have_names_and_ask_for_a_kernel(name):
    restorer = load_restorer(name)
    assert restorer.name == name
    with pytest.raises(RestorekitError, match=f"^{name} needs the kernel of the blur"):
        restorer.deblur(photo(40, 40))


def test_a_test_sets_kernels_are_taken_one_a_picture():
    import torch

    kernels = np.stack([hook(), hook()[::-1].copy()])
    seen = np.stack([blurred(photo(60, 60), kernel) for kernel in kernels]).astype(np.float32)
    images = torch.from_numpy(seen).permute(0, 3, 1, 2)
    restored = Wiener().restore(images, kernel=torch.from_numpy(kernels)).permute(0, 2, 3, 1).numpy()
    for n in range(2):
        np.testing.assert_allclose(restored[n], Wiener().deblur(seen[n], kernels[n]).picture, atol=1e-6)


def test_a_picture_smaller_than_the_kernel_is_refused():
    with pytest.raises(
        RestorekitError, match="a picture of 30 x 8 pixels is smaller than the kernel of 9 x 9"
    ):
        Wiener().deblur(np.zeros((8, 30, 3)), hook())


def test_what_goes_wrong_gives_the_picture_back(monkeypatch):
    seen = photo(40, 40)
    monkeypatch.setattr(Wiener, "solve", lambda *_: np.full((3, 40, 40), np.nan, np.float32))
    result = Wiener().deblur(seen, hook())
    assert result.note == "the result has values that are not finite"
    np.testing.assert_array_equal(result.picture, seen)
    monkeypatch.setattr(Wiener, "solve", lambda *_: np.zeros((3, 40, 40), np.float32))
    monkeypatch.setattr(Wiener, "_known", lambda self: hook())
    why = "the result is darker or brighter by more than a tenth"
    with pytest.warns(RuntimeWarning, match=f"^wiener: {why}; left as it was$"):
        np.testing.assert_array_equal(Wiener().restore_arrays(seen[None])[0], seen)


def test_progress_ends_at_1():
    for method in METHODS:
        shares = []
        method.deblur(blurred(photo(40, 40), hook()), hook(), shares.append)
        assert shares == sorted(shares) and len(shares) > 3
        assert method.name == "wiener" or shares[-1] == 1  # which may be done early


def test_the_masked_solution_is_that_of_dense_algebra():
    """A prior ridge / 2 |w|^2 makes all of it linear; the penalty alone softens it to ridge beta / (ridge + beta)."""
    kernel = np.array([[0.0, 0.1, 0.0], [0.2, 0.4, 0.1], [0.0, 0.2, 0.0]])
    seen = np.random.default_rng(0).random((9, 9)) * 0.2 + 0.4
    ridge, weight, beta = 0.5, 20.0, 4.0
    found = deconvolve(seen, kernel, lambda v, b: v * b / (ridge + b), weight, [beta] * 2000)
    frame = Frame.around(seen, 3)
    pixels = np.eye(frame.shape[0] * frame.shape[1]).reshape(-1, *frame.shape)
    blur = frame.crop(picture(transfer(kernel, frame.shape) * spectrum(pixels), frame.shape)).reshape(
        len(pixels), -1
    )
    prior = gradient_adjoint(gradient(pixels)).reshape(len(pixels), -1)
    matrix = weight * blur @ blur.T + ridge * beta / (ridge + beta) * prior
    expected = np.linalg.solve(matrix, weight * blur @ seen.ravel()).reshape(frame.shape)
    np.testing.assert_allclose(found, frame.crop(expected), atol=1e-5)


def costs(weight, shrink, prior, factor):
    """Cost of the linear estimate, then of what each more penalty makes of it."""
    seen = blurred(photo(50, 50), hook())[..., 0].astype(np.float64)
    betas = rising(1.0, factor, 256.0)
    found = [deconvolve(seen, hook(), shrink, weight, betas[:n]) for n in range(1, len(betas) + 1)]
    for x in (Wiener().solve(seen, hook()), *found):
        gap = convolve2d(x, hook(), "valid") - inside(seen, hook())
        steps = np.diff(x, axis=1)[1:], np.diff(x, axis=0)[:, 1:]
        yield weight / 2 * (gap**2).sum() + prior(*steps).sum()


@pytest.mark.parametrize("exponent", [0.5, 2 / 3, 1.0])
def test_the_cost_falls(exponent):
    linear, *each = costs(
        3000.0,
        lambda v, b: power(v, exponent, b),
        lambda x, y: np.abs(x) ** exponent + np.abs(y) ** exponent,
        8**0.5,
    )
    assert each[-1] == min(each) < 0.97 * linear


def test_the_cost_of_total_variation_falls():
    linear, *each = costs(2000.0, lambda v, b: soft_vectors(v, 1 / b), np.hypot, 2.0)
    assert each[-1] == min(each) < 0.97 * linear


@pytest.mark.parametrize(
    "method", [HyperLaplacian(), TotalVariation(), NonLocalMeans()], ids=lambda each: each.name
)
def test_a_large_kernel_leaves_no_stripes_along_the_border(method):
    """What lies beyond the frame is two fifths as wide as the picture here: a few rounds do not fill it."""
    sharp, kernel = photo(90, 90), arc(27)
    seen, truth = blurred(sharp, kernel), inside(sharp, kernel)
    seen = seen + np.random.default_rng(0).normal(0, 1 / 255, seen.shape)
    outer = np.ones(truth.shape[:2], bool)
    outer[9:-9, 9:-9] = False
    found, linear = (each.deblur(seen, kernel).picture for each in (method, Wiener()))
    assert psnr(found[outer], truth[outer]) > psnr(linear[outer], truth[outer]) - 0.5


def test_wiener_finds_the_least_of_its_cost():
    """The solution of the normal equations, by dense algebra."""
    kernel = np.array([[0.0, 0.1, 0.0], [0.2, 0.4, 0.1], [0.0, 0.2, 0.0]])
    seen = np.random.default_rng(0).random((1, 9, 9))
    frame = Frame.around(seen, 3)
    pixels = np.eye(frame.shape[0] * frame.shape[1]).reshape(-1, *frame.shape)
    blur = frame.crop(picture(transfer(kernel, frame.shape) * spectrum(pixels), frame.shape))
    blur = blur.reshape(len(pixels), -1)
    prior = gradient_adjoint(gradient(pixels)).reshape(len(pixels), -1)
    expected = np.linalg.solve(blur @ blur.T + 0.1 * prior, blur @ seen.ravel()).reshape(frame.shape)
    found = Wiener(balance=0.1, rounds=200).solve(seen, kernel)[0]
    np.testing.assert_allclose(found, frame.crop(expected), atol=1e-4)


def test_an_exponent_of_1_gives_what_soft_thresholding_gives():
    seen = blurred(photo(40, 40), hook())[..., 0]
    by_power = deconvolve(seen, hook(), lambda v, b: power(v, 1.0, b), 2000.0, rising(1.0, 2.0, 64.0))
    by_soft = deconvolve(seen, hook(), lambda v, b: soft(v, 1 / b), 2000.0, rising(1.0, 2.0, 64.0))
    np.testing.assert_allclose(by_power, by_soft, atol=1e-12)


def test_richardson_lucy_explains_the_picture_better_each_round():
    seen, kernel = blurred(photo(60, 60), hook()), hook()
    gaps = []
    for rounds in (1, 5, 25):
        again = blurred(RichardsonLucy(rounds=rounds).deblur(seen, kernel).picture, kernel)
        gaps.append(np.abs(again - inside(seen, kernel)).mean())
    assert gaps == sorted(gaps, reverse=True)


@pytest.mark.parametrize(
    "cls, key",
    [
        (HyperLaplacian, {"weight": 0.0}),
        (HyperLaplacian, {"exponent": 1.5}),
        (HyperLaplacian, {"beta_factor": 1.0}),
        (TotalVariation, {"weight": float("nan")}),
        (TotalVariation, {"beta_limit": 0.0}),
        (Wiener, {"balance": -1.0}),
        (Wiener, {"rounds": 0}),
        (RichardsonLucy, {"rounds": 0}),
    ],
)
def test_fields_out_of_range_are_refused(cls, key):
    with pytest.raises(ValueError, match=next(iter(key))):
        cls(**key)
