"""Every field of metadata in every format: whole ones kept byte by byte, broken ones without harm to the picture."""

import hashlib
import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from restorekit.images import SUFFIXES, Picture, read, write
from restorekit.images.boxes import main_picture
from restorekit.images.exif import PREFIX, directory_of, without_orientation
from restorekit.images.ifd import EXIF

PHOTO = np.random.default_rng(0).integers(0, 256, (8, 12, 3)).astype(np.uint8).repeat(8, 0).repeat(8, 1)
IPTC = b"\x1c\x02\x78\0\x19Grandmother in the garden\x1c\x02\x19\0\x06family"
SELF = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", EXIF, 4, 1, 8) + bytes(4)
FAR = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 2)
FAR += struct.pack("<HHII", 271, 2, 2**31, 2**31) + struct.pack("<HHII", 34853, 7, 4, 2**31) + bytes(4)
BROKEN = {
    "exif": [b"x", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0rubbish" * 9, SELF, FAR],
    "xmp": [b"\xff\xfe\x00", b"<x", bytes(range(256)), b"a" * 200_000],
    "icc": [b"x", bytes(200), b"\xff" * 5000],
    "iptc": [b"x", b"\x1c\x02", b"\x1c" * 100_000],
    "dpi": [(0.0, 0.0), (-3.0, 72.0), (float("nan"), 72.0), (float("inf"), 1.0), (1e12, 1e-12)],
    "text": [(("", ""),), (("k" * 200, "a\0b"),), (("ключ", "\ud800"),), (("Comment", "x" * 200_000),)],
}


@pytest.mark.parametrize("field", BROKEN)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_broken_field_does_not_cost_the_picture(tmp_path, suffix, field):
    for value in BROKEN[field]:
        lost = write(tmp_path / f"a{suffix}", Picture(PHOTO, **{field: value}))
        assert all("\n" not in each for each in lost)
        after = read(tmp_path / f"a{suffix}")
        assert after.pixels.shape == PHOTO.shape
        write(tmp_path / f"b{suffix}", after)
        Image.open(tmp_path / f"b{suffix}").load() if suffix not in (".heic", ".heif") else None


def ifd(*entries):
    """A little-endian TIFF file of 16 x 16 grey pixels with further entries: tag, type, count, bytes."""
    own = [(256, 3, 16), (257, 3, 16), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1)]
    own += [(278, 3, 16), (279, 4, 256)]
    rows = [(tag, kind, 1, struct.pack("<I", value)) for tag, kind, value in own] + list(entries)
    start, table, behind = 8 + 256 + 2 + 12 * len(rows) + 4, b"", b""
    for tag, kind, count, data in sorted(rows):
        place = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack("<I", start + len(behind))
        behind += data if len(data) > 4 else b""
        table += struct.pack("<HHI", tag, kind, count) + place
    pixels = bytes(range(256))
    return (
        b"II*\0" + struct.pack("<I", 264) + pixels + struct.pack("<H", len(rows)) + table + bytes(4) + behind
    )


@pytest.mark.parametrize("target", [".tif", ".jpg", ".png"])
@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ((282, 5, 1, struct.pack("<II", 0, 0)), ""),
        ((34675, 4, 1, struct.pack("<I", 7)), "its ICC cannot be read"),
        ((34675, 2, 3, b"no\0"), "its ICC cannot be read"),
        ((700, 4, 2, b"12345678"), "its XMP cannot be read"),
        ((700, 12, 1, bytes(8)), "its XMP cannot be read"),
        ((33723, 5, 1, b"12345678"), "its IPTC cannot be read"),
        ((34665, 2, 4, b"abc\0"), ""),
        ((34665, 4, 1, struct.pack("<I", 264)), ""),
        ((34853, 4, 1, struct.pack("<I", 2**31)), ""),
        ((274, 2, 4, b"abc\0"), ""),
        ((274, 3, 1, struct.pack("<H", 77)), ""),
        ((315, 99, 4, b"abcd"), ""),
        ((315, 2, 2**31, struct.pack("<I", 8)), ""),
        ((315, 2, 0, bytes(4)), ""),
    ],
)
def test_a_broken_tag_of_a_tiff_is_left_out(tmp_path, entry, said, target):
    (tmp_path / "a.tif").write_bytes(ifd(entry))
    picture = read(tmp_path / "a.tif")
    assert said in " ".join(picture.notes)
    write(tmp_path / f"b{target}", picture)
    assert read(tmp_path / f"b{target}").pixels.shape == (16, 16, 3)
    assert np.array_equal(picture.pixels[..., 0].ravel(), np.arange(256))


