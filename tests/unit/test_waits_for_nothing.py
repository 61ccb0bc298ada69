"""A step never asks the device for a value, so that the program runs ahead of it."""

import contextlib

import numpy as np
import pytest
import torch

from restorekit.data.degrade import degrade
from restorekit.data.loader import RawBatch, collate
from restorekit.recipe import Step
from restorekit_degradations.identity import Identity
from restorekit_degradations.jpeg import JPEG
from restorekit_degradations.mixture import Mixture
from restorekit_degradations.noise import GaussianNoise, SensorNoise
from restorekit_degradations.resample import Resample
from restorekit_motion_blur.camera_shake import CameraShake
from restorekit_motion_blur.lens import DefocusBlur, GaussianBlur
from restorekit_motion_blur.trajectory_blur import TrajectoryBlur

SIDE = 64
MIXTURE = Mixture((Mixture((GaussianBlur(), Identity())), JPEG(), DefocusBlur()))


@pytest.fixture(autouse=True)
def no_autocast(monkeypatch):
    """There is none for the meta device, where a tensor has no values that could be asked for."""
    monkeypatch.setattr(torch, "autocast", lambda *given, **options: contextlib.nullcontext())


def drawn_by(degradation, count=6):
    """A batch as a worker draws it for one degradation."""
    rng, side = np.random.default_rng(0), SIDE
    return collate([
        {
            "sharp": rng.integers(256, size=(side, side, 3), dtype=np.uint8),
            "chosen": np.array([True]),
            "params": {"it": degradation.sample(rng, side, side)},
            "draws": {}, "labels": {}, "id": "", "unreadable": [],
        }
        for _ in range(count)
    ])  # fmt: skip


@pytest.mark.parametrize(
    "degradation",
    [
        TrajectoryBlur(kernels=0), CameraShake(sizes=(9,), grid=2), GaussianBlur(), GaussianNoise(),
        SensorNoise(), JPEG(), Resample(), MIXTURE,
    ],
    ids=lambda degradation: type(degradation).__name__,
)  # fmt: skip
def test_degrading_asks_the_device_for_no_value(degradation):
    drawn = drawn_by(degradation)
    step = Step(name="it", degradation=degradation, p=0.5)
    seen = degrade(drawn, [step], torch.device("cpu"))
    unseen = degrade(drawn, [step], torch.device("meta"))
    assert unseen.degraded.device.type == "meta" and unseen.degraded.shape == seen.degraded.shape


def test_draws_that_decide_come_from_the_host_and_stay_in_the_batch():
    drawn: RawBatch = drawn_by(MIXTURE)
    assert MIXTURE.host_draws == ("choice", "0.choice")
    batch = degrade(drawn, [Step(name="it", degradation=MIXTURE, p=1.0)], torch.device("meta"))
    assert batch.params["it"]["choice"].device.type == "meta"
