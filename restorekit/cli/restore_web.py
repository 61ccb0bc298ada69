"""The page of ``--web``, on this machine alone."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from restorekit.cli.output import answer, say

if TYPE_CHECKING:
    from restorekit.cli.restore_options import Method
    from restorekit.framing import Framing


def open_page(method: Method, framing: Framing, max_pixels: int) -> None:
    """Serve the page until Ctrl-C, its address on stdout; the options are what it begins with.

    Raises:
        RestorekitError: What serves is not installed, the model cannot be loaded, or no port is free.
    """
    from restorekit.web.serve import page_folder, serve, tell

    try:
        with page_folder() as folder:
            from restorekit.web.choice import Models
            from restorekit.web.desk import Desk
            from restorekit.web.studio import Studio

            models = Models(method.model, method.device, method.engine)
            say(models.terms(models.names[0]))
            desk = Desk(folder, Studio(models, framing, method.side, max_pixels), tell)

            def ready(address: str) -> None:
                answer(address)
                say("open it in a browser; Ctrl-C ends it")

            serve(desk, method.strength, ready)
    except (KeyboardInterrupt, SystemExit) as ended:
        status = ended.code if isinstance(ended, SystemExit) else 130
        sys.stdout.flush()
        # A thread may be computing: ending Python around it, as usual, aborts the process.
        os._exit(status if isinstance(status, int) else 1)
