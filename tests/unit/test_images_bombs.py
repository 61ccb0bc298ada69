"""Small files that would take much memory or time, and files that have no end."""

import lzma
import os
import struct
import zlib
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
import tifffile
from PIL import Image
from reading_costs import costs_of

from restorekit.errors import ImageError
from restorekit.images import read, read_rgb


def tiff(width, height, channels, strips, counts, offset=8):
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, 0), (259, 3, 1, 1), (262, 3, 1, 2)]
    tags += [
        (273, 4, strips, 0),
        (277, 3, 1, channels),
        (278, 4, 1, -(-height // strips)),
        (279, 4, strips, 0),
    ]
    start = offset + 2 + 12 * len(tags) + 4
    behind, table = b"", b""
    for tag, kind, count, value in tags:
        data = {258: struct.pack("<H", 8), 273: struct.pack("<I", 8), 279: struct.pack("<I", counts)}.get(tag)
        if count > 1:
            value, behind = start + len(behind), behind + data * count
        table += struct.pack("<HHII", tag, kind, count, value)
    return struct.pack("<H", len(tags)) + table + bytes(4) + behind


def many_channels(path):
    path.write_bytes(b"II*\0\x08\0\0\0" + tiff(8000, 8000, 64, 100, 0))


def empty_strips(path):
    path.write_bytes(b"II*\0\x08\0\0\0" + tiff(8000, 8000, 3, 100, 0))


def missing_strips(path):
    path.write_bytes(
        b"II*\0\x08\0\0\0" + tiff(96, 1_500_000, 1, 4, 0)[:-4] + struct.pack("<I", 8) + bytes(99)
    )
    data = bytearray(path.read_bytes())
    place = data.index(struct.pack("<HHII", 278, 4, 1, 375_000))
    data[place + 8 : place + 12] = struct.pack("<I", 1)  # a row a strip, of which four are there
    path.write_bytes(bytes(data))


def many_widths(path):
    data = bytearray(b"II*\0\x08\0\0\0" + tiff(96, 11_000_000, 1, 4, 8) + bytes(400))
    place = data.index(struct.pack("<HHII", 256, 4, 1, 96))
    data[place : place + 12] = struct.pack("<HHII", 256, 4, 30, 100)
    path.write_bytes(bytes(data))


def repeated_scans(path):
    Image.fromarray(np.zeros((4000, 4000), np.uint8)).save(path, progressive=True)
    data = path.read_bytes()
    scan = b"\xff\xda\0\x08\x01\x01\0\x01\x01\0" + b"\x00" * 21
    path.write_bytes(data[:-2] + scan * 4000 + data[-2:])


def long_chain(path):
    tifffile.imwrite(path, np.zeros((20, 20), np.uint8))
    data = bytearray(path.read_bytes())
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    link, page = first + 2 + 12 * entries, bytes(data[first : first + 2 + 12 * entries])
    for _ in range(60_000):
        data[link : link + 4] = struct.pack("<I", len(data))
        data += page + bytes(4)
        link = len(data) - 4
    path.write_bytes(bytes(data))


def sparse(path, size=6 * 2**30):
    Image.new("RGB", (20, 20)).save(path)
    os.truncate(path, size)


def texts(path):
    Image.new("RGB", (20, 20)).save(path)
    data, body = path.read_bytes(), b"a\0\0" + zlib.compress(bytes(100 * 2**20))
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    path.write_bytes(data[:33] + chunk * 20 + data[33:])


def tags(path):
    """Three thousand million strips, in a file that is empty but for its head."""
    rows = [(256, 4, 1, 20_000), (257, 4, 1, 9_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    rows += [(273, 4, 2**29, 4096), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 2**29, 4096)]
    table = b"".join(struct.pack("<HHII", *row) for row in rows)
    path.write_bytes(b"II*\0\x08\0\0\0" + struct.pack("<H", len(rows)) + table + bytes(4))
    os.truncate(path, 2**32 - 1)


def filled(path):
    """A scan of nothing but fill bytes."""
    Image.new("RGB", (64, 64)).save(path, progressive=True)
    data = path.read_bytes()
    path.write_bytes(data[:-2] + b"\xff\xda\0\x08" * 200 + b"\xff" * 4_000_000 + b"\0")


def many_segments(path):
    Image.new("RGB", (64, 64)).save(path)
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xfe\0\x02" * 4_000_000 + data[2:])


def packet(path):
    Image.new("RGB", (20, 20)).save(path)
    packet = b"<rdf:RDF " * 10**6 + b"<hdrgm:a>" * 10**6 + b" " * 10**7 + b' hdrgm:a="' * 10**6
    body = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(packet)
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    data = path.read_bytes()
    path.write_bytes(data[:33] + chunk + data[33:])


def in_a_part(path, compression, data, side=100):
    """One strip of a small TIFF, which is a file of its own."""
    rows = [(256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, compression), (262, 3, 1, 1)]
    rows += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, side), (279, 4, 1, len(data))]
    table = b"".join(struct.pack("<HHII", *row) for row in rows)
    start = 8 + len(data)
    path.write_bytes(
        b"II*\0" + struct.pack("<I", start) + data + struct.pack("<H", len(rows)) + table + bytes(4)
    )


def encoded(kind, side, **options):
    stream = BytesIO()
    Image.new("L", (side, side)).save(stream, kind, **options)
    return stream.getvalue()


def large_jpeg_in_a_part(path, compression=7):
    data = bytearray(encoded("JPEG", 64))
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", 30_000, 30_000)
    in_a_part(path, compression, bytes(data))


def hidden_jpeg_in_a_part(path):
    """Bytes before the frame, which libjpeg skips."""
    large_jpeg_in_a_part(path)
    data = path.read_bytes()
    place = data.index(b"\xff\xc0")
    in_a_part(path, 7, data[8:place] + b"\0odd" + data[place : data.index(b"\xff\xd9") + 2])


def scans_in_a_part(path):
    data = encoded("JPEG", 1000, progressive=True)
    scan = b"\xff\xda\0\x08\x01\x01\0\x01\x01\0" + b"\x00" * 21
    in_a_part(path, 7, data[:-2] + scan * 10_000 + data[-2:], 1000)


def large_jpeg_2000_in_a_part(path):
    data = bytearray(encoded("JPEG2000", 64, no_jp2=True))
    place = data.index(b"\xff\x51")
    for at in (6, 10, 22, 26):
        data[place + at : place + at + 4] = struct.pack(">I", 20_000)
    in_a_part(path, 34712, bytes(data))


def large_tile(path):
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8), tile=(64, 64), compression="zlib")
    data = bytearray(path.read_bytes())
    for tag in (322, 323):
        (kind,) = struct.unpack_from("<H", data, data.index(struct.pack("<H", tag)) + 2)
        place = data.index(struct.pack("<HHI", tag, kind, 1))
        data[place : place + 12] = struct.pack("<HHII", tag, 4, 1, 60_000)
    path.write_bytes(bytes(data))


