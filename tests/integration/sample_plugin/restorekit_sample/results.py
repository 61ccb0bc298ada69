"""What a run and a test set say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from restorekit import Board, Metric, Tracker


@dataclass(frozen=True)
class RootMeanSquare(Metric):
    """Root of the mean squared difference."""

    definition: ClassVar[str] = (
        "Root of the mean squared difference in grey levels of 8-bit RGB, no border cut"
    )
    unit: ClassVar[str] = "levels"
    higher_is_better: ClassVar[bool] = False

    def __call__(self, prediction, target):
        """Compare H,W,3 uint8 with H,W,3 uint8."""
        return float(np.sqrt(np.square(prediction.astype(float) - target).mean()))


@dataclass(frozen=True)
class Lines(Tracker):
    """A line for each record, in ``sample-lines.txt`` of the run directory."""

    def start(self, run):
        """Open the file."""
        return FileBoard((run.folder / "sample-lines.txt").open("a"))


class FileBoard(Board):
    """Writes lines."""

    def __init__(self, file):
        self.file = file

    def log(self, values, step):
        """Write a line."""
        self.file.write(json.dumps({"step": step, **values}) + "\n")

    def picture(self, name, picture, step):
        """Write its size."""
        self.file.write(json.dumps({"step": step, name: picture.shape}) + "\n")

    def finish(self):
        """Close the file."""
        self.file.close()
