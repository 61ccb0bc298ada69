"""What a library says of its arguments, a command says of its options; and no library names an option itself."""

import ast
import re
from pathlib import Path

import pytest

import restorekit
from restorekit.cli.options import own_options
from restorekit.errors import RecipeError, RestorekitError

HOME = Path(restorekit.__file__).parent


def test_arguments_become_options():
    with pytest.raises(RestorekitError) as raised, own_options("half", "max_size", "network"):
        raise RestorekitError(
            "network=unet: is there", "leave out half=true, or give max_size=12 to a=b.onnx"
        )
    assert (
        str(raised.value) == "--network unet: is there; leave out --half, or give --max-size 12 to a=b.onnx"
    )


def test_those_of_every_problem_do():
    with pytest.raises(RecipeError) as raised, own_options("network"):
        raise RecipeError(["network=unet: no key 'a'", "network=unet: no key 'b'"])
    assert raised.value.message == "--network unet: no key 'a'\n--network unet: no key 'b'"


def test_a_command_does_so(run_cli, tmp_path):
    (tmp_path / "a.onnx").touch()
    said = "error: a.onnx: already exists; give --overwrite, or another name\n"
    assert run_cli("export", "kernel-unet", "a.onnx") == (2, "", said)


def options_in(file):
    """Texts that are not docstrings and name an option, but for whole commands to type."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        inner = ast.iter_child_nodes(node)
        for text in (each.value for each in inner if isinstance(each, ast.Constant)):
            if isinstance(node, ast.Expr) or not isinstance(text, str):
                continue
            if re.search(r"(^|\s)--[a-z][a-z-]*(?![a-z:-])", text) and not re.search(
                r"restorekit [a-z]+ |pip install", text
            ):
                yield text


def test_no_library_room_names_an_option():
    files = [
        file for file in HOME.rglob("*.py") if not {"cli", "templates"} & set(file.relative_to(HOME).parts)
    ]
    assert len(files) > 100
    assert {str(file): found for file in files if (found := list(options_in(file)))} == {}


@pytest.mark.parametrize("tile", ["0", "-1", "1.5", "²", "9" * 5000])
def test_a_tile_that_is_no_number_of_pixels_is_refused(run_cli, tmp_path, tile):
    (tmp_path / "a.png").touch()
    status, out, err = run_cli("deblur", "a.png", "-o", "b.png", "--tile", tile)
    assert (status, out) == (2, "") and err.startswith(f"error: --tile {tile[:9]}") and err.count("\n") == 1