def one_strip_for_all(path):
    """Twenty thousand rows, each of the same three million bytes."""
    rows, body = 20_000, zlib.compress(os.urandom(3_000_000), 0)
    table = [(256, 4, 1, 100), (257, 4, 1, rows), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    start = 8 + len(body)
    places = start + 2 + 12 * 9 + 4
    table += [(273, 4, rows, places), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, rows, places + 4 * rows)]
    path.write_bytes(
        b"II*\0"
        + struct.pack("<I", start)
        + body
        + struct.pack("<H", len(table))
        + b"".join(struct.pack("<HHII", *row) for row in table)
        + bytes(4)
        + struct.pack("<I", 8) * rows
        + struct.pack("<I", len(body)) * rows
    )


BOMBS = {
    "jpeg.tif": (large_jpeg_in_a_part, "a part of it claims 30000 x 30000 pixels"),
    "old.tif": (lambda path: large_jpeg_in_a_part(path, 6), "a part of it claims 30000 x 30000 pixels"),
    "hidden.tif": (hidden_jpeg_in_a_part, "a part of it has no picture"),
    "scans.tif": (scans_in_a_part, "has more than 2147 scans of 1000 x 1000 pixels"),
    "jpeg2000.tif": (large_jpeg_2000_in_a_part, "a part of it claims 20000 x 20000 pixels"),
    "png.tif": (
        lambda path: in_a_part(path, 34933, encoded("PNG", 9000)),
        "a part of it claims 9000 x 9000 pixels",
    ),
    "webp.tif": (
        lambda path: in_a_part(path, 50001, encoded("WEBP", 5000, lossless=True, quality=0, method=0)),
        "a part of it claims 5000 x 5000 pixels",
    ),
    "lerc.tif": (lambda path: in_a_part(path, 34887, bytes(99)), "this kind of TIFF cannot be read"),
    "tile.tif": (large_tile, "a tile of it takes 3.4 GiB"),
    "same.tif": (one_strip_for_all, "its parts are the same bytes over and over"),
    "tags.tif": (tags, "its tags have 4.0 GiB; "),
    "filled.jpg": (filled, "truncated or damaged"),
    "segments.jpg": (many_segments, "it has too many segments"),
    "packet.png": (packet, ""),
    "channels.tif": (many_channels, "64 channels of 8 bits take 3.8 GiB"),
    "strips.tif": (empty_strips, "is truncated or damaged (it has no pixels)"),
    "missing.tif": (missing_strips, "is truncated or damaged (parts of it are missing)"),
    "widths.tif": (many_widths, "it has several widths or heights"),
    "scans.jpg": (repeated_scans, "has more than 134 scans of 4000 x 4000 pixels"),
    "chain.tif": (long_chain, "only the first of several pictures in the file is read"),
    "sparse.png": (sparse, "is 6.0 GiB, far more than its picture can need"),
    "sparse.jpg": (sparse, "is 6.0 GiB, far more than its picture can need"),
    "long.tif": (
        lambda path: (tifffile.imwrite(path, np.zeros((20, 20), np.uint8)), os.truncate(path, 2**34)),
        "is 16.0 GiB",
    ),
    "texts.png": (texts, "its broken zTXt chunk is left out"),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What is said of each, and what it took, in one process."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, (make, _) in BOMBS.items():
        make(folder / name)
    tifffile.imwrite(folder / "good.tif", np.zeros((20, 20), np.uint8))
    return dict(zip(BOMBS, costs_of(folder / name for name in ("good.tif", *BOMBS)), strict=True))


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_little_memory_and_time(told, name):
    said, grown, seconds = told[name]
    assert BOMBS[name][1] in said
    assert grown < 450, f"{grown} MiB"
    assert seconds < 3


@pytest.mark.parametrize("reader", [read, read_rgb])
@pytest.mark.parametrize(
    "make",
    [os.mkfifo, lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to("/dev/null")],
    ids=["pipe", "device without end", "empty device"],
)
def test_only_regular_files_are_read(tmp_path, make, reader):
    make(tmp_path / "a.png")
    with pytest.raises(ImageError, match="a.png: is not a regular file; "):
        reader(tmp_path / "a.png")


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="only Linux has it")
def test_a_file_that_has_no_length_is_a_line(tmp_path):
    (tmp_path / "a.png").symlink_to("/proc/self/mem")
    with pytest.raises(ImageError, match="a.png: cannot be read "):
        read(tmp_path / "a.png")


