"""The model in the wheel: no network, and it does what its card says on a free photograph."""

import json

import numpy as np
import pytest
import torch
from skimage import data, transform

from restorekit import load_restorer
from restorekit.bundle import find_bundle
from restorekit.training.validate import psnr
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur

MARGIN = 13


@pytest.fixture(scope="module")
def face():
    """scikit-image's astronaut at CelebA's scale (eyes 37 pixels apart): 1,3,170,154 with the margin of a blur."""
    picture = transform.rescale(data.astronaut() / 255, 37 / 48, channel_axis=2, anti_aliasing=True)
    return torch.from_numpy(picture[10:180, 97:251].astype(np.float32)).permute(2, 0, 1)[None]


@pytest.fixture(scope="module")
def restorer():
    return load_restorer(device="cpu")


def noisy(images):
    return (images + torch.randn(images.shape, generator=torch.Generator().manual_seed(0)) / 255).clamp(0, 1)


@pytest.mark.parametrize("size", [13, 21, 27])
def test_a_shaken_face_comes_out_sharper(restorer, face, size):
    blur = TrajectoryBlur(sizes=(size,), kernels=0)
    kernels = [blur.sample(np.random.default_rng([size, i]), 0, 0)["kernel"] for i in range(6)]
    kernels = torch.from_numpy(np.pad(kernels, ((0, 0), *[((27 - size) // 2,) * 2] * 2)))
    degraded = noisy(blur.apply(face.expand(6, -1, -1, -1), kernels))
    sharp = face[..., MARGIN:-MARGIN, MARGIN:-MARGIN].expand(6, -1, -1, -1)
    before, after = (
        np.mean(psnr(degraded, sharp)),
        np.mean(psnr(restorer.restore(degraded).clamp(0, 1), sharp)),
    )
    assert after > before + 3


def test_a_sharp_face_is_left_alone(restorer, face):
    (after,) = psnr(restorer.restore(noisy(face)).clamp(0, 1), face)
    assert after > 36


def test_its_bundle_says_where_it_comes_from_and_is_small():
    bundle = find_bundle(None)
    config = json.loads((bundle / "config.json").read_text())
    assert "non-commercial" in config["license"]
    assert config["geometry"]["left_eye"][0] < config["geometry"]["right_eye"][0]
    blurs = config["degradation"][0]["choices"]
    assert {blur["type"]: blur for blur in blurs}["trajectory_blur"]["centring"] == "box"
    assert (bundle / "model.safetensors").stat().st_size <= 18e6
    assert all((bundle / name).stat().st_size for name in ("recipe.toml", "metrics.json", "README.md"))
