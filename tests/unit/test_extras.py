"""What is not installed is named in a line, before anything is done."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from restorekit import RestorekitError
from restorekit.extras import EXTRAS, install_of, need

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
BARE = """
import sys
for name in ("torch", "timm", "albumentations", "scipy", "skimage"):
    sys.modules[name] = None
from restorekit.cli import main
sys.argv[0] = "restorekit"
main()
"""


def test_the_table_has_the_extras_of_the_package():
    optional = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["optional-dependencies"]
    assert EXTRAS.keys() == optional.keys() - {"all", "browser", "test", "fuzz", "dev", "docs"}
    every = " ".join(optional["all"])
    assert all(name in every or name in " ".join(optional["train"]) for name in EXTRAS)


def test_restoring_asks_for_none_of_them():
    wanted = " ".join(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["dependencies"])
    assert not [name for name in ("torch", "scipy", "scikit-image", "timm", "albument") if name in wanted]


def test_what_is_missing_is_named(monkeypatch):
    need("train", "this test")
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(RestorekitError) as raised:
        need("train", "this test")
    assert str(raised.value) == "this test needs torch, scipy; pip install 'restorekit[train]'"
    need("train", "this test", "timm")


def test_modules_are_found_in_the_smallest_extra():
    assert install_of(["scipy"]) == "pip install 'restorekit[classical]'"
    assert install_of(["scipy", "torch"]) == "pip install 'restorekit[train]'"
    assert install_of(["strange"]) == "pip install strange"


def bare(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-c", BARE, *map(str, arguments)], capture_output=True, text=True, cwd=folder
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "face_mt_tiny"),
        ("bench", "train", "face_mt_tiny"),
        ("preview", "face_mt_tiny"),
        ("evaluate", "--data", "."),
        ("protocol", "make", "faces80", "-o", "out"),
        ("import", "x.pth", "-o", "out"),
        ("export", "kernel-unet", "out.onnx"),
        ("restore", "a.png", "--model", "wiener"),
    ],
    ids=" ".join,
)
def test_a_command_that_lacks_something_says_what_and_does_nothing(tmp_path, arguments):
    from restorekit.images import write_rgb

    if "a.png" in arguments:
        import numpy as np

        write_rgb(tmp_path / "a.png", np.zeros((32, 32, 3), np.uint8))
    done = bare(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and "pip install 'restorekit[" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"a.png"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("list",), "wiener"),
        (("show", "restorer", "pan2014"), "pan2014"),
        (("check", "kernel_unet", "--set", "data.train.path=.", "--set", "validation.source.path=."), "good"),
        (
            ("doctor",),
            "train lacks torch, timm, albumentations, scipy, skimage; pip install 'restorekit[train]'",
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_only_reads_needs_none(tmp_path, arguments, words):
    done = bare(tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    assert words in done.stdout
