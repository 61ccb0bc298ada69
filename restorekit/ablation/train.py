"""Train what is planned, going on where an earlier call stopped."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from restorekit.ablation.plan import Run
from restorekit.errors import RestorekitError, one_line
from restorekit.training.folder import RECIPE, changes
from restorekit.training.loop import train
from restorekit.training.state import states


def check_runs(runs: Sequence[Run]) -> None:
    """See that what earlier calls trained is of the same plan.

    Raises:
        RestorekitError: A run directory was made with other keys.
    """
    for run in runs:
        if _begun(run) and (changed := changes(run.folder, run.recipe)):
            raise RestorekitError(
                f"{run.folder} was trained with another {changed[0]}",
                "give the same keys, or choose another directory",
            )


def train_runs(runs: Sequence[Run], device: str) -> None:
    """Train each run that is not finished, one after the other.

    Raises:
        RestorekitError: As `train` says.
    """
    for number, run in enumerate(runs, 1):
        if not finished(run):
            print(
                one_line(f"{number} of {len(runs)}: {run.row}, seed {run.seed}, {run.steps} steps"),
                file=sys.stderr,
            )
            saved = bool(states(run.folder / "state"))  # a kill may have come before the first one
            train(run.recipe, run.folder, device=device, resume=saved, overwrite=not saved)


def finished(run: Run) -> bool:
    """Whether the run's bundle has all its steps."""
    config = run.folder / "bundle" / "config.json"
    return config.exists() and json.loads(config.read_text(encoding="utf-8"))["steps"] == run.steps


def _begun(run: Run) -> bool:
    return (run.folder / RECIPE).exists()
