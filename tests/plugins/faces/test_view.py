"""Faces are restored where they are, and nothing else of the picture."""

import cv2
import numpy as np
import pytest

from restorekit_faces.crop import take_crop
from restorekit_faces.decide import BY_EDGES
from restorekit_faces.geometry import align, settle, template_of

MOTION = np.eye(15, dtype=np.float32) / 15


def warped(picture, face, make_face, scale, degrees, shift=(0.0, 0.0), size=None):
    """A picture scaled and turned about its middle, with its face."""
    height, width = picture.shape[:2]
    size = size or (round(width * scale), round(height * scale))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    matrix[:, 2] += np.array(size) / 2 - (width / 2, height / 2) + shift
    source = cv2.GaussianBlur(picture, (0, 0), 0.5 / scale) if scale < 1 else picture
    moved = cv2.warpAffine(source, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return moved, make_face(face.landmarks @ matrix[:, :2].T + matrix[:, 2])


def blurred(picture, times=1):
    kernel = cv2.resize(MOTION, None, fx=times, fy=times, interpolation=cv2.INTER_AREA)
    return cv2.filter2D(picture, -1, kernel / kernel.sum())


def brighter(crops):
    return crops + np.float32(0.1)


@pytest.fixture
def photo(astronaut, make_face):
    """A blurred photo of two sizes of a face, one of them turned, and their faces."""
    picture, face = astronaut
    left, first = warped(picture, face, make_face, 1.5, 20, size=(600, 512))
    right, second = warped(picture, face, make_face, 0.7, -10, size=(400, 512))
    second = make_face(second.landmarks + (600, 0))
    return blurred(np.concatenate([left, right], axis=1)), [first, second]


def test_no_pixel_outside_the_masks_changes(photo, geometry, restore_faces):
    pixels, faces = photo
    made = restore_faces(pixels, brighter, geometry, faces)
    assert 0.02 < made.mask.mean() < 0.5
    assert (made.pixels[~made.mask] == pixels[~made.mask]).all()


def test_what_comes_in_is_not_written_to(photo, geometry, restore_faces):
    pixels, faces = photo
    before = pixels.copy()
    restore_faces(pixels, brighter, geometry, faces)
    assert (pixels == before).all()


def test_the_middle_of_every_face_changes_by_what_the_network_adds(photo, geometry, restore_faces):
    pixels, faces = photo
    made = restore_faces(pixels, brighter, geometry, faces)
    for face in faces:
        x, y = face.landmarks[2].round().astype(int)
        part = np.s_[y - 5 : y + 5, x - 5 : x + 5]
        assert np.abs(made.pixels[part] - np.minimum(pixels[part] + 25.5, 255)).max() < 2


def test_a_network_that_changes_nothing_leaves_every_pixel(photo, geometry, restore_faces):
    pixels, faces = photo
    assert (restore_faces(pixels, lambda crops: crops, geometry, faces).pixels == pixels).all()


def test_16_bits_stay_16_bits(photo, geometry, restore_faces):
    pixels = photo[0].astype(np.uint16) * 257
    made = restore_faces(pixels, brighter, geometry, photo[1])
    assert made.pixels.dtype == np.uint16
    assert len(np.unique(made.pixels)) > 256


def test_a_face_found_twice_is_changed_once(photo, geometry, restore_faces):
    pixels, faces = photo
    once = restore_faces(pixels, brighter, geometry, faces[:1]).pixels
    twice = restore_faces(pixels, brighter, geometry, [faces[0], faces[0]]).pixels
    x, y = faces[0].landmarks[2].round().astype(int)
    assert (
        np.abs(
            once[y - 30 : y + 30, x - 30 : x + 30].astype(int) - twice[y - 30 : y + 30, x - 30 : x + 30]
        ).max()
        <= 1
    )


@pytest.mark.parametrize("shift", [(-170, 0), (0, -80), (230, 0), (170, 400)])
def test_a_face_over_the_border_is_restored_as_far_as_it_is_there(
    shift, astronaut, make_face, geometry, restore_faces
):
    picture, face = astronaut
    pixels, moved = warped(blurred(picture, 2), face, make_face, 1.4, 8, shift, (512, 512))
    made = restore_faces(pixels, brighter, geometry, [moved])
    assert not made.parts[0].left
    assert made.mask.any()
    assert (made.pixels[~made.mask] == pixels[~made.mask]).all()


def test_a_face_in_the_geometry_is_not_resampled(astronaut, geometry, restore_faces):
    picture, face = astronaut
    pixels, seen = blurred(picture), []
    restore_faces(pixels, lambda crops: seen.append(crops) or crops, geometry, [face])
    x, y = settle(align(face.landmarks, template_of(geometry)), 512, 512).corner
    assert (seen[0][0] == pixels[y : y + 128, x : x + 128].astype(np.float32) / np.float32(255)).all()


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_an_aligned_crop_is_restored_as_a_whole_to_the_bit(
    depth, astronaut, make_face, geometry, restore_faces
):
    picture, face = astronaut
    template = template_of(geometry)
    x, y = settle(align(face.landmarks, template), 512, 512).corner
    top = np.iinfo(depth).max
    crop = blurred(picture)[y : y + 128, x : x + 128].astype(depth) * (top // 255)
    noise = np.random.default_rng(0).standard_normal(crop.shape).astype(np.float32) / 20
    made = restore_faces(crop, lambda crops: crops + noise, geometry, [make_face(face.landmarks - (x, y))])
    whole = crop.astype(np.float32) / np.float32(top) + noise
    assert (made.pixels == np.rint(whole.clip(0, 1) * np.float32(top)).astype(depth)).all()
    assert made.mask.all()


def test_a_sharp_aligned_crop_is_restored_too(astronaut, make_face, geometry, restore_faces):
    picture, face = astronaut
    x, y = settle(align(face.landmarks, template_of(geometry)), 512, 512).corner
    crop = picture[y : y + 128, x : x + 128]
    made = restore_faces(crop, brighter, geometry, [make_face(face.landmarks - (x, y))])
    assert not made.parts[0].left
    assert made.parts[0].facts["blur"] < BY_EDGES


@pytest.mark.parametrize("scale", [0.4, 1.0, 2.5])
def test_a_sharp_face_is_left_alone_and_its_blur_told(scale, astronaut, make_face, geometry, restore_faces):
    pixels, face = warped(*astronaut, make_face, scale, 5)
    made = restore_faces(pixels, brighter, geometry, [face])
    assert made.parts[0].left
    assert 0 <= made.parts[0].facts["blur"] < BY_EDGES
    assert (made.pixels == pixels).all()
    assert not made.mask.any()


def test_a_large_face_keeps_what_is_finer_than_the_crop(astronaut, make_face, geometry, restore_faces):
    pixels, face = warped(
        blurred(astronaut[0]), astronaut[1], make_face, 4, 0, size=(1200, 1200), shift=(0, 500)
    )
    grain = np.random.default_rng(0).integers(-8, 9, pixels.shape)
    grain -= cv2.blur(grain.astype(np.float32), (9, 9)).round().astype(int)
    pixels = (pixels.clip(60, 190) + grain).astype(np.uint8)
    made = restore_faces(pixels, brighter, geometry, [face])
    x, y = face.landmarks[2].round().astype(int)
    part = np.s_[y - 40 : y + 40, x - 40 : x + 40]
    change = made.pixels[part].astype(float) - pixels[part]
    assert not made.parts[0].left
    assert change.std() < 0.6  # the grain itself has 5


def test_a_crop_of_a_much_larger_face_does_not_alias(make_face, geometry):
    stripes = np.tile(np.array([0, 255], np.uint8), (2000, 1000))
    pixels = np.repeat(stripes[..., None], 3, axis=2)
    template = template_of(geometry)
    placement = align(template.points * 12.3 + 100, template)
    assert take_crop(pixels, placement).std() < 0.01


def test_a_sharp_face_stays_where_the_crop_of_a_blurred_one_reaches_over_it(
    astronaut, make_face, geometry, restore_faces
):
    picture, face = astronaut
    pixels = np.concatenate([picture[:, :260], blurred(picture)[:, 170:]], axis=1)
    other = make_face(face.landmarks + (90, 0))
    made = restore_faces(pixels, brighter, geometry, [face, other])
    assert [part.left for part in made.parts] == ["not clearly blurred", ""]
    assert restore_faces(pixels, brighter, geometry, [other]).mask[110:130, 250:262].all()
    assert not made.mask[110:130, 250:262].any()
    assert made.mask[110:130, 290:330].all()


def test_it_is_said_what_became_of_each(astronaut, make_face, geometry, restore_faces):
    picture, face = astronaut
    pixels = np.concatenate([picture, blurred(picture)], axis=1)
    made = restore_faces(pixels, brighter, geometry, [face, make_face(face.landmarks + (512, 0))])
    (note,) = made.notes
    assert note.startswith(
        "1 of 2 faces restored; left alone, with their blur in pixels: not clearly blurred "
    )


def test_all_faces_means_the_sharp_ones_too(astronaut, geometry, restore_faces):
    made = restore_faces(astronaut[0], brighter, geometry, [astronaut[1]], faces="all")
    assert not made.parts[0].left and made.mask.any()


def test_the_limit_can_be_set(astronaut, geometry, restore_faces):
    pixels = blurred(astronaut[0])
    assert not restore_faces(pixels, brighter, geometry, [astronaut[1]]).parts[0].left
    assert (
        restore_faces(pixels, brighter, geometry, [astronaut[1]], skip_below=20.0).parts[0].left
        == "not clearly blurred"
    )


def test_a_bystander_beside_a_face_is_not_spared_within_its_crop(
    astronaut, make_face, geometry, restore_faces
):
    """What is left alone as too small may be a false alarm within a face: it leaves no hole there."""
    picture, face = astronaut
    nose = face.landmarks[2]
    small = make_face(nose + (face.landmarks - nose) / 5)
    made = restore_faces(blurred(picture), brighter, geometry, [face, small], min_face=30)
    x, y = nose.round().astype(int)
    assert [part.left for part in made.parts] == ["", "too small"]
    assert made.notes == ("1 of 2 faces restored; left alone, with their blur in pixels: 1 too small",)
    assert made.mask[y - 8 : y + 8, x - 8 : x + 8].all()


def test_where_the_model_estimates_a_kernel_that_decides(astronaut, geometry, restore_faces):
    """The blur is that of the photo's pixels where the face is enlarged for the model."""
    pixels, face = blurred(astronaut[0]), astronaut[1]
    for blur, word in {0.1: "sharp", 0.6: "slightly blurred", 1.0: ""}.items():
        (part,) = restore_faces(pixels, brighter, geometry, [face], kernels=[blur]).parts
        assert (part.left, part.facts["blur"]) == (word, blur)
    (part,) = restore_faces(pixels, brighter, geometry, [face], kernels=[1.0], skip_below=1.2).parts
    assert part.left == "slightly blurred"


def test_the_blur_of_a_face_that_is_enlarged_is_told_in_pixels_of_the_photo(
    astronaut, make_face, geometry, restore_faces
):
    pixels, face = warped(*astronaut, make_face, 0.5, 0)
    (part,) = restore_faces(pixels, brighter, geometry, [face], kernels=[1.0]).parts
    assert part.left == "slightly blurred" and part.facts["blur"] == pytest.approx(0.5, rel=0.05)
