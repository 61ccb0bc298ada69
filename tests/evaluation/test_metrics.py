"""The metrics against their definitions, written out in float64."""

import math

import numpy as np
import pytest
from skimage.data import astronaut
from skimage.metrics import structural_similarity

from restorekit.errors import ImageError
from restorekit.evaluation.input_metrics import ColourShift, Reblur
from restorekit.evaluation.metrics import PSNR, SSIM, ShiftedPSNR, VolumetricSSIM
from restorekit.plugins import registry
from restorekit.testing import check_metric

FACE = astronaut()[20:84, 190:262]
NOISY = np.clip(FACE + np.random.default_rng(0).normal(0, 20, FACE.shape), 0, 255).astype(np.uint8)
WINDOW = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
WINDOW /= WINDOW.sum()
METRICS = (PSNR(), SSIM(), VolumetricSSIM())


def similarity(x, y, weights):
    """SSIM of two windows, from its equation (Wang et al. 2004, 13)."""
    mean_x, mean_y = (weights * x).sum(), (weights * y).sum()
    var_x, var_y = (weights * (x - mean_x) ** 2).sum(), (weights * (y - mean_y) ** 2).sum()
    covariance = (weights * (x - mean_x) * (y - mean_y)).sum()
    c1, c2 = 2.55**2, 7.65**2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return luminance * (2 * covariance + c2) / (var_x + var_y + c2)


def test_psnr_of_known_errors():
    assert PSNR()(FACE, FACE) == math.inf
    grey = np.full((8, 9, 3), 100, np.uint8)
    assert PSNR()(grey + np.uint8(1), grey) == pytest.approx(20 * math.log10(255))
    one_channel = grey.copy()
    one_channel[..., 0] += 3
    assert PSNR()(one_channel, grey) == pytest.approx(10 * math.log10(255**2 / 3))
    assert PSNR()(np.zeros_like(grey), np.full_like(grey, 255)) == 0


def test_ssim_is_the_mean_over_whole_windows_and_channels():
    weights = np.outer(WINDOW, WINDOW)
    x, y = NOISY[:20, :22].astype(float), FACE[:20, :22].astype(float)
    windows = [
        (slice(i, i + 11), slice(j, j + 11), c) for i in range(10) for j in range(12) for c in range(3)
    ]
    expected = np.mean([similarity(x[at], y[at], weights) for at in windows])
    assert SSIM()(NOISY[:20, :22], FACE[:20, :22]) == pytest.approx(expected, abs=1e-5)


def test_ssim_agrees_with_scikit_image():
    options = dict(
        gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=2
    )
    assert SSIM()(NOISY, FACE) == pytest.approx(structural_similarity(NOISY, FACE, **options), abs=1e-5)


def test_volumetric_ssim_is_three_dimensional_with_a_replicated_border():
    weights = WINDOW[:, None, None] * WINDOW[:, None] * WINDOW
    x, y = (np.pad(image[:12, :14].astype(float), 5, mode="edge") for image in (NOISY, FACE))
    centres = [(i, j, c) for i in range(12) for j in range(14) for c in range(3)]
    boxes = [tuple(slice(at, at + 11) for at in centre) for centre in centres]
    expected = np.mean([similarity(x[box], y[box], weights) for box in boxes])
    assert VolumetricSSIM()(NOISY[:12, :14], FACE[:12, :14]) == pytest.approx(expected, abs=1e-5)


def test_equal_pictures_are_alike_even_where_they_are_flat():
    flat = np.full((16, 16, 3), 255, np.uint8)
    for image in (FACE, flat):
        assert SSIM()(image, image) == pytest.approx(1, abs=1e-6)
        assert VolumetricSSIM()(image, image) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: type(metric).__name__)
def test_a_metric_takes_two_pictures_of_one_size(metric):
    with pytest.raises(ImageError, match="72 x 64 cannot be compared with one of 64 x 64"):
        metric(FACE, FACE[:, :64])


def test_a_picture_smaller_than_the_window_has_no_ssim():
    with pytest.raises(ImageError, match="10 x 30 is too small"):
        SSIM()(FACE[:30, :10], FACE[:30, :10])


def test_a_border_is_cut_off_and_luma_taken():
    wrong = FACE.copy()
    wrong[:4], wrong[-4:], wrong[:, :4], wrong[:, -4:] = 0, 0, 0, 0
    assert PSNR()(wrong, FACE) < 20 and PSNR(border=4)(wrong, FACE) == math.inf
    assert SSIM(border=4)(wrong, FACE) == pytest.approx(1, abs=1e-6)
    blue = FACE // 2
    blue[..., 2] += 10
    by_hand = np.mean((10 * 24.966 / 255) ** 2)
    assert PSNR(channels="y")(blue, FACE // 2) == pytest.approx(10 * math.log10(255**2 / by_hand))
    assert "luma" in PSNR(channels="y").definition and "4 px of border cut" in SSIM(border=4).definition


def test_the_best_shift_counts():
    moved = np.roll(FACE, (2, -3), axis=(0, 1))
    assert PSNR(border=5)(moved, FACE) < 30
    assert ShiftedPSNR(border=5, shift=3)(moved, FACE) == math.inf
    assert ShiftedPSNR(border=5, shift=2)(moved, FACE) < 40
    assert ShiftedPSNR(border=5, shift=0)(NOISY, FACE) == PSNR(border=5)(NOISY, FACE)


@pytest.mark.parametrize(
    ("metric", "fields"),
    [(PSNR, {"border": -1}), (SSIM, {"border": -1}), (ShiftedPSNR, {"border": 2, "shift": 3})],
)
def test_fields_that_make_no_sense_are_refused(metric, fields):
    with pytest.raises(ValueError, match="must be"):
        metric(**fields)


def test_a_picture_that_is_all_border_is_a_line():
    for metric in (PSNR(border=32), SSIM(border=30), ShiftedPSNR(border=32)):
        with pytest.raises(ImageError, match="too small"):
            metric(FACE, FACE)


@pytest.mark.parametrize(
    "metric", [*METRICS, ShiftedPSNR(), ColourShift(), Reblur()], ids=lambda m: type(m).__name__
)
def test_the_metrics_keep_their_contract(metric):
    check_metric(metric, size=3) if "size" in metric.needs else check_metric(metric)


def test_the_metrics_are_registered_and_defined():
    for name, metric in zip(("psnr", "ssim_rgb", "ssim_matlab3d"), METRICS, strict=True):
        assert registry("metric").get(name) is type(metric)
        assert "8-bit RGB" in metric.definition
