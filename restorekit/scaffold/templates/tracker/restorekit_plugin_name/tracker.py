"""The tracker ``plugin_name``: for a start, a line of text a record. Put yours in its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import restorekit


@dataclass(frozen=True)
class PluginName(restorekit.Tracker):
    """A file in the run directory, with a line of JSON for each record.

    Attributes:
        file: The file's name.
    """

    file: str = "plugin-name.jsonl"

    def start(self, run: restorekit.TrackedRun) -> restorekit.Board:
        """Go on in the file of a run."""
        return Lines(run.folder / self.file)


class Lines(restorekit.Board):
    """Writes lines."""

    def __init__(self, file: Path) -> None:
        self._stream = file.open("a", encoding="utf-8")

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Write numbers by name."""
        self._stream.write(json.dumps({"step": step, **values}) + "\n")

    def picture(self, name: str, picture: restorekit.Array, step: int) -> None:
        """Write the size of a picture."""
        self._stream.write(json.dumps({"step": step, name: list(picture.shape)}) + "\n")

    def finish(self) -> None:
        """Close the file."""
        self._stream.close()
