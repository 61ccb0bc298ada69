"""Who may ask the page for anything: this machine's own browser, for this page."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_HERE = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?")

_HEADERS = {
    "content-security-policy": "default-src 'none'; connect-src 'self'; img-src 'self' data:; media-src 'self';"
    " script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Sent with every answer: nothing comes from elsewhere, nobody frames the page, and no browser keeps photos."""


class Gate:
    """Answers for the application what it need not see; an ASGI middleware.

    Another website may make a browser send requests here, under its own name (``Origin``) or, by DNS rebinding, under
    a name of its own for this machine (``Host``).

    Args:
        app: The application.
        failed: Told of an error that the application did not expect, and has answered.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], failed: Callable[[Exception], None]) -> None:
        self._app, self._failed = app, failed

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", ()), *more]}
            await send(message)

        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        status, why = _refusal(headers)
        if status:
            sent = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
            await answer({"type": "http.response.start", "status": status, "headers": sent})
            await answer({"type": "http.response.body", "body": why.encode()})
            return
        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            self._failed(error)


def _refusal(headers: dict[str, str]) -> tuple[int, str]:
    """Return the status and the reason of a refusal; 0 if there is none."""
    host, origin = headers.get("host", "").lower(), headers.get("origin")
    if not _HERE.fullmatch(host):
        return 421, "this page is for this machine alone"
    fetched = headers.get("sec-fetch-site", "none") in ("cross-site", "same-site")
    if (origin is not None and origin.lower() != f"http://{host}") or (
        fetched and headers.get("sec-fetch-mode") != "navigate"
    ):
        return 403, "another website may not ask for this"
    return 0, ""
