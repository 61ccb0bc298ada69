"""The width of a face's own blur."""

import cv2
import numpy as np
import pytest

from restorekit_faces.blur import blur_width
from restorekit_faces.crop import take_crop
from restorekit_faces.decide import BY_EDGES
from restorekit_faces.geometry import align, settle, template_of


@pytest.fixture
def template(geometry):
    return template_of(geometry)


@pytest.fixture
def crop(astronaut, template):
    picture, face = astronaut
    return take_crop(picture, settle(align(face.landmarks, template), 512, 512))


@pytest.mark.parametrize("sigma", [2, 3, 4])
def test_a_gaussian_is_measured_by_its_standard_deviation(sigma, crop, template):
    found = blur_width(cv2.GaussianBlur(crop, (0, 0), sigma), template)
    assert 0.95 * sigma < found < 1.3 * sigma


@pytest.mark.parametrize("angle", [0, 30, 45, 90, 135])
def test_motion_along_any_direction_is_blur(angle, crop, template):
    kernel = np.zeros((15, 15), np.float32)
    kernel[7] = 1 / 15
    turned = cv2.warpAffine(kernel, cv2.getRotationMatrix2D((7, 7), angle, 1), (15, 15))
    assert blur_width(cv2.filter2D(crop, -1, turned / turned.sum()), template) > BY_EDGES


def test_a_sharp_face_is_sharp(crop, template):
    assert blur_width(crop, template) < BY_EDGES


def test_noise_makes_no_blurred_face_sharp(crop, template):
    noise = np.random.default_rng(0).standard_normal(crop.shape).astype(np.float32) * 3 / 255
    assert blur_width(cv2.GaussianBlur(crop, (0, 0), 2.5) + noise, template) > BY_EDGES


def test_what_lies_behind_the_face_does_not_count(crop, template):
    blurred = cv2.GaussianBlur(crop, (0, 0), 8)
    blurred[15:, 12:116] = crop[15:, 12:116]
    assert blur_width(blurred, template) < BY_EDGES


@pytest.mark.parametrize("value", [0, 0.5, 1])
def test_a_flat_crop_has_a_finite_width(value, template):
    assert np.isfinite(blur_width(np.full((128, 128, 3), value, np.float32), template))
