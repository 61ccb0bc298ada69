"""Serve the page on this machine alone, and leave nothing behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from restorekit.errors import RestorekitError
from restorekit.web.desk import UPLOADED, Desk

LOOPBACK = "127.0.0.1"


@contextmanager
def gradio_folder() -> Iterator[Path]:
    """Set Gradio up before it is imported: its files in a folder that is deleted at the end, and no word to anybody.

    Raises:
        RestorekitError: It is not installed.
    """
    with TemporaryDirectory(prefix="restorekit-web-", ignore_cleanup_errors=True) as folder:
        direct = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
        os.environ |= {
            "GRADIO_TEMP_DIR": folder,
            "GRADIO_ANALYTICS_ENABLED": "False",
            "no_proxy": f"{direct},{LOOPBACK}".strip(
                ","
            ),  # Gradio calls its own page once; no proxy knows it
        }
        try:
            import gradio  # noqa: F401
        except ImportError:
            raise RestorekitError("the page needs an extra", "pip install 'restorekit[demo]'") from None
        yield Path(folder)


def serve(desk: Desk, strength: float, ready: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C.

    Args:
        desk: What does the work, in the folder that `gradio_folder` gives.
        strength: The strength to begin with, in [0, 1].
        ready: Told of the page's address.

    Raises:
        KeyboardInterrupt: It was ended by Ctrl-C.
        RestorekitError: No port is free.
    """
    import gradio as gr
    from starlette.middleware import Middleware

    from restorekit.web.gate import PHOTO, Gate
    from restorekit.web.page import STYLE, build_page

    page = build_page(desk, strength)
    try:
        _, address, _ = page.launch(
            server_name=LOOPBACK,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            inbrowser=False,
            show_error=False,
            ssr_mode=False,
            mcp_server=False,
            max_file_size=PHOTO,
            app_kwargs={"middleware": [Middleware(Gate, folder=desk.folder)]},
            pwa=False,
            enable_monitoring=False,
            run_history=False,  # else a browser keeps copies of the photos
            footer_links=[],
            css=STYLE,
            theme=gr.themes.Default(font="system-ui", font_mono="monospace"),  # no fonts from elsewhere
        )
    except OSError as error:
        raise RestorekitError(
            f"the page cannot be served ({error})", "set GRADIO_SERVER_PORT to a port that is free"
        ) from None
    try:
        ready(address)
        while True:
            time.sleep(UPLOADED / 4)
            desk.sweep()
    finally:
        page.close(verbose=False)
