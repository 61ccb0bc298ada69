"""The page on one's own faces: its command cuts a face out, and its recipe goes on from the shipped weights."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from restorekit.cli import main
from restorekit.images import read_rgb
from restorekit_faces import yunet
from restorekit_faces.detect import Face

PAGE = Path(__file__).parents[2] / "docs" / "your-own-faces.md"
RESTOREKIT = [sys.executable, "-c", "from restorekit.cli import main; main()"]
PHOTO = data.astronaut()
LANDMARKS = np.array([(202.8, 103.1), (245.9, 103.2), (223.5, 125.4), (204.6, 143.8), (241.7, 143.6)])
EDGE = np.s_[50:, 170:]


def block(title):
    (text,) = re.findall(rf'```\w+ title="{re.escape(title)}"\n(.*?)```', PAGE.read_text("utf-8"), re.S)
    return text


def find(pixels):
    """Stand in for the detector, which needs a file: the astronaut's face in her photo, or in the part of it."""
    shift = 0 if pixels.shape == PHOTO.shape else (170, 50)
    return [Face((180, 63, 90, 112), LANDMARKS - shift, 0.9)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    for part in ("train", "val"):
        (folder / "photos" / part).mkdir(parents=True)
        Image.fromarray(PHOTO).save(folder / "photos" / part / "astronaut.png")
    Image.fromarray(PHOTO[EDGE]).save(folder / "photos" / "train" / "edge.png")
    (folder / "mine.toml").write_text(block("mine.toml"), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(yunet, "load_detector", lambda path: find)
        patch.setattr(sys, "argv", shlex.split(block("faces")))
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code
    return folder


def test_the_eyes_come_to_lie_where_the_recipe_expects_them(folder):
    face = read_rgb(folder / "faces" / "train" / "astronaut.png.1.png").mean(axis=2)
    assert face.shape == (218, 178)
    for x in (70, 107):
        pupil = face[110:117, x - 3 : x + 4].min()
        assert pupil < face[121:129, x - 4 : x + 5].min(), "an eye is darker than the cheek below it"


def test_a_face_too_near_the_border_is_left_out(folder):
    assert sorted(path.relative_to(folder / "faces").as_posix() for path in folder.glob("faces/*/*")) == [
        "train/astronaut.png.1.png",
        "val/astronaut.png.1.png",
    ]


def test_the_recipe_goes_on_from_the_shipped_weights(folder):
    options = ["stage.0.steps=1", "data.batch=1", "data.workers=0", "degradation.0.kernels=0"]
    command = [*RESTOREKIT, "train", "mine.toml", "--init", "kernel-unet"]
    for option in options:
        command += ["--set", option]
    done = subprocess.run(command, cwd=folder, check=True, text=True, stdout=subprocess.PIPE)
    assert done.stdout.split() == [str(Path("runs") / "mine" / "bundle")]
    assert (folder / "runs" / "mine" / "bundle" / "model.safetensors").is_file()
