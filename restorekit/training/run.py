"""The run directory: opened anew, or to go on in."""

from __future__ import annotations

import json
import shutil
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restorekit.errors import RestorekitError
from restorekit.recipe import Recipe
from restorekit.training.log import environment
from restorekit.whole import write_whole


def check_run(folder: Path, *, resume: bool, overwrite: bool) -> None:
    """See that a run may begin, or go on, in ``folder``; nothing is changed yet.

    Raises:
        RestorekitError: It holds something already and neither flag is given, or it holds nothing to resume.
    """
    if folder.exists() and not folder.is_dir():
        raise RestorekitError(f"{folder} is not a directory", "choose another directory with -o")
    is_run = (folder / "recipe.toml").exists()
    if resume and not is_run:
        raise RestorekitError(f"nothing to resume in {folder}", "train without --resume")
    if not resume and folder.exists() and any(folder.iterdir()) and not (overwrite and is_run):
        hint = "use --resume or --overwrite" if is_run else "choose another directory with -o"
        raise RestorekitError(f"{folder} is not empty", hint)


def write_run(folder: Path, recipe: Recipe, weights: Mapping[str, float | None], *, resume: bool) -> None:
    """Write the resolved recipe and the environment into ``folder``, after removing an earlier run unless resumed.

    Raises:
        RestorekitError: The directory cannot be written.
    """
    written = folder / "recipe.toml"
    if resume:
        before, now = tomllib.loads(written.read_text(encoding="utf-8")), recipe.table(weights)
        for old, new in zip(before["loss"], now["loss"], strict=False):
            if new["weight"] == "auto":  # found before, but not yet saved: it will be found again
                old["weight"] = "auto"
        for key in changed_keys(before, now):
            print(f"changed since the run began: {key}", file=sys.stderr)
    try:
        if not resume and written.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        write_recipe(folder, recipe, weights)
        write_whole(folder / "environment.json", (json.dumps(environment(), indent=2) + "\n").encode())
    except OSError as error:
        raise RestorekitError(f"cannot write {folder}: {error}", "choose another directory with -o") from None


def write_recipe(folder: Path, recipe: Recipe, weights: Mapping[str, float | None]) -> None:
    """Write the resolved recipe with the loss weights that were found."""
    write_whole(folder / "recipe.toml", recipe.dumps(weights).encode())


def changed_keys(before: Any, now: Any, at: str = "") -> list[str]:
    """List the dotted keys whose values differ between two recipes."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = sorted(before.keys() | now.keys())
        return [
            k for key in keys for k in changed_keys(before.get(key), now.get(key), f"{at}.{key}".strip("."))
        ]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        pairs = enumerate(zip(before, now, strict=True))
        return [k for i, (old, new) in pairs for k in changed_keys(old, new, f"{at}.{i}")]
    return [] if before == now else [at]
