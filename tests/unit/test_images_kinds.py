"""Kinds of files that few programs write: each comes out right, or is refused by name."""

import io
import struct
import subprocess
import sys
import zlib
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image, ImageCms

from restorekit.errors import ImageError
from restorekit.images import Picture, read, read_rgb, write
from restorekit.images.coding import Coding
from restorekit.images.jpeg import segments

PHOTO = np.random.default_rng(0).integers(0, 256, (8, 12, 3)).astype(np.uint8).repeat(8, 0).repeat(8, 1)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(bits, colours, body, *more):
    head = struct.pack(">IIBBBBB", 96, 64, bits, colours, 0, 0, 0)
    parts = [chunk(b"IHDR", head), *more, chunk(b"IDAT", zlib.compress(body)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_a_transparent_grey_of_any_depth(tmp_path, bits):
    values = (np.arange(96)[None] + np.arange(64)[:, None]) % min(2**bits, 200)
    if bits == 16:
        rows = values.astype(">u2").view(np.uint8).reshape(64, -1)
    else:
        every = np.unpackbits(values.astype(np.uint8)[..., None], axis=2)[..., 8 - bits :]
        rows = np.packbits(every.reshape(64, -1), axis=1)
    body = b"".join(b"\0" + row.tobytes() for row in rows)
    (tmp_path / "a.png").write_bytes(png(bits, 0, body, chunk(b"tRNS", struct.pack(">H", 1))))
    picture = read(tmp_path / "a.png")
    assert picture.one_channel
    assert np.array_equal(picture.alpha == 0, values == 1)
    write(tmp_path / "b.png", picture)
    assert np.array_equal(read(tmp_path / "b.png").samples, picture.samples)


@pytest.mark.parametrize("alpha", [False, True])
def test_a_png_called_jpg_stays_a_png(tmp_path, alpha):
    pixels = np.dstack([PHOTO, PHOTO[..., :1]]) if alpha else PHOTO
    Image.fromarray(pixels).save(tmp_path / "a.jpg", "PNG")
    picture = read(tmp_path / "a.jpg")
    said = write(tmp_path / "b.jpg", picture)
    assert said == ("is written as PNG, which it is in spite of its name",)
    assert np.array_equal(read(tmp_path / "b.jpg").samples, pixels)
    if not alpha:
        write(tmp_path / "c.jpeg", picture)  # another ending asks for another format
        assert (tmp_path / "c.jpeg").read_bytes()[:2] == b"\xff\xd8"


FIELDS = {
    "555": (16, (0x7C00, 0x3E0, 0x1F, 0)),
    "565": (16, (0xF800, 0x7E0, 0x1F, 0)),
    "1555": (16, (0x7C00, 0x3E0, 0x1F, 0x8000)),
    "4444": (16, (0xF00, 0xF0, 0xF, 0xF000)),
    "bgra": (32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    "rgba": (32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000)),
    "abgr": (32, (0xFF000000, 0xFF0000, 0xFF00, 0xFF)),
    "rgb10": (32, (0x3FF00000, 0xFFC00, 0x3FF, 0)),
}


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("size", [40, 56, 108, 124])
@pytest.mark.parametrize("name", FIELDS)
def test_bit_fields_of_a_bmp(tmp_path, name, size, down):
    bits, masks = FIELDS[name]
    with_alpha = bool(masks[3]) and size > 40
    samples = np.dstack([PHOTO, PHOTO[..., 1]]).astype(np.uint32)
    numbers = np.zeros((64, 96), np.uint32)
    expected = []
    for n, mask in enumerate(masks):
        if not mask:
            continue
        shift = (mask & -mask).bit_length() - 1
        top = mask >> shift
        levels = (samples[..., n] * top + 127) // 255
        numbers |= levels << shift
        expected.append(levels * 255 / top)
    body = numbers.astype(f"<u{bits // 8}")[:: 1 if down else -1].tobytes()
    head = struct.pack("<IiiHHIIiiII", size, 96, -64 if down else 64, 1, bits, 3, len(body), 2835, 2835, 0, 0)
    head += struct.pack("<IIII", *masks)[: 12 if size == 40 else 16] + bytes(max(0, size - 56))
    data = b"BM" + struct.pack("<IHHI", 14 + len(head) + len(body), 0, 0, 14 + len(head)) + head + body
    (tmp_path / "a.bmp").write_bytes(data)
    picture = read(tmp_path / "a.bmp")
    expected = np.stack(expected[: 4 if with_alpha else 3], axis=2)
    assert picture.samples.shape == expected.shape
    assert np.abs(picture.samples - expected).max() <= 0.5
    assert write(tmp_path / "b.bmp", picture) == ()
    assert np.array_equal(read(tmp_path / "b.bmp").samples, picture.samples)
    assert Image.open(tmp_path / "b.bmp").mode == ("RGBA" if with_alpha else "RGB")


@pytest.mark.parametrize("cut", [1, 2])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_end_mark_is_whole(tmp_path, progressive, cut):
    Image.fromarray(PHOTO).save(tmp_path / "a.jpg", quality=90, progressive=progressive)
    whole = read(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:-cut])
    picture = read(tmp_path / "a.jpg")
    assert np.array_equal(picture.pixels, whole.pixels)
    assert picture.notes == ("its end mark is missing; every pixel is there",)
    assert np.array_equal(read_rgb(tmp_path / "a.jpg"), whole.pixels)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_last_blocks_is_refused(tmp_path, progressive):
    Image.fromarray(PHOTO).save(tmp_path / "a.jpg", quality=90, progressive=progressive)
    data = (tmp_path / "a.jpg").read_bytes()
    for cut in (8, 40, 400):
        (tmp_path / "a.jpg").write_bytes(data[:-cut])
        with pytest.raises(ImageError, match="its end is missing|truncated"):
            read(tmp_path / "a.jpg")


REFUSED = """
import sys
sys.modules["imagecodecs"] = None
from restorekit.images import read
try:
    read(sys.argv[1])
except Exception as error:
    print(error)
"""


@pytest.mark.skipif(find_spec("imagecodecs") is None, reason="writes what only imagecodecs writes")
@pytest.mark.parametrize("kind", ["12 bits", "lossless", "lossless 16 bits"])
def test_rare_jpegs_are_right_or_refused_by_name(tmp_path, kind):
    from imagecodecs import jpeg_encode, ljpeg_encode

    deep = PHOTO.astype(np.uint16) * 16
    if kind == "12 bits":
        data, wanted, allowed = (
            jpeg_encode(deep, level=98, bitspersample=12, subsampling="444"),
            deep / 4095,
            0.03,
        )
    elif kind == "lossless":
        data, wanted, allowed = ljpeg_encode(PHOTO[..., 0]), PHOTO[..., :1] / 255, 0
    else:
        grey = PHOTO[..., 0].astype(np.uint16) * 257
        data, wanted, allowed = ljpeg_encode(grey, bitspersample=16), grey[..., None] / 65535, 0
    (tmp_path / "a.jpg").write_bytes(data)
    picture = read(tmp_path / "a.jpg")
    top = np.iinfo(picture.pixels.dtype).max
    assert np.abs(picture.samples / top - wanted).max() <= allowed + 1e-9
    child = [sys.executable, "-c", REFUSED, str(tmp_path / "a.jpg")]
    said = subprocess.run(child, capture_output=True, text=True, check=True).stdout
    assert said == "" or "pip install 'restorekit[codecs]'" in said


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp", ".webp"])
def test_grey_in_the_clothes_of_colour_stays_grey_and_clothed(tmp_path, suffix):
    grey = np.repeat(PHOTO[..., :1], 3, axis=2)
    options = {"lossless": True} if suffix == ".webp" else {}
    Image.fromarray(grey).save(tmp_path / f"a{suffix}", **options)
    picture = read(tmp_path / f"a{suffix}")
    assert picture.grey and picture.full
    write(tmp_path / f"b{suffix}", picture)
    after = read(tmp_path / f"b{suffix}")
    assert after.samples.shape[2] == 3
    assert (after.pixels == after.pixels[..., :1]).all() or suffix == ".webp"


def test_a_grey_palette_is_grey(tmp_path):
    image = Image.fromarray(PHOTO[..., 0]).convert("P")
    image.putpalette(bytes(each for n in range(256) for each in (n, n, n)))
    image.save(tmp_path / "a.png")
    assert read(tmp_path / "a.png").grey


def test_one_colour_in_grey_makes_it_no_grey(tmp_path):
    grey = np.repeat(PHOTO[..., :1], 3, axis=2)
    grey[33, 5] = (1, 2, 3)
    Image.fromarray(grey).save(tmp_path / "a.png")
    assert not read(tmp_path / "a.png").grey


DISPLAY_P3 = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
CODINGS = {
    "gamma": (chunk(b"gAMA", struct.pack(">I", 100000)), Coding(gamma=100000)),
    "primaries": (
        chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"cHRM", struct.pack(">8I", *DISPLAY_P3)),
        Coding(gamma=45455, primaries=DISPLAY_P3),
    ),
    "sRGB": (chunk(b"sRGB", b"\x01"), Coding(intent=1)),
    "code points": (chunk(b"cICP", bytes([12, 13, 0, 1])), Coding(cicp=(12, 13, 0, 1))),
    "brightness": (chunk(b"cICP", bytes([9, 16, 0, 1])), Coding(cicp=(9, 16, 0, 1))),
}