def test_a_link_to_a_picture_is_read(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    assert read(tmp_path / "b.png").pixels.shape == (20, 20, 3)


def test_a_broken_second_page_does_not_cost_the_first(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.full((20, 20), 7, np.uint8))
    data = bytearray((tmp_path / "a.tif").read_bytes())
    (first,) = struct.unpack_from("<I", data, 4)
    link = first + 2 + 12 * struct.unpack_from("<H", data, first)[0]
    for target in (first, len(data), 3, 2**32 - 1):  # itself, outside, in the midst of something
        data[link : link + 4] = struct.pack("<I", target)
        (tmp_path / "a.tif").write_bytes(bytes(data) + b"\xff\xff\xff")
        assert (read(tmp_path / "a.tif").pixels == 7).all()


@pytest.mark.parametrize("progressive", [False, True])
def test_ordinary_scans_are_let_pass(tmp_path, progressive):
    photo = np.random.default_rng(0).integers(0, 256, (400, 600, 3)).astype(np.uint8)
    Image.fromarray(photo).save(tmp_path / "a.jpg", progressive=progressive, quality=95)
    assert read(tmp_path / "a.jpg").notes == ()


def test_a_large_floating_point_picture_costs_what_it_holds(tmp_path):
    values = np.linspace(0, 1, 4000, dtype=np.float32)[:, None, None]
    tifffile.imwrite(tmp_path / "a.tif", np.broadcast_to(values, (4000, 4000, 3)), photometric="rgb")
    Image.new("RGB", (20, 20)).save(tmp_path / "b.tif")
    ((_, grown, _),) = costs_of([tmp_path / "b.tif", tmp_path / "a.tif"])
    assert grown < 310, f"{grown} MiB"  # 183 MiB of numbers, 92 of levels


@pytest.mark.parametrize("compression", [2, 3, 4, 5])
def test_damaged_parts_are_told_without_other_words(tmp_path, capfd, compression):
    data = np.random.default_rng(0).bytes(2000)
    rows = [(256, 4, 1, 100), (257, 4, 1, 100), (258, 3, 1, 1), (259, 3, 1, compression), (262, 3, 1, 0)]
    rows += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 100), (279, 4, 1, len(data))]
    table = b"".join(struct.pack("<HHII", *row) for row in rows)
    (tmp_path / "a.tif").write_bytes(
        b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", 9) + table + bytes(4)
    )
    with suppress(ImageError):
        read(tmp_path / "a.tif")
    assert capfd.readouterr().err == ""


def runs(data):
    return b"\x81\0" * (len(data) // 128) + b"\0\0" * (len(data) % 128)


@pytest.mark.parametrize("compression", [8, 34925, 32773])
def test_parts_end_without_the_extra_too(tmp_path, monkeypatch, compression):
    """Python's own zlib and lzma are asked by tifffile for all that there is."""
    monkeypatch.setattr("restorekit.images.tiff_parts.find_spec", lambda name: None)
    pack = {8: zlib.compress, 34925: lzma.compress, 32773: runs}[compression]
    in_a_part(tmp_path / "a.tif", compression, pack(bytes(2**29)))
    with pytest.raises(ImageError, match="a part of it unfolds to far more than its picture"):
        read(tmp_path / "a.tif")
    in_a_part(tmp_path / "b.tif", compression, pack(bytes(10_000)))
    assert read(tmp_path / "b.tif").pixels.shape == (100, 100, 3)


def test_a_broken_palette_is_a_line(tmp_path):
    Image.fromarray(np.zeros((20, 20), np.uint8), "P").save(tmp_path / "a.tif")
    data = bytearray((tmp_path / "a.tif").read_bytes())
    place = data.index(struct.pack("<HHI", 320, 3, 768))
    data[place + 4 : place + 8] = struct.pack("<I", 500)
    (tmp_path / "a.tif").write_bytes(bytes(data))
    with pytest.raises(ImageError, match="its palette is broken"):
        read(tmp_path / "a.tif")
