"""A photo without a face is restored if it is blurred as a whole, and only where there is something to restore."""

import cv2
import numpy as np
import pytest
import skimage.data

from restorekit_faces.photo import PhotoView

SHAKE = np.ones((1, 15), np.float32) / 15


def noisy(pixels, level=1.0):
    noise = np.random.default_rng(0).normal(0, level, pixels.shape)
    return (pixels + noise).round().clip(0, 255).astype(np.uint8)


def seen(pixels, skip_below=None):
    view = PhotoView(pixels, "no face found", skip_below)
    (part,) = view.decide(view.parts)
    return view, part


@pytest.mark.parametrize(
    "name", ["coffee", "chelsea", "rocket", "coins", "retina", "microaneurysms", "page", "gravel", "moon"]
)
def test_a_sharp_photo_is_left_alone(name):
    pixels = getattr(skimage.data, name)()
    colours = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    view, part = seen(colours)
    assert part.left == "it is not clearly blurred as a whole"
    assert view.notes([part]) == (
        "no face found, the whole picture left alone: it is not clearly blurred as a whole; faces=all restores it",
    )


@pytest.mark.parametrize("name", ["coffee", "chelsea", "rocket"])
def test_a_shaken_photo_is_restored(name):
    _, part = seen(noisy(cv2.filter2D(getattr(skimage.data, name)(), -1, SHAKE)))
    assert part.left == "" and part.facts["blur"] > 1.4


def test_a_background_out_of_focus_stays_beside_a_sharp_subject():
    photo = skimage.data.coffee()
    blurred = cv2.GaussianBlur(photo, (0, 0), 6)
    blurred[100:300, 150:450] = photo[100:300, 150:450]
    assert seen(noisy(blurred))[1].left


def test_what_has_no_edges_is_left_alone():
    assert seen(np.full((60, 70, 3), 100, np.uint8))[1].left == "it has no edges to tell blur by"


def test_what_was_enlarged_is_left_alone():
    small = cv2.resize(skimage.data.coffee(), (75, 50), interpolation=cv2.INTER_AREA)
    _, small = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 50])
    large = cv2.resize(cv2.imdecode(small, cv2.IMREAD_COLOR), (600, 400), interpolation=cv2.INTER_CUBIC)
    assert seen(large)[1].left == "it was enlarged from a smaller picture"
    assert seen(large, skip_below=0)[1].left == ""


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_flat_and_sharp_parts_of_a_blurred_photo_stay_to_the_bit(kind):
    photo = noisy(cv2.GaussianBlur(skimage.data.coffee(), (0, 0), 4))
    photo[:160, :320] = noisy(np.full((160, 320, 3), 90))
    squares = np.random.default_rng(0).integers(80, 110, (25, 40, 1), np.uint8)
    photo[300:, 440:] = np.kron(squares, np.ones((4, 4, 3), np.uint8))
    photo = photo if kind == np.uint8 else photo.astype(np.uint16) * 257
    view, part = seen(photo)
    assert part.left == ""
    made = view.put_back([np.full_like(photo, np.iinfo(kind).max)])
    assert made.dtype == kind
    changed = (made != photo).any(axis=2)
    assert not changed[:80, :225].any()
    assert not changed[370:, 540:].any()
    assert changed[200:280, 100:400].mean() > 0.9


def test_all_of_it_is_restored_if_asked():
    pixels = skimage.data.coffee()
    view, part = seen(pixels, skip_below=0)
    assert part.left == "" and "blur" not in part.facts
    other = 255 - pixels
    assert np.array_equal(view.put_back([other]), other)
