"""Noise."""

import pickle

import numpy as np
import pytest
import torch

from restorekit.testing import check_degradation
from restorekit_degradations.noise import GaussianNoise, SensorNoise


def rng(seed=0):
    return np.random.default_rng(seed)


def test_the_field_is_white_at_the_level_that_was_drawn():
    drawn = GaussianNoise((0.02, 0.05)).sample(rng(), 200, 300)
    noise, sigma = drawn["noise"], drawn["sigma"]
    assert noise.shape == (3, 200, 300)
    assert noise.dtype == sigma.dtype == np.float32
    assert sigma.shape == ()
    assert noise.std() == pytest.approx(float(sigma), rel=0.01)
    assert abs(noise.mean()) < 4 * sigma / np.sqrt(noise.size)
    np.testing.assert_allclose(np.corrcoef(noise.reshape(3, -1)), np.eye(3), atol=0.02)
    assert abs((noise[..., 1:] * noise[..., :-1]).mean()) < 0.02 * sigma**2


def test_the_level_is_uniform_in_its_range():
    levels = [float(GaussianNoise((0.1, 0.3)).sample(rng(seed), 1, 1)["sigma"]) for seed in range(500)]
    assert 0.1 <= min(levels) < 0.11
    assert 0.29 < max(levels) <= 0.3
    assert np.mean(levels) == pytest.approx(0.2, abs=0.01)


def test_apply_adds_without_clamping_or_touching_the_input():
    images = torch.ones(2, 3, 4, 5)
    noise = torch.full((2, 3, 4, 5), 0.5)
    result = GaussianNoise().apply(images, noise=noise, sigma=torch.tensor([0.5, 0.5]))
    assert torch.all(result == 1.5)
    assert torch.all(images == 1)
    assert GaussianNoise().margin == 0


def test_no_noise_leaves_the_image_as_it_was():
    assert not GaussianNoise((0, 0)).sample(rng(), 4, 4)["noise"].any()


def test_what_is_drawn_depends_on_the_generator_alone_also_after_pickling():
    noise = GaussianNoise()
    first = noise.sample(rng(1), 4, 4)["noise"]
    np.testing.assert_array_equal(first, pickle.loads(pickle.dumps(noise)).sample(rng(1), 4, 4)["noise"])
    assert not np.array_equal(first, noise.sample(rng(2), 4, 4)["noise"])


@pytest.mark.parametrize("sigma", [(-0.1, 0.1), (0.2, 0.1), (0.0, float("inf")), (float("nan"), 0.1)])
def test_levels_out_of_range_are_refused(sigma):
    with pytest.raises(ValueError, match="sigma must be"):
        GaussianNoise(sigma)


def test_the_variance_of_sensor_noise_grows_with_the_light():
    sensor = SensorNoise(gain=(1e-3, 1e-3), read=(0.01, 0.01))
    check_degradation(sensor)
    drawn = {key: torch.from_numpy(value)[None] for key, value in sensor.sample(rng(), 200, 300).items()}
    for level in (0.0, 0.2, 0.8):
        images = torch.full((1, 3, 200, 300), level)
        noise = sensor.apply(images, **drawn) - images
        assert float(noise.std()) == pytest.approx(np.sqrt(1e-3 * level + 1e-4), rel=0.01)
        assert abs(float(noise.mean())) < 3e-4


def test_the_gain_is_log_uniform_in_its_range():
    gains = np.array([SensorNoise((1e-5, 1e-3)).sample(rng(seed), 1, 1)["gain"] for seed in range(500)])
    assert gains.min() >= 0.99e-5 and gains.max() <= 1e-3 * 1.0001
    assert np.log10(gains).mean() == pytest.approx(-4, abs=0.1)


@pytest.mark.parametrize(
    "fields, name",
    [({"gain": (0.0, 0.1)}, "gain"), ({"gain": (0.2, 0.1)}, "gain"), ({"read": (-0.1, 0.1)}, "read")],
)
def test_levels_of_a_sensor_out_of_range_are_refused(fields, name):
    with pytest.raises(ValueError, match=f"{name} must be"):
        SensorNoise(**fields)
