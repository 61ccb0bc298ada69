"""A face without a detector: scikit-image's astronaut, whose landmarks are known."""

from dataclasses import replace

import numpy as np
import pytest
import skimage.data

from restorekit_faces.detect import Face
from restorekit_faces.framing import Faces
from restorekit_faces.geometry import template_of
from restorekit_faces.view import FacesView

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


class Made:
    """What became of the faces of a picture, restored by ``call`` from N,S,S,3 to the same.

    ``kernels`` are their blurs by the model's kernel, if it estimates any.
    """

    def __init__(self, pixels, call, geometry, found, kernels=None, **keys):
        view = FacesView(pixels, found, template_of(geometry), Faces(**keys))
        parts = view.parts
        if kernels is not None:
            parts = [
                replace(part, facts=part.facts | {"kernel_blur": blur})
                for part, blur in zip(parts, kernels, strict=True)
            ]
        self.parts = view.decide(parts)
        wanted = [window for window, part in zip(view.windows, self.parts, strict=True) if not part.left]
        windows = iter(call(np.stack(wanted)) if wanted else [])
        restored = [None if part.left else next(windows) for part in self.parts]
        self.pixels, self.mask = view.pasted(restored)
        self.notes = view.notes(self.parts)


@pytest.fixture(scope="session")
def restore_faces():
    return Made
