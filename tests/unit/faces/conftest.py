"""A face without a detector: scikit-image's astronaut, whose landmarks are known."""

import numpy as np
import pytest
import skimage.data

from restorekit.restore.faces.detect import Face

GEOMETRY = {"crop": "celeba", "size": 128, "left_eye": [45, 45], "right_eye": [82, 45]}
LANDMARKS = [(202.8, 103.1), (245.9, 103.2), (223.5, 125.4), (204.6, 143.8), (241.7, 143.6)]


def face_at(points):
    """A face with these landmarks, and a box around them."""
    points = np.array(points, float)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    wide = right - left
    return Face((left - wide / 2, top - wide, 2 * wide, bottom - top + 1.5 * wide), points, 0.9)


@pytest.fixture
def geometry():
    return GEOMETRY


@pytest.fixture(scope="session")
def astronaut():
    """512,512,3 uint8 and its face."""
    return skimage.data.astronaut(), face_at(LANDMARKS)


@pytest.fixture(scope="session")
def make_face():
    return face_at