def test_a_resolution_of_nothing_is_left_out_and_said(tmp_path):
    nothing = struct.pack("<II", 0, 0)
    (tmp_path / "a.tif").write_bytes(ifd((282, 5, 1, nothing), (283, 5, 1, nothing)))
    picture = read(tmp_path / "a.tif")
    assert picture.dpi is None
    assert picture.notes == ("its resolution is not a number, and is left out",)


def exif_with(order="<", **texts):
    """An EXIF block with texts in the first directory and a comment in the second."""
    tags = {"artist": 315, "copyright": 33432}
    comment = b"UNICODE\0" + "Größe".encode("utf-16-be")
    rows = [(tags[name], 2, text.encode() + b"\0") for name, text in texts.items()]
    start = 8 + 2 + 12 * (len(rows) + 2) + 4
    table, behind = struct.pack(order + "HHIHH", 274, 3, 1, 1, 0), b""
    for tag, kind, data in sorted(rows):
        table += struct.pack(order + "HHII", tag, kind, len(data), start + len(behind))
        behind += data
    inner = start + len(behind)
    table += struct.pack(order + "HHII", EXIF, 4, 1, inner)
    behind += struct.pack(order + "HHHIII", 1, 0x9286, 7, len(comment), inner + 18, 0) + comment
    head = b"II*\0" if order == "<" else b"MM\0*"
    return PREFIX + head + struct.pack(order + "IH", 8, len(rows) + 2) + table + bytes(4) + behind


def texts_of(block):
    directory = directory_of(block)
    comment = directory.nested[EXIF].entries[0x9286]
    return {
        "artist": directory.entries[315].data,
        "copyright": directory.entries[33432].data,
        "comment": (comment.type, comment.data),
        "directories": set(directory.nested),
    }


WITH_EXIF = [suffix for suffix in SUFFIXES if suffix != ".bmp"]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("target", WITH_EXIF)
@pytest.mark.parametrize("source", [".png", ".jpg", ".tif", ".webp"])
def test_texts_that_are_not_ascii_stay_the_bytes_they_are(tmp_path, source, target, order):
    block = exif_with(order, artist="José", copyright="© 2018 Jürgen Müller")
    write(tmp_path / f"a{source}", Picture(PHOTO, exif=block))
    write(tmp_path / f"b{target}", read(tmp_path / f"a{source}"))
    assert texts_of(read(tmp_path / f"b{target}").exif) == texts_of(block)


def test_other_programs_read_the_texts_of_a_tiff(tmp_path):
    write(tmp_path / "a.tif", Picture(PHOTO, exif=exif_with(artist="José", copyright="©")))
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        assert tiff.pages[0].tags[315].value == "José"
        assert 34853 not in tiff.pages[0].tags  # no empty directory of places


@pytest.mark.parametrize("target", [".jpg", ".tif", ".png"])
@pytest.mark.parametrize("source", [".jpg", ".tif", ".png"])
def test_iptc_passes_between_formats(tmp_path, source, target):
    write(tmp_path / f"a{source}", Picture(PHOTO, iptc=IPTC))
    write(tmp_path / f"b{target}", read(tmp_path / f"a{source}"))
    assert read(tmp_path / f"b{target}").iptc == IPTC
    if target == ".jpg":
        with Image.open(tmp_path / "b.jpg") as image:
            assert image.info["photoshop"][0x0404] == IPTC
    if target == ".tif":
        with tifffile.TiffFile(tmp_path / "b.tif") as tiff:
            assert bytes(tiff.pages[0].tags[33723].value) == IPTC


@pytest.mark.parametrize("suffix", [".webp", ".avif", ".heic", ".bmp"])
def test_iptc_that_cannot_be_held_is_said(tmp_path, suffix):
    assert "IPTC" in " ".join(write(tmp_path / f"a{suffix}", Picture(PHOTO, iptc=IPTC)))


