"""What importing costs, and that the public names are all there."""

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import restorekit

HEAVY = {"torch", "torchvision", "timm", "albumentations", "cv2", "skimage"}


def imported_by(statements):
    """Names of all top-level packages that a fresh interpreter has imported after ``statements``."""
    report = "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", statements + report], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_package_costs_next_to_nothing():
    before = "from __future__ import annotations; import importlib, typing"
    assert imported_by(f"{before}; import restorekit") - imported_by(before) == {"restorekit"}


def test_no_module_imports_torch_before_it_computes():
    modules = [m.name for m in pkgutil.walk_packages(restorekit.__path__, "restorekit.")]
    modules = [
        name for name in modules if not name.endswith("_module")
    ]  # the torch side, imported when built
    assert len(modules) > 50
    assert not HEAVY & imported_by("\n".join(f"import {name}" for name in modules))


def test_the_core_takes_of_its_lazy_root_the_version_alone():
    """What lint-imports cannot see: a name of the root stands for a room, whichever it lies in."""
    package = Path(restorekit.__file__).parent
    rooms = {path.stem for path in package.iterdir()}
    for file in package.rglob("*.py"):
        for names in re.findall(r"^ *from restorekit import (.+?)(?: +#.*)?$", file.read_text("utf-8"), re.M):
            assert set(names.split(", ")) <= rooms | {"__version__"}, file


@pytest.mark.parametrize("name", restorekit.__all__)
def test_every_public_name_is_there(name):
    assert getattr(restorekit, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Degredation'"):
        restorekit.Degredation  # noqa: B018


def test_it_is_typed():
    assert (Path(restorekit.__file__).parent / "py.typed").is_file()


def test_no_public_name_is_that_of_a_module():
    """Importing a module sets its name on the package, over the name that loads on first use."""
    modules = {module.name for module in pkgutil.iter_modules(restorekit.__path__)}
    assert not modules & set(restorekit.__all__)
