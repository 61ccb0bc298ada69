"""Small pictures whose metadata ask for much memory or time."""

import hashlib
import io
import os
import struct
import time
import zlib

import brotli
import numpy as np
import pillow_jxl  # noqa: F401 (which registers itself)
import pytest
from PIL import Image
from reading_costs import costs_of

from restorekit.images import Picture, read, write


def box(kind, body):
    return struct.pack(">I", 8 + len(body)) + kind + body


def nested(path):
    """An EXIF block whose directory names itself five thousand times."""
    rows = struct.pack("<HHII", 34665, 4, 1, 8) * 5000
    block = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 5000) + rows + bytes(4)
    Image.new("RGB", (20, 20)).save(path, exif=block)


def thumbnail(path):
    """A small picture in an EXIF block that is told a hundred thousand times."""
    stream = io.BytesIO()
    Image.fromarray(np.zeros((1024, 1024), np.uint8)).save(stream, "JPEG", progressive=True)
    scan = b"\xff\xda\0\x08\x01\x01\0\x01\x01\0" + bytes(21)
    small = stream.getvalue()[:-2] + scan * 100_000 + b"\xff\xd9"
    first = struct.pack("<HHHIII", 1, 274, 3, 1, 6, 26)  # turned, and where the second directory is
    second = struct.pack("<H", 2) + struct.pack("<HHIIHHII", 513, 4, 1, 56, 514, 4, 1, len(small)) + bytes(4)
    Image.new("RGB", (20, 20)).save(path, exif=b"Exif\0\0II*\0\x08\0\0\0" + first + second + small)


def extents(path):
    """Items in ten thousand pieces of no length."""
    Image.new("RGB", (20, 20)).save(path)
    data, number = path.read_bytes(), 10_000
    infe = box(b"infe", bytes([2, 0, 0, 0]) + struct.pack(">HH", 7, 0) + b"Exif\0")
    iloc = bytes(6) + struct.pack(">H", number) + struct.pack(">HHH", 1, 0, 10_000) * number
    meta = box(b"meta", bytes(4) + box(b"iinf", bytes(4) + struct.pack(">H", 1) + infe) + box(b"iloc", iloc))
    start = int.from_bytes(data[:4], "big")
    path.write_bytes(data[:start] + meta + data[start:])


def unfolding(path):
    """Five thousand boxes of 24 bytes that unfold to 16 MiB each."""
    Image.new("RGB", (20, 20)).save(path, xmp=b"<x/>")
    path.write_bytes(path.read_bytes() + box(b"brob", b"Exif" + brotli.compress(bytes(2**24 - 9))) * 5000)


def extended(path, more):
    name = hashlib.md5(more).hexdigest().upper().encode()
    main = b"http://ns.adobe.com/xap/1.0/\0<rdf:RDF xmpNote:HasExtendedXMP='" + name + b"'></rdf:RDF"
    head = b"http://ns.adobe.com/xmp/extension/\0" + name + struct.pack(">I", len(more))
    bodies = [
        main,
        *(head + struct.pack(">I", at) + more[at : at + 65_000] for at in range(0, len(more), 65_000)),
    ]
    Image.new("RGB", (20, 20)).save(path)
    data = path.read_bytes()
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body for body in bodies)
    path.write_bytes(data[:2] + segments + data[2:])


def open_statements(path):
    """Statements in the second part of an XMP packet that no sign ends."""
    extended(path, b"<x xmlns:a='b'><rdf:RDF>" + b"<rdf:Description " * 200_000 + b"</rdf:RDF")


def prefixes(path):
    """Prefixes of a hundred thousand bytes in all, for each of thousands of statements."""
    around = b"".join(b" xmlns:a%d='%s'" % (number, b"y" * 990) for number in range(99))
    extended(path, b"<x" + around + b"><rdf:RDF>" + b"<rdf:Description/>" * 20_000 + b"</rdf:RDF")


def long_orientation(path):
    """An orientation of eight million numbers, and as many resolutions."""
    count, start = 2**23, 8 + 2 + 24 + 4
    rows = struct.pack("<HHII", 274, 3, 2 * count, start) + struct.pack("<HHII", 282, 5, count // 2, start)
    exif = b"II*\0\x08\0\0\0\x02\0" + rows + bytes(4) + os.urandom(2**20) * (count // 2**18)
    with_chunk(path, b"eXIf", exif)


def with_chunk(path, kind, body, count=1):
    Image.new("RGB", (20, 20)).save(path)
    data = path.read_bytes()
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    path.write_bytes(data[:33] + chunk * count + data[33:])


def profiles(path):
    with_chunk(path, b"iCCP", b"a\0\0" + zlib.compress(bytes(30 * 2**20)), 200)


def broken_texts(path):
    with_chunk(path, b"zTXt", b"a\0\0" + zlib.compress(bytes(30 * 2**20))[:-3], 200)


BOMBS = {
    "orientation.png": (long_orientation, ""),
    "profiles.png": (profiles, ""),
    "broken.png": (broken_texts, "its broken zTXt chunk is left out"),
    "nested.jpg": (nested, ""),
    "thumbnail.png": (thumbnail, ""),
    "extents.avif": (extents, ""),
    "unfolding.jxl": (unfolding, ""),
    "open.jpg": (open_statements, ""),
    "prefixes.jpg": (prefixes, ""),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What is said of each, and what it took, in one process."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, (make, _) in BOMBS.items():
        make(folder / name)
    Image.new("RGB", (20, 20)).save(folder / "good.png")
    return dict(zip(BOMBS, costs_of(folder / name for name in ("good.png", *BOMBS)), strict=True))


@pytest.mark.parametrize("name", BOMBS)
def test_metadata_take_little_memory_and_time(told, name):
    said, grown, seconds = told[name]
    assert BOMBS[name][1] in said
    assert grown < 450, f"{grown} MiB"
    assert seconds < 3


@pytest.mark.parametrize("number", [3000, 60_000])
def test_many_tags_are_written_quickly_or_left_out(tmp_path, number):
    """Thousands of tags of an EXIF block that all have the same kilobytes."""
    rows = b"".join(struct.pack("<HHII", tag, 7, 9000, 8) for tag in range(1000, 1000 + number))
    block = (
        b"Exif\0\0II*\0" + struct.pack("<I", 9008) + bytes(9000) + struct.pack("<H", number) + rows + bytes(4)
    )
    since = time.process_time()
    said = write(tmp_path / "a.tif", Picture(np.zeros((20, 20, 3), np.uint8), exif=block))
    assert time.process_time() - since < 3
    assert said == (() if number == 3000 else ("the EXIF is broken, and left out",))
    assert (read(tmp_path / "a.tif").exif is not None) == (number == 3000)
