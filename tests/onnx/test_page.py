"""The examples of the page on exporting run as they stand there."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PAGE = Path(__file__).parents[2] / "docs" / "export.md"


@pytest.fixture
def blocks(shipped, tmp_path, monkeypatch):
    """The page's pieces of Python, in a folder that has their files."""
    (tmp_path / "face.onnx").write_bytes(shipped.read_bytes())
    Image.fromarray(np.full((40, 56, 4), 99, np.uint8)).save(tmp_path / "face.png")
    monkeypatch.chdir(tmp_path)
    return re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)


def test_another_program_finds_all_that_it_needs_in_the_file(blocks, capsys):
    names = {}
    exec(blocks[0], names)
    assert capsys.readouterr().out == "kernel-unet 16\n"
    assert names["restored"].shape == (1, 3, 128, 128)


def test_a_picture_of_pillow_is_restored_from_python(blocks):
    exec(blocks[1], {})
    with Image.open("restored.png") as restored:
        assert (restored.mode, restored.size) == ("RGBA", (56, 40))
