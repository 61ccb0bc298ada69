"""JPEG in batch against a real encoder."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

from restorekit.testing import check_degradation
from restorekit_degradations.jpeg import JPEG

PICTURE = data.astronaut()[:203, 120:301]  # neither side a multiple of a block


def through_pillow(pixels, quality):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality, subsampling="4:2:0")
    return np.asarray(Image.open(stream))


def through_ours(pixels, *quality):
    images = torch.from_numpy(pixels).permute(2, 0, 1).float().div(255).expand(len(quality), -1, -1, -1)
    out = JPEG().apply(images, torch.tensor([float(q) for q in quality]))
    return [np.rint(image.permute(1, 2, 0).numpy() * 255) for image in out]


@pytest.mark.parametrize("quality", [5, 30, 50, 75, 95, 100])
def test_it_loses_what_libjpeg_loses(quality):
    """To the rounding of libjpeg's whole-number arithmetic."""
    (ours,), theirs = through_ours(PICTURE, quality), through_pillow(PICTURE, quality)
    assert np.abs(ours - theirs).mean() < 0.8
    loss, difference = np.square(PICTURE - theirs.astype(float)).mean(), np.square(ours - theirs).mean()
    assert difference < 0.05 * loss + 1


def test_each_image_has_its_own_quality():
    together = through_ours(PICTURE, 10, 90)
    for image, quality in zip(together, (10, 90), strict=True):
        np.testing.assert_array_equal(image, through_ours(PICTURE, quality)[0])


def test_it_keeps_the_contract():
    check_degradation(JPEG(), 50, 37)


def test_qualities_are_whole_and_reach_both_ends():
    drawn = {float(JPEG((30, 33)).sample(np.random.default_rng(i), 8, 8)["quality"]) for i in range(60)}
    assert drawn == {30, 31, 32, 33}


@pytest.mark.parametrize("quality", [(0, 50), (50, 101), (60, 50)])
def test_qualities_out_of_range_are_refused(quality):
    with pytest.raises(ValueError, match="quality must be"):
        JPEG(quality)