def coded(path, name, grey=False):
    body = b"".join(b"\0" + (row[:, 0] if grey else row).tobytes() for row in PHOTO)
    path.write_bytes(png(8, 0 if grey else 2, body, CODINGS[name][0]))
    return read(path)


@pytest.mark.parametrize("name", CODINGS)
def test_the_meaning_of_colours_in_a_png_is_kept(tmp_path, name):
    assert coded(tmp_path / "a.png", name).coding == CODINGS[name][1]
    assert write(tmp_path / "b.png", read(tmp_path / "a.png")) == ()
    assert CODINGS[name][0] in (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".webp"])
@pytest.mark.parametrize("name", CODINGS)
def test_the_meaning_of_colours_becomes_a_profile_or_is_said(tmp_path, name, suffix):
    said = write(tmp_path / f"b{suffix}", coded(tmp_path / "a.png", name))
    icc = read(tmp_path / f"b{suffix}").icc
    if name == "brightness":
        assert icc is None and "cannot hold the meaning of its colours" in said[0]
    elif name == "sRGB":
        assert icc is None and said == ()
    else:
        assert said == ("the meaning of its colours is written as a colour profile",)
        ImageCms.ImageCmsProfile(io.BytesIO(icc))


@pytest.mark.parametrize(
    "primaries", [(0,) * 8, (2**32 - 1,) * 8, (31270, 32900) * 4, (31270, 1, *DISPLAY_P3[2:]), (1, 1) * 4]
)
@pytest.mark.parametrize("gamma", [None, 0, 1, 2**32 - 1])
def test_primaries_of_no_colours_do_not_cost_the_picture(tmp_path, primaries, gamma):
    picture = Picture(PHOTO, coding=Coding(gamma=gamma, primaries=primaries))
    for suffix in (".png", ".jpg", ".tif", ".avif"):
        write(tmp_path / f"a{suffix}", picture)
        assert read(tmp_path / f"a{suffix}").pixels.shape == PHOTO.shape


