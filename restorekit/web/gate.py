"""Who may ask the page for what: this machine's own browser, for what the page itself asks for, and not without end."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PHOTO, KEPT, WORDS = 2**28, 2**31, 2**20
"""Bytes of one upload, of all that is kept, and of any other request."""

_HERE = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?")
_UPLOAD = "/gradio_api/upload"
_ELSEWHERE = re.compile(r"\s*([a-z][a-z0-9+.-]*:|[/\\]{2})", re.IGNORECASE)
"""How an address begins that may be another machine's."""


class Gate:
    """Answers for the application what it need not see; an ASGI middleware.

    Another website may make a browser send requests here, under its own name (``Origin``) or, by DNS rebinding, under
    a name of its own for this machine (``Host``).

    Args:
        app: The application.
        folder: Where photos are kept.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], folder: Path) -> None:
        self._app, self._folder = app, folder

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        status, why = self._refusal(scope, headers)
        if not status and scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
            if scope["path"] == _UPLOAD:
                receive = _bounded(receive, PHOTO)
            else:
                body = await _read(receive)
                status, why = self._judged(body, headers["host"])
                receive = _again(body, receive)
        if not status:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            sent = [(b"content-type", b"text/plain"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": status, "headers": sent})
            await send({"type": "http.response.body", "body": why.encode()})
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, scope: Message, headers: dict[str, str]) -> tuple[int, str]:
        """Return the status and the reason of a refusal; 0 if there is none."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if not _HERE.fullmatch(host):
            return 421, "this page is for this machine alone"
        if origin is not None and origin.lower() != f"http://{host}":
            return 403, "another website may not ask for this"
        fetched = headers.get("sec-fetch-site", "none") in ("cross-site", "same-site")
        if fetched and headers.get("sec-fetch-mode") != "navigate":
            return 403, "another website may not ask for this"
        path = unquote(scope["path"])
        asked = path.partition("file=")[2] or path.partition("/file/")[2]
        if "/proxy=" in path or _ELSEWHERE.match(asked):
            return 403, "files of other machines are not fetched"
        if scope["path"] == _UPLOAD:
            length = headers.get("content-length", "0")
            if not length.isdecimal() or len(length) > 15 or int(length) > PHOTO:
                return 413, f"more than {PHOTO // 2**20} MiB"
            if _held(self._folder) > KEPT:
                return 413, "too many photos are kept; close their pages first"
        return 0, ""

    def _judged(self, body: bytes | None, host: str) -> tuple[int, str]:
        if body is None:
            return 413, f"more than {WORDS // 1024} KiB"
        try:
            foreign = self._names_others(json.loads(body), host) if body else False
        except (ValueError, RecursionError):
            return 400, "not JSON"
        return (403, "only photos that were dropped here are restored") if foreign else (0, "")

    def _names_others(self, tree: Any, host: str) -> bool:
        """Whether a file among what is sent is no upload of here."""
        if isinstance(tree, list):
            return any(self._names_others(each, host) for each in tree)
        if not isinstance(tree, dict):
            return False
        path, url = tree.get("path"), tree.get("url")
        if path is not None and not (isinstance(path, str) and self._has(path)):
            return True
        if url is not None and not (isinstance(url, str) and urlsplit(url).netloc in ("", host)):
            return True
        return any(self._names_others(each, host) for each in tree.values())

    def _has(self, path: str) -> bool:
        file, folder = Path(os.path.realpath(path)), Path(os.path.realpath(self._folder))
        return file.is_relative_to(folder) and file.is_file()


def _held(folder: Path) -> int:
    """Return the bytes of all files; a file or a folder that is deleted meanwhile counts nothing."""
    sizes = []
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                sizes.append(os.stat(os.path.join(place, name)).st_size)
            except OSError:
                continue
    return sum(sizes)


async def _read(receive: Receive) -> bytes | None:
    """Read a request's body; None if it is larger than words are."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)
        if len(body) > WORDS:
            return None
    return body


def _again(body: bytes | None, receive: Receive) -> Receive:
    """Give a body that was read, then what else comes."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _bounded(receive: Receive, most: int) -> Receive:
    """Receive no more than so many bytes, whatever was said of their number."""
    left = most

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            from starlette.exceptions import HTTPException

            raise HTTPException(413, f"more than {most // 2**20} MiB")
        return message

    return bounded
