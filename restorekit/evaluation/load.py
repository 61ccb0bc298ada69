"""From a test set's recipe to a protocol: every fault is reported at once, and no torch is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from restorekit.errors import DataError, RestorekitError
from restorekit.evaluation.manifest import HINT
from restorekit.evaluation.protocol import Metrics, MetricStep, Protocol
from restorekit.recipe.compile import Compiler
from restorekit.recipe.load import read_model, shipped_folder, validated
from restorekit.recipe.toml import read_toml

USUAL = ("psnr", "ssim_rgb", "ssim_matlab3d")
"""The metrics of a stored set that names none."""


def load_protocol(test: str | Path, overrides: Sequence[str] = ()) -> Protocol:
    """Read, check and build the recipe of a test set.

    Args:
        test: A TOML file, or the name of a test set that restorekit ships (``faces80``).
        overrides: ``key=value`` each (``source.path=DIR``); paths in them are relative to the working directory.

    Raises:
        RecipeError: With one line for every fault found.
    """
    return read_model(Protocol, find_test(test), str(test), overrides)


def find_test(test: str | Path) -> Path:
    """Return the file of a test set, given by path or by the name of a shipped one (with or without ``.toml``)."""
    given, shipped = Path(test), shipped_tests()
    if given.is_file():
        return given
    near = given.parent in (Path(), Path("recipes/tests")) and given.suffix in ("", ".toml")
    if near and given.stem in shipped:
        return shipped[given.stem]
    raise RestorekitError(f"no test set '{test}'", f"give a TOML file, or one of: {', '.join(shipped)}")


def shipped_tests() -> Mapping[str, Path]:
    """The test sets that come with restorekit, by name."""
    return {file.stem: file for file in sorted((shipped_folder() / "tests").glob("*.toml"))}


def is_test(path: str | Path) -> bool:
    """Tell the recipe of a test set, by its file or the name of a shipped one, from any other recipe.

    Raises:
        RestorekitError: There is a file that cannot be read.
    """
    if not Path(path).is_file():
        return Path(path).stem in shipped_tests()
    table, _ = read_toml(Path(path), str(path))
    base = Path(path).parent / str(table.get("extends", ""))
    if base.is_file():
        table = read_toml(base, str(base))[0] | table
    return "metric" in table and "stage" not in table


def override(key: str, value: Any) -> str:
    """Write one key and its value as `load_protocol` takes them."""
    return f"{key}={tomli_w.dumps({'value': value}).partition('=')[2].strip()}"


def stored_metrics(protocol: Mapping[str, Any], shown: str) -> Mapping[str, MetricStep]:
    """Make the metrics that the manifest of a stored set names.

    Raises:
        DataError: They cannot be made; the manifest, called ``shown``, may be anybody's.
    """
    compiler = Compiler(Path())
    tables = {"metric": protocol.get("metric") or [{"type": name} for name in USUAL]}
    measured = validated(Metrics, compiler.table(Metrics, tables), compiler)
    if measured is None or compiler.problems:
        raise DataError(f"{shown}: its metrics cannot be used: {compiler.problems[0].message}", HINT)
    return measured.metrics
