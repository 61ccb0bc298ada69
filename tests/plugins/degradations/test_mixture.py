"""One of several degradations."""

import numpy as np
import pytest
import torch

from restorekit.testing import check_degradation
from restorekit_degradations.identity import Identity
from restorekit_degradations.mixture import Mixture
from restorekit_degradations.noise import GaussianNoise
from restorekit_degradations.shrink import Shrink
from restorekit_motion_blur.lens import DefocusBlur
from restorekit_motion_blur.linear_blur import LinearBlur

CHOICES = (LinearBlur(sizes=(9,), kernels=0), Identity(), GaussianNoise((0.1, 0.1)), DefocusBlur((1.0, 2.0)))
MIXTURE = Mixture(CHOICES)


def drawn(mixture, count, height=30, width=34):
    draws = [mixture.sample(np.random.default_rng(seed), height, width) for seed in range(count)]
    return {key: torch.from_numpy(np.stack([draw[key] for draw in draws])) for key in draws[0]}


def test_it_keeps_the_contract():
    check_degradation(MIXTURE)
    check_degradation(Mixture((Identity(),)))
    check_degradation(Mixture((MIXTURE, Identity()), (1.0, 2.0)))


def test_each_image_is_degraded_by_its_choice_alone():
    params = drawn(MIXTURE, 24)
    images = torch.rand(24, 3, 30, 34, generator=torch.Generator().manual_seed(0))
    out = MIXTURE.apply(images, **params)
    assert set(params["choice"].tolist()) == {0, 1, 2, 3} and MIXTURE.margin == 4
    for n, choice in enumerate(params["choice"].tolist()):
        lost = 4 - CHOICES[choice].margin
        own = {key[2:]: value[n : n + 1] for key, value in params.items() if key.startswith(f"{choice}.")}
        inner = images[n : n + 1, :, lost : 30 - lost, lost : 34 - lost]
        torch.testing.assert_close(out[n : n + 1], CHOICES[choice].apply(inner, **own), atol=1e-6, rtol=0)


def test_weights_are_how_often_a_choice_is_drawn():
    mixture = Mixture((Identity(), Identity(), Identity()), (3.0, 0.0, 1.0))
    choices = [int(mixture.sample(np.random.default_rng(seed), 4, 4)["choice"]) for seed in range(800)]
    shares = np.bincount(choices, minlength=3) / 800
    np.testing.assert_allclose(shares, [0.75, 0, 0.25], atol=0.04)


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"choices": ()}, "at least one degradation"),
        ({"choices": CHOICES, "weights": (1.0,)}, "weights must be 4"),
        ({"choices": CHOICES[:2], "weights": (1.0, -1.0)}, "must not be negative"),
        ({"choices": CHOICES[:2], "weights": (0.0, 0.0)}, "must not be negative, nor all 0"),
        ({"choices": CHOICES[:2], "weights": (1.0, float("nan"))}, "must not be negative"),
    ],
)
def test_a_mixture_that_makes_no_sense_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        Mixture(**fields)


def test_a_choice_that_shrinks_is_refused():
    with pytest.raises(ValueError, match="must not shrink"):
        Mixture((Identity(), Shrink(2)))
