"""Image resources of Photoshop, in which JPEG and PNG files hold IPTC fields."""

from __future__ import annotations

import struct

HEAD = b"Photoshop 3.0\0"
_MANY = 10_000
_MARK, _IPTC, _FIELD = b"8BIM", 0x0404, b"\x1c"


def iptc_of(data: bytes) -> bytes | None:
    """Give the IPTC fields among image resources; fields that stand alone are given as they are."""
    data = data.removeprefix(HEAD)
    if data[:1] == _FIELD:
        return data
    place = 0
    for _ in range(_MANY):
        if data[place : place + 4] != _MARK or place + 12 > len(data):
            break
        (kind,) = struct.unpack_from(">H", data, place + 4)
        name = data[place + 6]
        start = place + 6 + (name + 2) // 2 * 2
        if start + 4 > len(data):
            return None
        (length,) = struct.unpack_from(">I", data, start)
        if kind == _IPTC:
            return data[start + 4 : start + 4 + length] or None
        place = start + 4 + length + length % 2
    return None


def resources(iptc: bytes) -> bytes:
    """Wrap IPTC fields as the one image resource."""
    return _MARK + struct.pack(">HHI", _IPTC, 0, len(iptc)) + iptc + bytes(len(iptc) % 2)
