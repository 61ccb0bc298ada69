"""The page of ``--web``, on this machine alone."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from restorekit.cli.output import one_line

if TYPE_CHECKING:
    from restorekit.cli.restore_options import Method
    from restorekit.framing import Framing


def open_page(method: Method, framing: Framing, max_pixels: int) -> None:
    """Serve the page until Ctrl-C, its address on stdout; the options are what it begins with.

    Raises:
        RestorekitError: Gradio is not installed, the model cannot be loaded, or no port is free.
    """
    from restorekit.web.serve import gradio_folder, serve

    try:
        with gradio_folder() as folder:
            from restorekit.web.choice import Models
            from restorekit.web.desk import Desk

            models = Models(method.model, method.device, method.engine)
            print(one_line(models.terms(models.names[0])), file=sys.stderr)
            desk = Desk(folder, models, framing, method.side, max_pixels)

            def ready(address: str) -> None:
                print(address, flush=True)
                print("open it in a browser; Ctrl-C ends it", file=sys.stderr)

            serve(desk, method.strength, ready)
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(130)  # a thread may be computing: ending Python around it, as usual, aborts the process
