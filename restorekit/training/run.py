"""The run directory: opened anew, or to go on in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from restorekit.errors import RestorekitError
from restorekit.recipe import Recipe
from restorekit.recipe.toml import read_toml
from restorekit.training.lock import LOCK
from restorekit.whole import write_whole


def check_run(folder: Path, *, resume: bool, overwrite: bool) -> None:
    """See that a run may begin, or go on, in ``folder``; nothing is changed yet.

    Raises:
        RestorekitError: It holds something already and neither flag is given, or it holds nothing to resume.
    """
    is_run = (folder / "recipe.toml").exists()
    if resume and not is_run:
        raise RestorekitError(f"nothing to resume in {folder}", "train without --resume")
    if not resume and _contents(folder) and not (overwrite and is_run):
        hint = "use --resume or --overwrite" if is_run else "choose another directory with -o"
        raise RestorekitError(f"{folder} is not empty", hint)


def check_optimizers(changed: Iterable[str], folder: Path) -> None:
    """See that a run to go on with has the optimisers that it had: what one has learnt is nothing to another.

    Args:
        changed: The keys that have changed.
        folder: The run directory.

    Raises:
        RestorekitError: One of them has changed.
    """
    for key in changed:
        if key.endswith("optim.type"):
            raise RestorekitError(
                f"the state in {folder} is of another recipe: {key} has changed",
                "resume with the optimiser it was made with, or start anew with --init",
            )


def write_run(
    folder: Path,
    recipe: Recipe,
    weights: Mapping[str, float | None],
    environment: Mapping[str, Any],
    *,
    resume: bool,
) -> None:
    """Write the resolved recipe and the environment into ``folder``, after removing an earlier run unless resumed.

    Raises:
        RestorekitError: The directory cannot be written.
    """
    try:
        if not resume:
            for path in _contents(folder):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        write_recipe(folder, recipe, weights)
        write_whole(folder / "environment.json", (json.dumps(environment, indent=2) + "\n").encode())
    except OSError as error:
        raise RestorekitError(f"cannot write {folder}: {error}", "choose another directory with -o") from None


def _contents(folder: Path) -> list[Path]:
    """What lies in a run directory, beside the lock of the process that asks."""
    return [path for path in folder.iterdir() if path.name != LOCK] if folder.is_dir() else []


def write_recipe(folder: Path, recipe: Recipe, weights: Mapping[str, float | None]) -> None:
    """Write the resolved recipe with the loss weights that were found."""
    write_whole(folder / "recipe.toml", recipe.dumps(weights).encode())


def changes(folder: Path, recipe: Recipe, weights: Mapping[str, float | None] | None = None) -> list[str]:
    """List the dotted keys in which ``recipe`` differs from that of the run in ``folder``, found weights aside.

    Raises:
        RestorekitError: That cannot be read.
    """
    before, _ = read_toml(folder / "recipe.toml", str(folder / "recipe.toml"))
    now = recipe.table(weights)
    for old, new in zip(before.get("loss", []), now["loss"], strict=False):
        if new["weight"] == "auto":  # found before, but not yet saved: it will be found again
            old["weight"] = "auto"
    return changed_keys(before, now)


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
