"""Whether a file of a kind that also holds still pictures is an animation, by its head."""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from typing import BinaryIO

_PNG, _CHUNKS, _PARTS = b"\x89PNG\r\n\x1a\n", 256, 100_000
"""How a PNG begins, and the chunks of it and of a WebP that are looked at."""
_ANIMATED = 0x02
_TEXTS = 2**12
"""Blocks of comments that a GIF may have, of 255 bytes each."""


def is_animated(path: Path) -> bool:
    """Whether a file is a PNG or WebP of several frames; false for one that cannot be read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with path.open("rb") as file:
            head = file.read(8)
            if head == _PNG:
                return any(kind == b"acTL" for kind, _ in _png_chunks(file))
            rest = file.read(13)
            return head[:4] == b"RIFF" and rest[:8] == b"WEBPVP8X" and bool(rest[12] & _ANIMATED)
    except (OSError, IndexError):
        return False


def is_lossless(path: Path) -> bool:
    """Whether every frame of a WebP is stored without loss."""
    frames, place = 0, 12
    with path.open("rb") as file:
        for _ in range(_PARTS):
            file.seek(place)  # only ever forwards, whatever a size says
            head = file.read(28)
            if len(head) < 8:
                return frames > 0
            kind, size = struct.unpack_from("<4sI", head)
            if kind == b"ANMF":
                if head[24:] != b"VP8L":
                    return False
                frames += 1
            place += 8 + size + size % 2
    return False


def png_depth(path: Path) -> int:
    """Bits of a channel of a PNG."""
    with path.open("rb") as file:
        return file.read(25)[24]


def gif_fault(path: Path) -> str:
    """Say what keeps a GIF from being read in bounded time and memory; empty if nothing does, or it is none.

    Pillow lets a frame beyond the screen widen all that follow, and takes a time that grows as the square of what
    its comments have.
    """
    with path.open("rb") as file:
        head = file.read(13)
        if len(head) < 13 or not head.startswith(b"GIF8"):
            return ""
        width, height, flags = struct.unpack_from("<HHB", head, 6)
        file.seek(_table(flags), os.SEEK_CUR)
        frames, texts = 0, 0
        while (mark := file.read(1)) not in (b"", b";"):
            if mark == b"!":
                kind, count = file.read(1), _skipped(file)
                texts += count + 1 if kind == b"\xfe" else 0
                if texts > _TEXTS:
                    return "its comments are too long"
            elif mark == b"," and len(row := file.read(9)) == 9:
                left, top, wide, high, flags = struct.unpack("<HHHHB", row)
                if not frames:  # it may widen its screen, as a screen of 0 x 0 asks it to
                    width, height = max(width, left + wide), max(height, top + high)
                if left + wide > width or top + high > height:
                    return f"frame {frames} reaches beyond its {width} x {height} pixels"
                file.seek(_table(flags) + 1, os.SEEK_CUR)
                frames += 1
                _skipped(file)
    return ""


def _table(flags: int) -> int:
    """Bytes of the table of colours that follows."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _skipped(file: BinaryIO) -> int:
    """Go behind some blocks of bytes that belong together; count these."""
    count = 0
    while size := int.from_bytes(file.read(1), "big"):
        file.seek(size, os.SEEK_CUR)
        count += 1
    return count


def _png_chunks(file: BinaryIO) -> list[tuple[bytes, int]]:
    """List the chunks of a PNG before its picture."""
    found: list[tuple[bytes, int]] = []
    while len(found) < _CHUNKS and len(head := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        if kind == b"IDAT":
            break
        found.append((kind, size))
        file.seek(size + 4, os.SEEK_CUR)
    return found
