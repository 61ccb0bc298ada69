"""Serve the page on this machine alone, and leave nothing behind."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from restorekit.errors import RestorekitError, brief
from restorekit.web.desk import Desk

LOOPBACK = "127.0.0.1"

PORTS = range(7860, 7960)
"""Where it is served: at the first that is free, or at RESTOREKIT_WEB_PORT."""

SWEEP = 5.0
"""Seconds between looks for visitors who have left."""


@contextmanager
def page_folder() -> Iterator[Path]:
    """Give a folder that is deleted at the end, for photos and results.

    Raises:
        RestorekitError: What serves is not installed.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise RestorekitError("the page needs an extra", "pip install 'restorekit[demo]'") from None
    with TemporaryDirectory(prefix="restorekit-web-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def serve(desk: Desk, strength: float, ready: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C.

    Args:
        desk: What does the work, in the folder that `page_folder` gives.
        strength: The strength to begin with, in [0, 1].
        ready: Told of the page's address.

    Raises:
        KeyboardInterrupt: It was ended by Ctrl-C.
        RestorekitError: No port is free, or what RESTOREKIT_WEB_PORT names is none.
    """
    import uvicorn

    from restorekit.web.app import build_app
    from restorekit.web.gate import Gate

    listening = _listening()
    settings = uvicorn.Config(
        Gate(build_app(desk, strength), tell),
        log_config=None,
        log_level=100,  # what a request gets wrong is answered, and nobody at the terminal need know
        access_log=False,
        http="h11",
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(settings)
    with listening:
        running = threading.Thread(
            target=server.run, args=([listening],), daemon=True
        )  # which leaves signals to us
        running.start()
        desk.open()
        try:
            ready(f"http://{LOOPBACK}:{listening.getsockname()[1]}/")
            while True:
                time.sleep(SWEEP)
                desk.sweep()
        finally:
            server.should_exit = True
            running.join(5)


def tell(error: Exception) -> None:
    """Say at the terminal, in one line, that something went wrong that nobody expected."""
    print(f"error: {type(error).__name__}: {brief(error)}", file=sys.stderr, flush=True)


def _ports() -> Sequence[int]:
    """Return those to try: the one that was asked for alone."""
    asked = os.environ.get("RESTOREKIT_WEB_PORT", "")
    if not asked:
        return PORTS
    if not (asked.isascii() and asked.isdecimal() and 0 < int(asked[:6]) < 2**16):
        raise RestorekitError(
            f"RESTOREKIT_WEB_PORT={brief(asked)}: is not a port", "give a number from 1 to 65535, or unset it"
        )
    return [int(asked)]


def _listening() -> socket.socket:
    for port in _ports():
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name != "nt")
        try:
            made.bind((LOOPBACK, port))
            made.listen(128)
        except OSError:
            made.close()
            continue
        return made
    raise RestorekitError(
        "the page cannot be served, as no port is free", "set RESTOREKIT_WEB_PORT to one that is"
    )
