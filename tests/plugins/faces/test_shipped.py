"""What the shipped model says of the blur of a face decides, however large the face is."""

import cv2
import numpy as np
import pytest

from restorekit.images import Picture
from restorekit.restore.load import load_restorer
from restorekit.restore.pictures import restore_pictures
from restorekit.restore.steady import Steady
from restorekit_faces.framing import Faces, Look
from restorekit_faces.geometry import template_of

NOISE = np.random.default_rng(0)


@pytest.fixture(scope="module")
def restorer():
    return load_restorer(None, "cpu")


@pytest.fixture
def decision(restorer, astronaut, make_face):
    """What is decided of the astronaut's face, enlarged and moved along by some pixels."""

    def decided(times, length, **keys):
        pixels, face = astronaut
        pixels, landmarks = pixels[:250, 120:330], face.landmarks - (120, 0)
        large = cv2.resize(pixels, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
        moved = cv2.filter2D(large, -1, np.ones((1, length), np.float32) / length)
        noisy = np.rint(moved + NOISE.standard_normal(moved.shape)).clip(0, 255).astype(np.uint8)
        look = Look(Faces(**keys), template_of(restorer.footprint.geometry))
        look.find = lambda _: [make_face((landmarks + 0.5) * times - 0.5)]
        (made,) = restore_pictures(Steady(restorer), [Picture(noisy)], look)
        (part,) = made.parts
        return part

    return decided


@pytest.mark.parametrize("times", [0.5, 1, 4])
def test_a_sharp_face_is_left_alone(times, decision):
    assert decision(times, 1).left in ("sharp", "slightly blurred")


@pytest.mark.parametrize(("times", "length"), [(0.5, 5), (1, 5), (1, 13), (4, 17), (4, 25)])
def test_a_moved_face_is_restored_however_large(times, length, decision):
    part = decision(times, length)
    assert part.left == "" and part.facts["blur"] > 0.8


def test_a_higher_limit_leaves_it_alone(decision):
    assert decision(1, 5, skip_below=2.0).left == "slightly blurred"
