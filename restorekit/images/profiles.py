"""Colour profiles (ICC.1:2001) made of primaries and a transfer curve, for formats that know nothing else."""

from __future__ import annotations

import struct

import numpy as np

from restorekit.images.coding import SRGB_PRIMARIES, Coding
from restorekit.images.picture import Array

_PRIMARIES = {
    1: SRGB_PRIMARIES,
    5: (31270, 32900, 64000, 33000, 29000, 60000, 15000, 6000),
    6: (31270, 32900, 63000, 34000, 31000, 59500, 15500, 7000),
    7: (31270, 32900, 63000, 34000, 31000, 59500, 15500, 7000),
    9: (31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600),
    12: (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000),
}
"""White, red, green and blue of ITU-T H.273, table 2."""
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_STEPS, _MOST = 4096, 16.0
"""Of a curve; and of light, where white has the brightness 1."""


def profile_of(coding: Coding, grey: bool) -> bytes | None:
    """Make a profile of primaries and curve; None if they are those of sRGB, or no profile can say them."""
    curve, primaries = _curve(coding), _primaries(coding)
    if coding.is_srgb or curve is None or primaries is None:
        return None
    white, colours = _adapted(primaries)
    if not (np.abs([*white, *colours.ravel()]) < _MOST).all():  # also where one is no number
        return None
    tags = {
        b"desc": _described("Colours of the source file"),
        b"cprt": b"text\0\0\0\0No copyright\0",
        b"wtpt": _xyz(white),
    }
    if grey:
        tags[b"kTRC"] = curve
    else:
        for letter, colour in zip("rgb", colours.T, strict=True):
            tags[f"{letter}XYZ".encode()] = _xyz(colour)
            tags[f"{letter}TRC".encode()] = curve
    return _laid_out(tags, b"GRAY" if grey else b"RGB ")


def _primaries(coding: Coding) -> tuple[int, ...] | None:
    if coding.cicp:
        return _PRIMARIES.get(coding.cicp[0])
    return coding.primaries or SRGB_PRIMARIES


def _curve(coding: Coding) -> bytes | None:
    """Give the way from numbers to light, as a ``curv`` element."""
    if coding.cicp:
        transfer = coding.cicp[1]
        if transfer in (4, 5, 8):
            return _power({4: 2.2, 5: 2.8, 8: 1.0}[transfer])
        numbers = np.linspace(0, 1, _STEPS)
        if transfer in (1, 6, 14, 15):  # BT.709 and its like
            light = np.where(numbers < 0.081, numbers / 4.5, ((numbers + 0.099) / 1.099) ** (1 / 0.45))
        elif transfer == 13:
            light = _srgb(numbers)
        else:
            return None  # of brightness beyond white
        return _table(light)
    if coding.gamma:
        return _power(100_000 / coding.gamma)
    return _table(_srgb(np.linspace(0, 1, _STEPS)))


def _srgb(numbers: Array) -> Array:
    return np.where(numbers <= 0.04045, numbers / 12.92, ((numbers + 0.055) / 1.055) ** 2.4)


def _power(exponent: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, min(round(exponent * 256), 65535))


def _table(light: Array) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">I", len(light)) + (light * 65535).round().astype(">u2").tobytes()


def _adapted(primaries: tuple[int, ...]) -> tuple[Array, Array]:
    """Give white and, as columns, red, green and blue in XYZ as under the light D50 (Bradford)."""
    xy = np.array(primaries, float).reshape(4, 2) / 100_000
    xy[:, 1] = np.where(xy[:, 1] > 0, xy[:, 1], np.nan)
    xyz = np.stack([xy[:, 0] / xy[:, 1], np.ones(4), (1 - xy.sum(axis=1)) / xy[:, 1]])
    white, colours = xyz[:, 0], xyz[:, 1:]
    if np.isnan(xyz).any():
        return white, colours
    colours = colours * np.linalg.lstsq(colours, white, rcond=None)[0]
    cones = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    return white, np.linalg.inv(_BRADFORD) @ cones @ _BRADFORD @ colours


def _xyz(values: Array) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(float(each) * 65536) for each in values))


def _described(text: str) -> bytes:
    data = text.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(data)) + data + bytes(78)


def _laid_out(tags: dict[bytes, bytes], space: bytes) -> bytes:
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    places: dict[bytes, int] = {}
    for name, data in tags.items():
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        table += struct.pack(">4sII", name, places[data], len(data))
    head = struct.pack(">I4sI4s4s4s", start + len(body), b"", 0x02400000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _xyz(_D50)[8:]
    return head.ljust(128, b"\0") + table + body
