"""The page on one's own faces: its script cuts a face out, and its recipe goes on from the shipped weights."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "your-own-faces.md"
RESTOREKIT = [sys.executable, "-c", "from restorekit.cli import main; main()"]
EYES = "202.5,101,246.5,103"


def block(title):
    (text,) = re.findall(rf'```\w+ title="{re.escape(title)}"\n(.*?)```', PAGE.read_text("utf-8"), re.S)
    return text


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from PIL import Image
    from skimage import data

    folder = tmp_path_factory.mktemp("faces")
    for part in ("train", "val"):
        (folder / "photos" / part).mkdir(parents=True)
        Image.fromarray(data.astronaut()).save(folder / "photos" / part / "astronaut.png")
    Image.fromarray(data.astronaut()[50:, 150:]).save(folder / "photos" / "train" / "edge.png")
    rows = [f"train/astronaut.png,{EYES}", f"val/astronaut.png,{EYES}", "train/edge.png,52.5,51,96.5,53"]
    (folder / "eyes.csv").write_text("\n".join(rows) + "\n")
    (folder / "mine.toml").write_text(block("mine.toml"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", block("align.py")], cwd=folder, check=True, text=True, stdout=subprocess.PIPE
    )
    (folder / "said").write_text(done.stdout)
    return folder


def test_the_eyes_come_to_lie_where_the_page_says(folder):
    import numpy as np
    from PIL import Image

    face = np.asarray(Image.open(folder / "faces" / "train" / "astronaut.png").convert("L"))
    assert face.shape == (154, 154)
    for x in (58, 95):
        pupil = face[55:62, x - 3 : x + 4].min()
        assert pupil < face[66:74, x - 4 : x + 5].min(), "an eye is darker than the cheek below it"


def test_a_face_too_near_the_edge_is_told_and_left_out(folder):
    assert "train/edge.png" in (folder / "said").read_text()
    assert not (folder / "faces" / "train" / "edge.png").exists()


def test_the_recipe_goes_on_from_the_shipped_weights(folder):
    options = ["stage.0.steps=1", "data.batch=1", "data.workers=0", "degradation.0.kernels=0"]
    command = [*RESTOREKIT, "train", "mine.toml", "--init", "face-mt-unet"]
    for option in options:
        command += ["--set", option]
    done = subprocess.run(command, cwd=folder, check=True, text=True, stdout=subprocess.PIPE)
    assert done.stdout.split() == [str(Path("runs") / "mine" / "bundle")]
    assert (folder / "runs" / "mine" / "bundle" / "model.safetensors").is_file()
