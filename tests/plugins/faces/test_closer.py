"""A large face whose blur fits in is looked at closer, and what is finer than the geometry comes back."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from restorekit import Restorer
from restorekit.images import Picture
from restorekit.restore.pictures import restore_pictures
from restorekit.restore.steady import Steady
from restorekit_faces.closer import closer_size, combined
from restorekit_faces.crop import take_crop
from restorekit_faces.followed import FollowedView
from restorekit_faces.framing import Faces
from restorekit_faces.geometry import Placement, align, template_of
from restorekit_faces.track import Track
from restorekit_faces.view import FacesView

LARGE = 3


def told(blur, side=31):
    return {"kernel": np.full((side, side), side**-2).tolist(), "kernel_blur": blur}


@pytest.mark.parametrize(
    ("scale", "blur", "size"),
    [
        (0.5, 1.0, 256),  # up to the photo's own resolution
        (0.1, 0.5, 384),  # but three times at most
        (0.1, 3.0, 224),  # as long as the blur fits into the kernel
        (0.1, 5.0, None),
        (0.9, 1.0, None),  # a face that is hardly larger than the geometry
        (2.0, 1.0, None),
    ],
)
def test_the_window_is_as_fine_as_the_photo_and_the_kernel_allow(scale, blur, size):
    assert closer_size(128, scale, told(blur)) == size


@pytest.mark.parametrize("facts", [{}, {"kernel": [[1.0]]}, {"kernel_blur": 1.0}])
def test_without_a_kernel_and_its_blur_there_is_no_closer_look(facts):
    assert closer_size(128, 0.1, facts) is None


def test_a_sharp_face_has_no_infinite_window():
    assert closer_size(128, 0.25, told(0.0)) == 384


def test_what_is_finer_comes_from_the_closer_look_alone_and_the_rest_mostly_from_the_first():
    fine = np.indices((64, 64)).sum(axis=0) % 2 - 0.5
    closer = np.repeat((fine + 0.1)[..., None], 3, axis=2).astype(np.float32)
    change = combined(np.full((32, 32, 3), 0.5, np.float32), closer)
    assert change.mean() == pytest.approx(0.75 * 0.5 + 0.25 * 0.1, abs=1e-4)
    assert (change[..., 0] - change.mean()) == pytest.approx(fine, abs=1e-4)


def test_a_finer_placement_shows_the_same_of_the_picture():
    placement = Placement(np.array([(0.4, 0.1, -20.0), (-0.1, 0.4, 3.0)]), 128, warped=True)
    finer = placement.finer(224)
    assert finer.bounds() == placement.bounds()
    middle = np.linalg.solve(placement.matrix[:, :2], 63.5 - placement.matrix[:, 2])
    assert finer.matrix @ (*middle, 1) == pytest.approx([111.5, 111.5])


class Knowing(Restorer):
    """Knows what each window of a blurred picture looks like sharp, and says that its blur is of some width."""

    def __init__(self, sharp, placement, blur):
        self.sharp, self.placement, self.blur = sharp, placement, blur
        self.seen = []

    def restore_arrays(self, images):
        self.seen.append(images.shape[1])
        crop = take_crop(self.sharp, self.placement.finer(images.shape[1]))
        return np.stack([crop] * len(images))

    def restore(self, images):
        raise AssertionError("not asked")

    def examine(self, images, restored):
        return [told(self.blur) for _ in images]


@pytest.fixture
def large(astronaut, make_face, geometry):
    """A large sharp photo with grain, the same blurred, its face and where that lies."""
    picture, face = astronaut
    sharp = cv2.resize(picture[:300, 80:380], None, fx=LARGE, fy=LARGE, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).normal(0, 12, sharp.shape)
    sharp = np.clip(sharp * 0.7 + 40 + grain, 0, 255).astype(np.uint8)
    face = make_face((face.landmarks - (80, 0) + 0.5) * LARGE - 0.5)
    return sharp, cv2.GaussianBlur(sharp, (0, 0), 3), face, align(face.landmarks, template_of(geometry))


def restored(large, geometry, blur):
    sharp, blurred, face, placement = large
    restorer = Knowing(sharp, placement, blur)
    keys = Faces(faces="all")
    (made,) = restore_pictures(
        Steady(restorer),
        [Picture(blurred)],
        lambda pixels: FacesView(pixels, [face], template_of(geometry), keys),
    )
    return made, restorer.seen


def grain_back(made, large):
    """The share of the sharp picture's fine detail that is there, in the middle of the face."""
    sharp, _, face, _ = large
    x, y = face.landmarks[2].round().astype(int)
    there, true = (
        (pixels - cv2.GaussianBlur(pixels, (0, 0), 3))[y - 60 : y + 60, x - 60 : x + 60]
        for pixels in (made.picture.pixels.astype(np.float32), sharp.astype(np.float32))
    )
    return (there * true).sum() / (true * true).sum()


def test_detail_finer_than_the_geometry_comes_back_where_the_blur_fits_in(large, geometry):
    made, seen = restored(large, geometry, blur=1.0)
    assert seen == [128, 384]
    assert grain_back(made, large) > 0.5
    assert made.parts[0].facts["kernel_blur"] == 1.0


def test_only_the_difference_of_the_first_look_is_added_where_it_does_not(large, geometry):
    made, seen = restored(large, geometry, blur=8.0)
    assert seen == [128]
    assert grain_back(made, large) < 0.25


def test_no_pixel_outside_the_face_changes(large, geometry):
    made, _ = restored(large, geometry, blur=1.0)
    left, upper, right, lower = large[3].bounds()
    outside = np.ones(large[1].shape[:2], bool)
    outside[max(upper, 0) : lower, max(left, 0) : right] = False
    assert outside.any() and (made.picture.pixels[outside] == large[1][outside]).all()


def test_frames_are_not_looked_at_closer(large, geometry):
    _, blurred, face, _ = large
    track = Track(face.box, tuple(map(tuple, face.landmarks)), face.score)
    view = FollowedView(blurred, [track], template_of(geometry), Faces())
    parts = [replace(part, facts=told(1.0)) for part in view.parts]
    assert FacesView(blurred, [face], template_of(geometry), Faces()).closer(parts)
    assert view.closer(parts) == {}
