"""The page's requests: what each asks of the desk, as a Starlette application."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from restorekit.errors import RestorekitError, brief
from restorekit.web.asked import Unfit, name_of, numbers, place, sent, share
from restorekit.web.clip import kind_of
from restorekit.web.desk import Desk

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

PHOTO = 2**28
"""Bytes of one photo."""

_OFTEN = 0.2
"""Seconds after which a page is told of what is new."""

_STILL = 50
"""So many times nothing is told; then it is asked whether anybody listens."""

_SCRIPTS = "page.js", "compare.js", "elements.js", "clip.js"
_PARTS = {"page.css": "text/css"} | dict.fromkeys(_SCRIPTS, "text/javascript")

PRIVACY = "Photos stay on this machine, and are deleted when you close the page."


def build_app(desk: Desk, strength: float) -> Starlette:
    """Make the application.

    Args:
        desk: What does the work.
        strength: The strength to begin with, in [0, 1].
    """
    from starlette.applications import Starlette
    from starlette.routing import Route

    room = "/visits/{visitor}"
    photo = room + "/photos/{photo}"
    asked = _Asked(desk, strength)
    return Starlette(
        routes=[
            Route("/", asked.page),
            Route("/parts/{name}", asked.part),
            Route("/visits", _answered(asked.enter), methods=["POST"]),
            Route(room + "/events", _answered(asked.events)),
            Route(room + "/choice", _answered(asked.set), methods=["PUT"]),
            Route(room + "/photos", _answered(asked.bring), methods=["POST"]),
            Route(photo, _answered(asked.remove), methods=["DELETE"]),
            Route(photo + "/cancel", _answered(asked.cancel), methods=["POST"]),
            Route(photo + "/again", _answered(asked.again), methods=["POST"]),
            Route(photo + "/parts/{number:int}", _answered(asked.choose), methods=["PUT"]),
            Route(photo + "/{side}.jpg", _answered(asked.shown)),
            Route(photo + "/{side}/clip", _answered(asked.played)),
            Route(photo + "/file", _answered(asked.download)),
            Route(room + "/all", _answered(asked.download_all)),
        ]
    )


class _Asked:
    """One method for each request."""

    def __init__(self, desk: Desk, strength: float) -> None:
        self._desk, self._strength = desk, strength

    async def page(self, request: Request) -> Response:
        return _file("page.html", "text/html")

    async def part(self, request: Request) -> Response:
        name = request.path_params["name"]
        return _file(name, _PARTS[name]) if name in _PARTS else _words(404, "there is no such place")

    async def enter(self, request: Request) -> Any:
        studio = self._desk.studio
        terms = await _aside(studio.models.terms, studio.models.names[0])
        return {
            "visitor": self._desk.enter(), "models": studio.models.names, "ways": studio.ways,
            "strength": self._strength, "terms": terms, "privacy": PRIVACY,
        }  # fmt: skip

    async def events(self, request: Request) -> Any:
        from starlette.responses import StreamingResponse

        visitor = request.path_params["visitor"]
        self._desk.state(visitor)  # or there is none
        return StreamingResponse(_told(self._desk, visitor), media_type="text/event-stream")

    async def bring(self, request: Request) -> Any:
        visitor, name = request.path_params["visitor"], name_of(request.query_params.get("name", ""))
        length = request.headers.get("content-length", "")
        most, size = int(length[:15]) if length.isdecimal() else PHOTO, 0
        too_large = RestorekitError(f"{name}: is larger than {PHOTO // 2**20} MB")
        if most > PHOTO:
            raise too_large
        with self._desk.place(visitor, name, most) as path:
            with path.open("wb") as file:
                async for part in request.stream():
                    size += len(part)
                    if size > PHOTO:
                        raise too_large
                    await _aside(file.write, part)
            return {"photo": self._desk.take(visitor, path)}

    async def set(self, request: Request) -> Any:
        wanted = await sent(request, model=str, way=str)
        await _aside(self._desk.set, request.path_params["visitor"], wanted["model"], wanted["way"])
        return {"terms": await _aside(self._desk.studio.models.terms, wanted["model"])}

    async def choose(self, request: Request) -> Any:
        wanted = await sent(request, restore=bool)
        await _aside(self._desk.choose, *place(request), request.path_params["number"], wanted["restore"])
        return {}

    async def cancel(self, request: Request) -> Any:
        await _aside(self._desk.cancel, *place(request))
        return {}

    async def again(self, request: Request) -> Any:
        await _aside(self._desk.again, *place(request))
        return {}

    async def remove(self, request: Request) -> Any:
        await _aside(self._desk.remove, *place(request))
        return {}

    async def shown(self, request: Request) -> Any:
        from starlette.responses import Response

        if request.path_params["side"] not in ("before", "after"):
            raise Unfit
        box, most = numbers(request, "box", 4), numbers(request, "most", 1)
        side = request.path_params["side"]
        data = await _aside(self._desk.shown, *place(request), side, box or None, sum(most))
        return Response(data, media_type="image/jpeg")

    async def played(self, request: Request) -> Any:
        from starlette.responses import FileResponse

        if request.path_params["side"] not in ("before", "after"):
            raise Unfit
        path = await _aside(self._desk.played, *place(request), request.path_params["side"])
        return FileResponse(path, media_type=kind_of(path), stat_result=os.stat(path))

    async def download(self, request: Request) -> Any:
        return _saved(await _aside(self._desk.written, *place(request), share(request)))

    async def download_all(self, request: Request) -> Any:
        return _saved(await _aside(self._desk.packed, request.path_params["visitor"], share(request)))


def _answered(asked: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    """Answer as JSON, or with a line that says what was wrong."""

    async def answer(request: Request) -> Response:
        from starlette.requests import ClientDisconnect
        from starlette.responses import JSONResponse, Response

        try:
            made = await asked(request)
        except (KeyError, Unfit, FileNotFoundError):
            return _words(404, "there is no such place")
        except ClientDisconnect:
            return _words(400, "not all of it came")
        except RestorekitError as error:
            return _words(413, str(error))
        except OSError as error:
            return _words(507, f"cannot be kept ({error.strerror})")
        return made if isinstance(made, Response) else JSONResponse(made)

    return answer


async def _told(desk: Desk, visitor: str) -> AsyncIterator[str]:
    """Tell a page of its photos whenever something is new."""
    before, still = "", 0
    desk.listens(visitor, True)
    try:
        while True:
            now = json.dumps(desk.state(visitor))
            still = 0 if now != before else still + 1
            if now != before:
                yield f"data: {now}\n\n"
            elif still % _STILL == 0:
                yield ": still here\n\n"
            before = now
            await asyncio.sleep(_OFTEN)
    except KeyError:
        return
    finally:
        desk.listens(visitor, False)


async def _aside(call: Callable[..., Any], *arguments: Any) -> Any:
    """Call what takes a while in a thread."""
    from starlette.concurrency import run_in_threadpool

    return await run_in_threadpool(call, *arguments)


def _file(name: str, kind: str) -> Response:
    from starlette.responses import Response

    return Response(files(__package__).joinpath("static", name).read_bytes(), media_type=kind)


def _saved(path: Path) -> Response:
    """Send a file under its name; it is open already, as its visitor may leave meanwhile."""
    from starlette.responses import StreamingResponse

    file = path.open("rb")

    def read() -> Iterator[bytes]:
        with file:
            while part := file.read(2**20):
                yield part

    headers = {
        "content-disposition": f"attachment; filename*=utf-8''{quote(path.name)}",
        "content-length": str(os.fstat(file.fileno()).st_size),
    }
    return StreamingResponse(read(), media_type="application/octet-stream", headers=headers)


def _words(status: int, line: str) -> Response:
    from starlette.responses import PlainTextResponse

    return PlainTextResponse(brief(line, 500), status)
