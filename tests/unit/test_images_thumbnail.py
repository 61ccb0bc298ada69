"""The thumbnail in EXIF follows the turn of its picture."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from restorekit.images import read, write
from restorekit.images.exif import PREFIX, directory_of, settled, upright

SMALL = np.zeros((40, 60, 3), np.uint8)
SMALL[:20, :15] = (250, 30, 30)
SMALL[20:, 45:] = (30, 30, 250)


def jpeg(pixels, **options):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", **options)
    return stream.getvalue()


def block_with(thumbnail, turned, order="<", length=None, kind=4):
    """EXIF with an orientation, and a second directory with a JPEG."""
    length = len(thumbnail) if length is None else length
    first = struct.pack(order + "HHHIHxxI", 1, 274, 3, 1, turned, 26)
    size = struct.pack(order + "HHI" + ("I" if kind == 4 else "Hxx"), 514, kind, 1, length)
    second = struct.pack(order + "HHHII", 2, 513, 4, 1, 56) + size + bytes(4)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return PREFIX + head + first + second + thumbnail + b"behind it"


def thumbnail_of(block):
    data = block[len(PREFIX) :]
    order = "<" if data[:2] == b"II" else ">"
    first = directory_of(block).following
    if not first:
        return None
    (place,) = struct.unpack_from(order + "I", data, first + 2 + 8)
    kind = struct.unpack_from(order + "H", data, first + 2 + 12 + 2)[0]
    (length,) = struct.unpack_from(order + ("I" if kind == 4 else "H"), data, first + 2 + 12 + 8)
    return np.asarray(Image.open(io.BytesIO(data[place : place + length])))


@pytest.mark.parametrize("turned", range(2, 9))
@pytest.mark.parametrize(("order", "kind"), [("<", 4), (">", 4), (">", 3)])
def test_it_is_turned_in_its_place(turned, order, kind):
    before = block_with(jpeg(SMALL, quality=97), turned, order, kind=kind)
    after = settled(before, 64, 96)
    assert len(after) == len(before) and after.endswith(b"behind it")
    expected = upright(SMALL, turned).astype(int)
    assert np.abs(thumbnail_of(after) - expected).mean() < 4


def test_it_stays_to_the_byte_where_nothing_is_turned():
    before = block_with(jpeg(SMALL), 1)
    assert settled(before, 64, 96) == before


@pytest.mark.parametrize(
    "thumbnail",
    [
        b"",
        b"no jpeg",
        jpeg(SMALL)[:200],
        jpeg(np.zeros((8, 2000, 3), np.uint8)),
        jpeg(SMALL)[:-2] + b"\xff\xda\0\x08\x01\x01\0\x01\x01\0" * 40,
    ],
)
def test_one_that_cannot_be_turned_is_left_out(thumbnail):
    assert directory_of(settled(block_with(thumbnail, 6), 64, 96)).following == 0


def test_one_that_has_no_room_is_left_out():
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    assert directory_of(settled(block_with(jpeg(noise, quality=10), 6), 64, 96)).following == 0


def test_one_that_ends_behind_the_block_is_left_out():
    assert directory_of(settled(block_with(jpeg(SMALL), 6, length=2**31), 64, 96)).following == 0


def test_a_photo_that_is_read_and_written_has_it_upright(tmp_path):
    Image.new("RGB", (96, 64)).save(tmp_path / "a.jpg", exif=block_with(jpeg(SMALL, quality=97), 6))
    write(tmp_path / "b.jpg", read(tmp_path / "a.jpg"))
    assert thumbnail_of(read(tmp_path / "b.jpg").exif).shape == (60, 40, 3)
