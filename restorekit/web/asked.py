"""What requests carry: each value is looked at before it is used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.requests import Request

WORDS = 2**16
"""Bytes of a request that brings no photo."""


class Unfit(Exception):
    """A request that the page does not make."""


async def sent(request: Request, **kinds: type) -> dict[str, Any]:
    """Read what was sent as JSON: these values, of these types, and no others."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > WORDS:
            raise Unfit
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise Unfit from None
    if not isinstance(values, dict) or {key: type(value) for key, value in values.items()} != kinds:
        raise Unfit
    return values


def place(request: Request) -> tuple[str, str]:
    """Return the visitor and the photo that it is about."""
    return request.path_params["visitor"], request.path_params["photo"]


def numbers(request: Request, name: str, count: int) -> tuple[int, ...]:
    """Return so many whole numbers, none of them negative; none at all if there are none."""
    given = request.query_params.get(name)
    if given is None:
        return ()
    each = given.split(",")
    if len(each) != count or not all(
        len(number) < 7 and number.isascii() and number.isdecimal() for number in each
    ):
        raise Unfit
    return tuple(map(int, each))


def share(request: Request) -> float:
    """Return the strength, in [0, 1]."""
    try:
        strength = float(request.query_params.get("strength", "1")[:20])
    except ValueError:
        raise Unfit from None
    if not 0 <= strength <= 1:
        raise Unfit
    return strength


def name_of(given: str) -> str:
    """Make a name for a file of what a browser called it: no place, nothing that no disk takes, not too long."""
    last = given.replace("\\", "/").rpartition("/")[2]
    name = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last).strip().rstrip(". ")
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem.lstrip("."), dot + ending[:8]) if dot else (ending, "")
    while len(stem.encode()) > 150:
        stem = stem[:-1]
    return f"{stem or 'photo'}{ending}"
