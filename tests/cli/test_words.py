"""The terminal belongs to the user: whatever a file, a recipe or an argument is called, it is a line of text."""

import os

import numpy as np
import pytest
from tiny_recipe import RECIPE

from restorekit.images import write_rgb

BAD = "\x1b]0;owned\x07\x1b[31mred\nr.toml: good, 7 steps\r\u202e"
TEXT = BAD.encode("unicode_escape").decode().replace("\\x", "\\u00")  # as TOML writes it


@pytest.fixture
def said(run_cli):
    """Run a command line; gives its status, and all that it wrote."""

    def run(*arguments):
        status, out, err = run_cli(*arguments)
        return status, out + err

    return run


def harmless(text):
    return all(line.isprintable() for line in text.split("\n")) and "\nr.toml: good" not in text


RECIPES = {
    "key": RECIPE + f'"{TEXT}" = 1\n',
    "table": RECIPE + f'["{TEXT}"]\na = 1\n',
    "name": RECIPE.replace("tiny", TEXT),
    "network": RECIPE.replace("face_multitask_unet", TEXT),
    "loss": RECIPE.replace('losses = ["l1"]', f'losses = ["{TEXT}"]'),
    "loss's name": RECIPE.replace('type = "l1"', f'type = "l1"\nname = "{TEXT}"\nweight = -1'),
    "task": RECIPE.replace('"image"', f'"{TEXT}"'),
    "source": RECIPE.replace("samples", TEXT),
    "path": RECIPE.replace('{ type = "samples" }', f'{{ type = "folder", path = "{TEXT}" }}'),
    "extends": f'extends = "{TEXT}"\n',
    "syntax": RECIPE + BAD,
    "key of a component": RECIPE.replace("blocks", f'"{TEXT}"'),
    "value": RECIPE.replace("size = 32", f'size = "{TEXT}"'),
}


@pytest.mark.parametrize("place", RECIPES)
def test_check_quotes_no_recipe_raw(place, said, tmp_path):
    (tmp_path / "r.toml").write_text(RECIPES[place], encoding="utf-8", newline="")
    status, text = said("check", "r.toml")
    assert status == (0 if place == "path" else 2) and harmless(text), text  # it reads no pictures


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", BAD),
        ("check", "face_mt", "--set", f"{BAD}=1"),
        ("check", "face_mt", "--set", f"name={BAD}"),
        ("check", "face_mt", "--set", BAD),
        ("show", "network", BAD),
        ("show", BAD, "x"),
        ("list", BAD),
        ("deblur", BAD),
        ("deblur", f"--{BAD}"),
        ("deblur", "a.png", "--model", BAD),
        ("deblur", "a.png", "--device", BAD),
        ("deblur", "a.png", "--tile", BAD),
        ("deblur", "a.png", "--strength", BAD),
        ("pull", BAD),
        ("pull", f"a/b@{BAD}"),
        ("evaluate", "--data", BAD),
        ("evaluate", "--model", BAD, "--data", "."),
        ("import", BAD, "-o", "out"),
        ("export", BAD, "out.onnx"),
        ("new", "plugin", BAD),
        ("train", BAD),
        ("preview", BAD),
        (BAD,),
    ],
    ids=lambda arguments: " ".join(arguments).replace(BAD, "BAD"),
)  # fmt: skip
def test_no_argument_is_quoted_raw(arguments, said, tmp_path):
    write_rgb(tmp_path / "a.png", np.zeros((32, 32, 3), np.uint8))
    status, text = said(*arguments)
    assert status == 2 and harmless(text), text


def test_no_name_of_a_picture_is_written_raw(said, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number, name in enumerate(("\x1b[31m.png", "a\nb.png", "\u202egnp.png", os.fsdecode(b"\xff.png"))):
        write_rgb(folder / name, np.full((32, 32, 3), number, np.uint8))
    (folder / "\x1b[2J.jpg").write_bytes(b"no picture")
    for more in ((), ("--json",)):
        status, text = said("deblur", "in", "-o", f"out{len(more)}", "--faces", "off", *more)
        assert status == 1 and harmless(text), text
        assert len(os.listdir(f"out{len(more)}")) == 4
