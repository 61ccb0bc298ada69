"""The contracts of trackers and engines."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from restorekit.contracts import Board, Engine, Restorer, TrackedRun, Tracker
from restorekit.testing.component import check_component
from restorekit.testing.lesson import demand, demanding, described

_START = "def start(self, run):\n    return MyBoard(run.folder / 'numbers.txt')"


def check_tracker(tracker: Tracker) -> None:
    """Check a tracker: it shows numbers and pictures of a run in a folder, and ends.

    Raises:
        AssertionError: It breaks the contract.
    """
    check_component(tracker, Tracker)
    name = type(tracker).__name__
    with TemporaryDirectory() as folder:
        with demanding(f"{name} does not start", "start begins to show a run", _START):
            board = tracker.start(TrackedRun(Path(folder), "project", {"seed": 1}, 0))
        demand(
            isinstance(board, Board), f"{name} started {described(board)}", "start returns a Board", _START
        )
        with demanding(
            f"the board of {name} failed",
            "a board takes numbers by name, pictures of H,W,3 uint8, and then ends",
            "def log(self, values, step):\n    self.file.write(f'{step} {values}\\n')",
        ):
            board.log({"lr": 0.1, "terms/l1/image/0": 0.5}, 1)
            board.picture("samples", np.zeros((4, 6, 3), np.uint8), 1)
            board.finish()


def check_engine(engine: Engine, file: Path) -> None:
    """Check an engine on a file that it can load.

    Args:
        engine: The component.
        file: A model of its kind, small enough to run.

    Raises:
        AssertionError: It breaks the contract.
    """
    check_component(engine, Engine)
    name = type(engine).__name__
    demand(
        engine.suffix.startswith(".") and engine.suffix == engine.suffix.lower(),
        f"the suffix of {name} is {engine.suffix!r}",
        "it is how its files end, in lower case, with the dot",
        'suffix: ClassVar[str] = ".onnx"',
    )
    with demanding(f"{name} does not load {file.name}", "load returns a restorer", "return MyRestorer(file)"):
        restorer = engine.load(file, "cpu")
        images = np.random.default_rng(0).random((1, 32, 40, 3), np.float32)
        restored = restorer.restore_arrays(images)
    scale = restorer.footprint.scale
    demand(
        isinstance(restorer, Restorer) and restored.shape == (1, 32 * scale, 40 * scale, 3),
        f"{name} loaded {described(restorer)}, which made {described(restored)} of {described(images)}",
        "what it loads is a Restorer, which keeps the size of pictures, or enlarges them by its footprint's scale",
        "class MyRestorer(restorekit.Restorer): ...",
    )
