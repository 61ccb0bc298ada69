"""A recipe of a few steps, each a few milliseconds, on one thread."""

import pytest
import torch

from restorekit import load_recipe

RECIPE = """\
schema = 1
name = "small"
[data]
train = { type = "samples" }
size = 16
batch = 2
workers = 0
[[degradation]]
type = "gaussian_noise"
sigma = [0.05, 0.1]
[network]
type = "face_multitask_unet"
widths = [4, 4]
blocks = [1, 1]
[[task]]
type = "image"
[[loss]]
type = "l1"
[[loss]]
type = "charbonnier"
[optim]
lr = 0.001
[train]
precision = "fp32"
save_every = 1
log_every = 1
[[stage]]
steps = 2
losses = ["l1", "charbonnier"]
"""


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def recipe(tmp_path):
    (tmp_path / "r.toml").write_text(RECIPE)
    return lambda *overrides: load_recipe(tmp_path / "r.toml", overrides)
