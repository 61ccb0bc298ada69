"""The run directory: opened anew, or to go on in."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

from restorekit.errors import RestorekitError
from restorekit.recipe import Recipe
from restorekit.training.log import environment


def open_run(recipe: Recipe, folder: Path, *, resume: bool, overwrite: bool) -> Path:
    """Prepare ``folder`` for a run and write the resolved recipe and the environment into it.

    Raises:
        RestorekitError: It holds something already and neither flag is given, or it holds nothing to resume.
    """
    written = folder / "recipe.toml"
    if resume:
        if not written.exists():
            raise RestorekitError(f"nothing to resume in {folder}", "train without --resume")
        before = tomllib.loads(written.read_text(encoding="utf-8"))
        for key in changed_keys(before, recipe.table()):
            print(f"changed since the run began: {key}")
    elif folder.exists() and any(folder.iterdir()):
        if not (overwrite and written.exists()):
            hint = "use --resume or --overwrite" if written.exists() else "choose another directory with -o"
            raise RestorekitError(f"{folder} is not empty", hint)
        shutil.rmtree(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written.write_text(recipe.dumps(), encoding="utf-8")
        (folder / "environment.json").write_text(json.dumps(environment(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise RestorekitError(
            f"cannot write {folder}: {error.strerror}", "choose another directory with -o"
        ) from None
    return folder


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
