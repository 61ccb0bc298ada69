"""``restorekit deblur --web``: the page, on this machine alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from restorekit.cli.output import answer, say

if TYPE_CHECKING:
    from restorekit.restore.steady import Tile
    from restorekit.web.desk import Faces


def open_page(
    model: str | None,
    device: str,
    engine: str | None,
    faces: Faces,
    detector: Path | None,
    strength: float,
    tile: Tile,
    max_pixels: int,
) -> None:
    """Serve the page until Ctrl-C, its address on stdout; the options of deblur are what it begins with.

    Raises:
        RestorekitError: Gradio is not installed, the model cannot be loaded, or no port is free.
    """
    from restorekit.web.serve import gradio_folder, serve

    try:
        with gradio_folder() as folder:
            from restorekit.web.choice import Models
            from restorekit.web.desk import Desk

            models = Models(model, device, engine)
            say(models.terms(models.names[0]))
            desk = Desk(folder, models, detector, tile, max_pixels)

            def ready(address: str) -> None:
                answer(address)
                say("open it in a browser; Ctrl-C ends it")

            serve(desk, faces, strength, ready)
    except (KeyboardInterrupt, SystemExit) as ended:
        status = ended.code if isinstance(ended, SystemExit) else 130
        sys.stdout.flush()
        # A thread may be computing: ending Python around it, as usual, aborts the process.
        os._exit(status if isinstance(status, int) else 1)
