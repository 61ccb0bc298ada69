"""``restorekit preview``: a picture of what training will see."""

from functools import partial

import numpy as np
import pytest

from restorekit import load_recipe
from restorekit.data.degrade import degrade
from restorekit.data.loader import batches
from restorekit.data.preview import preview_sheet
from restorekit.data.samples import stage_samples
from restorekit.images import read_rgb

RECIPE = """
schema = 1
name = "base"
data = { train = { type = "samples" }, size = 64, crop = "center" }
network = { type = "face_multitask_unet" }
task = [{ type = "image" }]
loss = [{ type = "l1" }]

[[stage]]
steps = 1
losses = ["l1"]
[[stage]]
steps = 1
losses = ["l1"]
[[stage.degradation]]
type = "mixture"
weights = [1, 0]
[[stage.degradation.choices]]
type = "camera_shake"
sizes = [9]
grid = 2
[[stage.degradation.choices]]
type = "identity"
[[stage.degradation]]
type = "gaussian_noise"
sigma = [0.05, 0.05]
"""


@pytest.fixture
def preview(run_cli, tmp_path):
    """Run the command beside a recipe; gives (status, stdout, stderr)."""
    (tmp_path / "r.toml").write_text(RECIPE)
    return partial(run_cli, "preview", "r.toml")


def holds(sheet, picture):
    """Whether a picture lies somewhere on a sheet."""
    height, width = picture.shape[:2]
    starts = np.argwhere((sheet[: 1 - height or None, : 1 - width or None] == picture[0, 0]).all(axis=2))
    return any(np.array_equal(sheet[y : y + height, x : x + width], picture) for y, x in starts)


def test_the_sheet_shows_what_the_first_steps_will_train_on(preview, tmp_path):
    assert preview("-n", "2", "--stage", "2") == (0, "base.preview.png\n", "")
    sheet = read_rgb(tmp_path / "base.preview.png")
    recipe = load_recipe(tmp_path / "r.toml")
    stage = recipe.stages[1]
    (drawn,) = batches(stage_samples(recipe, stage), first=0, count=1, batch=2, workers=0)
    batch = degrade(drawn, stage.degradations, drawn.chosen.device)
    for images in (batch.sharp, batch.degraded):
        for image in images:
            assert holds(sheet, (image * 255).round().byte().permute(1, 2, 0).numpy())


def test_what_was_drawn_is_written_below(monkeypatch, tmp_path, preview):
    seen = []
    monkeypatch.setattr(
        "restorekit.data.preview.contact_sheet", lambda rows, captions, header: seen.append((rows, captions))
    )
    recipe = load_recipe(tmp_path / "r.toml")
    preview_sheet(recipe, recipe.stages[1], 1)
    (((sharp, degraded, kernel),), ((name, words, size),)) = seen[0]
    assert words == "camera_shake\ngaussian_noise sigma 0.05"
    assert sharp.shape == degraded.shape == (64, 64, 3) and kernel.shape[0] % 18 == 0, (
        "four kernels of 9 in a grid"
    )
    assert name in ("astronaut", "cat", "coffee", "rocket") and size.endswith(" px")


def test_kernels_alone(preview, tmp_path):
    assert preview("--kernels", "-n", "10", "--stage", "2", "-o", "k.png") == (0, "k.png\n", "")
    height, width = read_rgb(tmp_path / "k.png").shape[:2]
    assert width > 8 * 90 and 2 * 90 < height < 3 * 130


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stage", "3"), "r.toml has 2 stages, no stage 3; give 1 to 2"),
        (("--kernels",), "no degradation of this stage draws a kernel; preview the images instead"),
        (("-o", "r.toml"), "r.toml: already exists; give --overwrite"),
        (("-o", "x.txt"), "x.txt: cannot write this kind of file; "),
        (("--set", "data.size=608"), "is too small for the 608 px crop"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(preview, tmp_path, arguments, message):
    status, out, err = preview(*arguments)
    assert (status, out) == (2, "")
    assert message in err and err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["r.toml"]
