"""Convolution and differences on a torus, and frames around pictures."""

import numpy as np
import pytest
from scipy.ndimage import convolve

from restorekit_classical.border import Frame
from restorekit_classical.operators import (
    gradient,
    gradient_adjoint,
    laplace_transfer,
    picture,
    spectrum,
    transfer,
)

SHAPES = [(12, 15), (13, 12), (9, 11)]


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kernel_shape", [(5, 5), (4, 7), (1, 2)])
def test_transfer_blurs_as_scipy_does(shape, kernel_shape):
    image, kernel = rng().random(shape), rng(1).random(kernel_shape)
    blurred = picture(transfer(kernel, shape) * spectrum(image), shape)
    np.testing.assert_allclose(blurred, convolve(image, kernel, mode="wrap"), atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_conjugate_transfer_function_is_the_adjoint(shape):
    a, b = rng().random(shape), rng(1).random(shape)
    blur = transfer(rng(2).random((5, 7)), shape)
    there = (picture(blur * spectrum(a), shape) * b).sum()
    back = (a * picture(np.conj(blur) * spectrum(b), shape)).sum()
    assert there == pytest.approx(back, rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_adjoint_of_a_blur_that_is_seen_in_a_frame_alone(shape):
    """What krishnan2011, wiener and richardson_lucy do: fill up with 0, then correlate."""
    frame = Frame.around(np.zeros(shape), 5)
    blur = transfer(rng(2).random((5, 4)), frame.shape)
    scene, seen = rng().random(frame.shape), rng(1).random(shape)
    there = (frame.crop(picture(blur * spectrum(scene), frame.shape)) * seen).sum()
    filled = frame.complete(seen, np.zeros(frame.shape))
    np.testing.assert_array_equal(filled, frame.mask * filled)
    back = (scene * picture(np.conj(blur) * spectrum(filled), frame.shape)).sum()
    assert there == pytest.approx(back, rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_adjoint_of_the_gradient(shape):
    image, field = rng().random(shape), rng(1).random((2, *shape))
    assert (gradient(image) * field).sum() == pytest.approx(
        (image * gradient_adjoint(field)).sum(), rel=1e-12
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_the_laplacian_by_frequencies_and_by_pixels(shape):
    image = rng().random(shape)
    by_frequencies = picture(laplace_transfer(shape) * spectrum(image), shape)
    np.testing.assert_allclose(by_frequencies, gradient_adjoint(gradient(image)), atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_frame_keeps_the_picture_and_no_kernel_reaches_across(shape):
    image = rng().random((3, *shape))
    frame = Frame.around(image, 5)
    assert all(wide >= side + 4 for wide, side in zip(frame.shape, shape, strict=True))
    extended = frame.extend(image)
    assert extended.shape == (3, *frame.shape)
    np.testing.assert_array_equal(frame.crop(extended), image)
    assert frame.mask.sum() == image[0].size


def test_a_frame_leads_from_edge_to_edge():
    image = np.zeros((8, 8))
    image[:, -1] = 1
    frame = Frame.around(image, 9)
    row = frame.extend(image)[3]
    assert (np.diff(row[7:]) < 0).all()
    assert row[-1] > 0


def test_complete_keeps_what_was_measured_and_takes_the_rest():
    image, predicted = np.ones((8, 8)), np.full((16, 16), 0.5)
    frame = Frame(8, 8, (16, 16))
    whole = frame.complete(image, predicted)
    np.testing.assert_array_equal(frame.crop(whole), image)
    assert whole.sum() == 64 + 0.5 * 192
    assert predicted.sum() == 128