def test_iptc_as_numbers_of_32_bits(tmp_path):
    padded = IPTC + bytes(-len(IPTC) % 4)
    swapped = b"".join(padded[n : n + 4][::-1] for n in range(0, len(padded), 4))
    for data in (padded, swapped):
        (tmp_path / "a.tif").write_bytes(ifd((33723, 4, len(data) // 4, data)))
        assert read(tmp_path / "a.tif").iptc == IPTC


def profile(kind, data):
    return f"\n{kind}\n{len(data):8d}\n{data.hex()}\n"


def test_raw_profiles_of_a_png(tmp_path):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
    info = PngImagePlugin.PngInfo()
    for kind, data in {"xmp": xmp, "iptc": b"8BIM\x04\x04\0\0\0\0\0\x29" + IPTC[:41]}.items():
        info.add_text(f"Raw profile type {kind}", profile(kind, data), zip=True)
    block = exif_with(artist="José", copyright="©")
    info.add_text("Raw profile type exif", profile("exif", block))
    Image.fromarray(PHOTO).save(tmp_path / "a.png", pnginfo=info)
    picture = read(tmp_path / "a.png")
    assert (picture.xmp, picture.iptc, picture.exif, picture.text) == (xmp, IPTC[:41], block, ())


def test_a_text_of_a_png_longer_than_a_mebibyte(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("workflow", "abc " * 400_000, zip=True)
    Image.fromarray(PHOTO).save(tmp_path / "a.png", pnginfo=info)
    write(tmp_path / "b.png", read(tmp_path / "a.png"))
    assert read(tmp_path / "b.png").text == (("workflow", "abc " * 400_000),)
    assert (tmp_path / "b.png").stat().st_size < 100_000


@pytest.mark.parametrize("length", [65_500, 65_532, 65_533])
def test_exif_that_fills_a_segment_is_kept(tmp_path, length):
    block = exif_with(artist="a", copyright="b")
    block += bytes(length - len(block))
    assert write(tmp_path / "a.jpg", Picture(PHOTO, exif=block)) == ()
    assert read(tmp_path / "a.jpg").exif == block


def jpeg_with(*segments):
    stream = io.BytesIO()
    Image.fromarray(PHOTO).save(stream, "JPEG", quality=90)
    data = stream.getvalue()
    more = b"".join(b"\xff" + bytes([m]) + struct.pack(">H", len(b) + 2) + b for m, b in segments)
    return data[:2] + more + data[2:]


def test_several_comments_of_a_jpeg(tmp_path):
    (tmp_path / "a.jpg").write_bytes(jpeg_with((0xFE, b"one"), (0xFE, "größer".encode("latin-1"))))
    write(tmp_path / "b.jpg", read(tmp_path / "a.jpg"))
    assert read(tmp_path / "b.jpg").text == (("Comment", "one"), ("Comment", "größer"))


RDF = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{}</rdf:RDF></x:xmpmeta>'


def test_extended_xmp_is_joined_and_cut_again(tmp_path):
    more = RDF.format(
        '<rdf:Description rdf:about="" xmlns:a="urn:a"><a:b>' + "z" * 100_000 + "</a:b></rdf:Description>"
    )
    name = hashlib.md5(more.encode()).hexdigest().upper()
    main = RDF.format(
        '<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" '
        f'xmpNote:HasExtendedXMP="{name}" xmlns:c="urn:c" c:d="e"/>'
    )
    head = b"http://ns.adobe.com/xmp/extension/\0" + name.encode() + struct.pack(">I", len(more))
    parts = [(place, more[place : place + 60_000].encode()) for place in range(0, len(more), 60_000)]
    segments = [(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + main.encode())]
    segments += [(0xE1, head + struct.pack(">I", place) + part) for place, part in reversed(parts)]
    (tmp_path / "a.jpg").write_bytes(jpeg_with(*segments))
    picture = read(tmp_path / "a.jpg")
    assert picture.xmp.count(b"z") == 100_000 and b'c:d="e"' in picture.xmp
    assert b"HasExtended" not in picture.xmp
    write(tmp_path / "b.jpg", picture)
    assert read(tmp_path / "b.jpg").xmp == picture.xmp
    write(tmp_path / "c.png", picture)
    assert read(tmp_path / "c.png").xmp == picture.xmp


@pytest.mark.parametrize("kind", [1, 3, 4, 9])
@pytest.mark.parametrize("order", ["<", ">"])
def test_an_orientation_of_any_type_is_applied_and_reset(tmp_path, order, kind):
    value = {1: "B3x", 3: "H2x", 4: "I", 9: "i"}[kind]
    head = b"II*\0" if order == "<" else b"MM\0*"
    block = PREFIX + head + struct.pack(order + "IHHHI" + value + "I", 8, 1, 274, kind, 1, 6, 0)
    Image.fromarray(PHOTO).save(tmp_path / "a.jpg", exif=block)
    write(tmp_path / "b.jpg", read(tmp_path / "a.jpg"))
    after = read(tmp_path / "b.jpg")
    assert after.pixels.shape == (96, 64, 3)
    assert directory_of(after.exif).number(274, 0) == 1


@pytest.mark.parametrize("turned", [1, 3, 6])
def test_the_sides_and_the_thumbnail_follow_the_turn(tmp_path, turned):
    exif = Image.Exif()
    exif[274] = turned
    exif.get_ifd(EXIF).update({0xA002: 96, 0xA003: 64})
    block = bytearray(exif.tobytes())
    link = 6 + 8 + 2 + 12 * 2
    block[link : link + 4] = struct.pack(">I" if block[6:7] == b"M" else "<I", len(block) - 6)
    block += struct.pack(">H" if block[6:7] == b"M" else "<H", 0) + bytes(4)
    Image.fromarray(PHOTO).save(tmp_path / "a.jpg", exif=bytes(block))
    picture = read(tmp_path / "a.jpg")
    directory = directory_of(picture.exif)
    inside = directory.nested[EXIF]
    height, width = picture.pixels.shape[:2]
    assert (inside.number(0xA002, 0), inside.number(0xA003, 0)) == (width, height)
    assert (directory.following > 0) == (turned == 1)


def test_a_gain_map_is_not_promised_without_one(tmp_path):
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description xmlns:hdrgm="urn:h" hdrgm:Version="1.0" '
        b'tiff:Make="x"><Container:Directory><rdf:Seq><rdf:li>GainMap</rdf:li></rdf:Seq></Container:Directory>'
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    write(tmp_path / "a.jpg", Picture(PHOTO, xmp=xmp))
    picture = read(tmp_path / "a.jpg")
    assert picture.notes == ("the gain map or film behind the picture is left out",)
    assert (
        b"GainMap" not in picture.xmp
        and b"hdrgm:Version" not in picture.xmp
        and b'tiff:Make="x"' in picture.xmp
    )


def test_a_broken_chunk_of_a_png_is_left_out_and_said(tmp_path):
    write(tmp_path / "a.png", Picture(PHOTO))
    data = (tmp_path / "a.png").read_bytes()
    more = b""
    for kind, body in {
        b"iCCP": b"x",
        b"zTXt": b"a\0\0no",
        b"iTXt": b"k\0",
        b"gAMA": b"",
        b"pHYs": b"1",
    }.items():
        more += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    (tmp_path / "a.png").write_bytes(data[:33] + more + data[33:])
    picture = read(tmp_path / "a.png")
    assert np.array_equal(picture.pixels, PHOTO)
    assert [each for each in ("iCCP", "zTXt", "iTXt") if each not in " ".join(picture.notes)] == []


def test_exif_of_an_avif_stays_the_bytes_it_is_though_its_turn_is_told_elsewhere(tmp_path):
    block = exif_with(artist="José", copyright="©")
    write(tmp_path / "a.avif", Picture(PHOTO, exif=block))
    turned = block.replace(struct.pack("<HHIHH", 274, 3, 1, 1, 0), struct.pack("<HHIHH", 274, 3, 1, 6, 0))
    data = (tmp_path / "a.avif").read_bytes()
    bare = without_orientation(block).removeprefix(PREFIX)
    assert bare in data
    (tmp_path / "a.avif").write_bytes(data.replace(bare, turned.removeprefix(PREFIX)))
    picture = read(tmp_path / "a.avif")
    assert picture.pixels.shape == PHOTO.shape  # in this format other boxes tell of turns, and EXIF does not
    assert picture.exif == block


@pytest.mark.parametrize("more", [b"tmap", b"grid"])
def test_a_gain_map_in_boxes_is_seen(tmp_path, more):
    def box(kind, body):
        return struct.pack(">I4s", len(body) + 8, kind) + body

    infe = box(b"infe", struct.pack(">IHH4sB", 0x02000000, 2, 0, more, 0))
    data = box(b"ftyp", b"avif") + box(b"meta", bytes(4) + box(b"iinf", bytes(4) + b"\0\1" + infe))
    assert main_picture(data).gain_map == (more == b"tmap")


def test_metadata_that_breaks_its_reader_does_not_cost_the_picture(tmp_path, monkeypatch):
    def broken(found):
        raise RuntimeError("a fault of ours")

    Image.fromarray(PHOTO).save(tmp_path / "a.jpg")
    monkeypatch.setattr("restorekit.images.xmp.joined", broken)
    assert read(tmp_path / "a.jpg").notes == ("its metadata is broken, and left out",)