def through(icc, colour, mode="RGB"):
    image = Image.new(mode, (1, 1), colour)
    return ImageCms.profileToProfile(
        image, ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB"), outputMode="RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    ).getpixel((0, 0))  # fmt: skip


def test_the_profiles_mean_what_the_chunks_say(tmp_path):
    write(tmp_path / "a.tif", coded(tmp_path / "a.png", "gamma"))
    assert through(read(tmp_path / "a.tif").icc, (55, 55, 55)) == pytest.approx((128, 128, 128), abs=2)
    write(tmp_path / "b.tif", coded(tmp_path / "a.png", "code points"))
    icc = read(tmp_path / "b.tif").icc
    assert through(icc, (128, 128, 128)) == pytest.approx((128, 128, 128), abs=1)
    assert through(icc, (234, 51, 35)) == pytest.approx((255, 0, 0), abs=3)  # sRGB's red in Display P3
    write(tmp_path / "c.tif", coded(tmp_path / "a.png", "gamma", grey=True))
    assert through(read(tmp_path / "c.tif").icc, 55, "L") == pytest.approx((128, 128, 128), abs=2)


@pytest.mark.parametrize("target", [".avif", ".heic", ".png"])
@pytest.mark.parametrize("source", [".avif", ".heic"])
def test_code_points_pass_between_formats_in_boxes(tmp_path, source, target):
    write(tmp_path / f"a{source}", Picture(PHOTO, coding=Coding(cicp=(12, 13, 0, 1))))
    picture = read(tmp_path / f"a{source}")
    assert picture.coding.cicp[:2] == (12, 13)
    write(tmp_path / f"b{target}", picture)
    assert read(tmp_path / f"b{target}").coding.cicp[:2] == (12, 13)
    assert np.abs(picture.pixels.astype(int) - PHOTO).mean() < 12


