"""A run directory: whether a run may begin or go on in it, what a kill left there, and what has changed since."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from restorekit.errors import RestorekitError
from restorekit.recipe import Recipe, load_recipe
from restorekit.training.lock import LOCK
from restorekit.training.refusal import Refusal

RECIPE = "recipe.toml"


def check_start(folder: Path, *, resume: bool, overwrite: bool) -> None:
    """See that a run may begin, or go on, in ``folder``; nothing is changed yet.

    Raises:
        RestorekitError: It holds something already and neither flag is given, or it holds nothing to resume.
    """
    is_run = (folder / RECIPE).exists()
    if resume and not is_run:
        raise Refusal(f"nothing to resume in {folder}", "train without resume", "resume")
    if not resume and _contents(folder) and not (overwrite and is_run):
        if is_run:
            raise Refusal(f"{folder} is not empty", "resume or overwrite it", "resume", "overwrite")
        raise Refusal(f"{folder} is not empty", "choose another directory", "run")


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
                "resume with the optimiser it was made with, or begin again from the weights of its bundle",
            )


def empty(folder: Path) -> None:
    """Remove an earlier run, but for the lock; its recipe last, by which it is known for a run if that is cut short.

    Raises:
        OSError: Something cannot be removed.
    """
    for path in sorted(_contents(folder), key=lambda path: path.name == RECIPE):
        _remove(path)


def sweep(folder: Path) -> None:
    """Remove what a kill left half written, and put back what it left moved aside."""
    for path in (*folder.glob("*"), *folder.glob("state/*"), *folder.glob("samples/*")):
        if re.fullmatch(r"\.\w+\.part|(step|not-finite)-.*\.part|(bundle|best)\.part", path.name):
            _remove(path)
        elif re.fullmatch(r"(step-\d+|bundle|best)\.old", path.name):
            whole = path.with_suffix("")
            _remove(path) if whole.exists() else path.rename(whole)


def changes(folder: Path, recipe: Recipe) -> list[str]:
    """List the dotted keys in which ``recipe`` differs from that of the run in ``folder``, found weights aside.

    Raises:
        RecipeError: That cannot be read.
    """
    before, now = load_recipe(folder / RECIPE).table(), recipe.table()  # an earlier version knew fewer keys
    for old, new in zip(before["loss"], now["loss"], strict=False):
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


def _contents(folder: Path) -> list[Path]:
    """What lies in a run directory, beside the lock of the process that asks."""
    return [path for path in folder.iterdir() if path.name != LOCK] if folder.is_dir() else []


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