@pytest.mark.parametrize("suffix", [".avif", ".heic"])
def test_ordinary_files_in_boxes_say_nothing_of_colours(tmp_path, suffix):
    write(tmp_path / f"a{suffix}", Picture(PHOTO))
    picture = read(tmp_path / f"a{suffix}")
    assert (picture.coding, picture.icc, picture.notes) == (None, None, ())


def box(kind, body):
    return struct.pack(">I4s", len(body) + 8, kind) + body


def test_the_clean_aperture_of_an_avif_is_cut_out(tmp_path):
    write(tmp_path / "a.avif", Picture(PHOTO))
    data = (tmp_path / "a.avif").read_bytes()
    clap = box(b"clap", struct.pack(">IIIIiIiI", 40, 1, 32, 1, -20, 1, 8, 1))
    (tmp_path / "a.avif").write_bytes(with_property(data, clap))
    picture = read(tmp_path / "a.avif")
    whole = 64, 96
    top, left = (whole[0] - 32) // 2 + 8, (whole[1] - 40) // 2 - 20
    assert picture.pixels.shape == (32, 40, 3)
    assert np.abs(picture.pixels.astype(int) - PHOTO[top : top + 32, left : left + 40]).mean() < 8


def with_property(data, more):
    """Add a property to the only item of an AVIF file: every length around it and the place of its data change."""
    changed = bytearray(data)
    ipma = data.index(b"ipma") - 4
    ipco = data.index(b"ipco") - 4
    count = ipma + 8 + 4 + 4 + 2
    properties, place = 0, ipco + 8
    while place < ipma:
        properties += 1
        place += int.from_bytes(data[place : place + 4], "big")
    changed[count] += 1
    end = count + 1 + data[count]
    changed[end:end] = bytes([0x80 | (properties + 1)])
    changed[ipma:ipma] = more
    for kind, grown in (
        (b"ipma", 1),
        (b"ipco", len(more)),
        (b"iprp", len(more) + 1),
        (b"meta", len(more) + 1),
    ):
        at = changed.index(kind) - 4
        struct.pack_into(">I", changed, at, struct.unpack_from(">I", changed, at)[0] + grown)
    iloc = changed.index(b"iloc") + 4
    offset = iloc + 4 + 2 + 2 + 2 + 2 + 2
    struct.pack_into(">I", changed, offset, struct.unpack_from(">I", changed, offset)[0] + len(more) + 1)
    return bytes(changed)


def test_jfif_is_a_jpeg(tmp_path):
    Image.fromarray(PHOTO).save(tmp_path / "a.jfif", "JPEG", quality=90)
    write(tmp_path / "b.jfif", read(tmp_path / "a.jfif"))
    assert [each.marker for each in segments((tmp_path / "b.jfif").read_bytes())][0] == 0xE0


@pytest.mark.parametrize("brand", [b"mif1", b"mif2", b"heix", b"unif"])
def test_an_uncompressed_heif_is_refused_by_name(tmp_path, brand):
    infe = box(b"infe", struct.pack(">IHH4sB", 0x02000000, 1, 0, b"unci", 0))
    meta = box(b"hdlr", bytes(8) + b"pict" + bytes(13)) + box(b"pitm", bytes(4) + b"\0\1")
    meta += box(b"iinf", bytes(4) + b"\0\1" + infe)
    data = box(b"ftyp", brand + bytes(4) + b"mif1") + box(b"meta", bytes(4) + meta) + box(b"mdat", bytes(999))
    (tmp_path / "a.heif").write_bytes(data)
    with pytest.raises(ImageError, match="an uncompressed HEIF cannot be read; convert it first"):
        read(tmp_path / "a.heif")
