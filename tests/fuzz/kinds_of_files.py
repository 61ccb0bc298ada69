"""Pictures that take far more than they hold, files that are none, and metadata that no format can keep."""

import io
import os
import socket
import struct
import zlib

import numpy as np
from PIL import Image
from seeds import exif


def place_of(folder, draw, suffix):
    return folder / "in" / f"m{draw.number:05}{suffix}"


def saved(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def channels(folder, draw):
    """TIFF heads that claim more than the file holds; the sample claims 64 channels."""
    width, height = draw.size(8000, 0, 17), draw.size(8000, 0, 17)
    samples, bits = draw.one(64, 1, 2, 3, 4, 5, 1000, 65535), draw.one(8, 1, 2, 12, 16, 32, 64, 65535)
    strips, held, tiled = draw.one(100, 1, 3, 10**5), draw.one(0, 1, 99, 2**31), draw.chance(0.3)
    tags = {
        256: [width], 257: [height], 258: [bits] * min(samples, 1000),
        259: [draw.one(1, 5, 7, 8, 32773, 34712, 50000)], 262: [2 if samples > 2 else 1], 277: [samples],
        284: [draw.one(1, 2)], 317: [draw.one(1, 2, 3)], 339: [draw.one(1, 2, 3, 4)],
    }  # fmt: skip
    if tiled:
        tags |= {322: [draw.one(256, 16, 2**20)], 323: [16], 324: [8] * strips, 325: [held] * strips}
    else:
        tags |= {278: [-(-height // strips)], 273: [8] * strips, 279: [held] * strips}
    table, behind, start = b"", b"", 8 + 2 + 12 * len(tags) + 4
    for tag, values in sorted(tags.items()):
        data = struct.pack(f"<{len(values)}I", *values)
        table += struct.pack("<HHI", tag, 4, len(values))
        table += data if len(values) == 1 else struct.pack("<I", start + len(behind))
        behind += data if len(values) > 1 else b""
    head = b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags))
    place_of(folder, draw, ".tif").write_bytes(head + table + bytes(4) + behind)


def scans(folder, draw):
    """Progressive JPEG files whose scans are repeated; the sample 4,000 times."""
    side, times = draw.size(4000, 4, 9), draw.size(4000, 0, 14)
    data = saved(Image.fromarray(np.zeros((side, side), np.uint8)), "JPEG", progressive=True)
    scan = (
        b"\xff\xda\0\x08\x01\x01\0"
        + draw.one(b"\x01\x01", b"\x01\x3f", b"\0\0")
        + draw.one(b"\0", b"\x01", b"\x10")
    )
    scan += bytes(draw.size(21, 0, 6)) + (b"\xff\xd0" * 30 if draw.chance(0.3) else b"")
    place_of(folder, draw, ".jpg").write_bytes(data[:-2] + scan * times + data[-2:])


def chains(folder, draw):
    """TIFF files of many pages, of pages in a ring, and of a second page that is none; the sample has 64,000."""
    import tifffile

    file, big = place_of(folder, draw, ".tif"), draw.chance(0.3)
    tifffile.imwrite(file, np.full((20, 20), 77, np.uint8), bigtiff=big)
    data = bytearray(file.read_bytes())
    at, many, size, link = (8, "<Q", 20, "<Q") if big else (4, "<H", 12, "<I")
    (first,) = struct.unpack_from(link, data, at)
    (entries,) = struct.unpack_from(many, data, first)
    last = first + struct.calcsize(many) + size * entries
    page = bytes(data[first:last])
    match draw.one("chain", "ring", "none", "below"):
        case "chain":
            for _ in range(draw.size(64_000, 0, 16)):
                struct.pack_into(link, data, last, len(data))
                data += page + bytes(struct.calcsize(link))
                last = len(data) - struct.calcsize(link)
        case "ring":
            struct.pack_into(link, data, last, draw.one(first, 0, 1, last, len(data), 2**31))
        case "none":
            struct.pack_into(link, data, last, len(data))
            data += draw.junk(300)
        case "below":
            struct.pack_into("<H", data, first + struct.calcsize(many), draw.one(330, 34665, 700, 33723))
    file.write_bytes(data)


DEVICES = ("/dev/null", "/dev/full", "/dev/tty", "/proc/self/mem", "/proc/kmsg", "/", "nowhere")
SUFFIXES = (".jpg", ".tif", ".webp", ".heic", ".mp4", ".dng", ".gif", ".jxl")


def no_files(folder, draw):
    """What is no regular file, or has no end; the sample is a PNG of 6 GiB, nearly all of it a hole."""
    file = place_of(folder, draw, draw.one(".png", *SUFFIXES))
    match draw.one("long", "zero", "fifo", "folder", "itself", "device", "socket", "hole"):
        case "long":
            head = saved(Image.new("RGB", (20, 20)), draw.one("PNG", "JPEG", "TIFF", "WEBP", "GIF"))
            file.write_bytes(head)
            os.truncate(file, draw.one(6 * 2**30, 2**31, 2**40))
        case "zero":
            file.symlink_to("/dev/zero")
        case "fifo":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case "itself":
            file.symlink_to(file.name)
        case "device":
            file.symlink_to(draw.one(*DEVICES))
        case "socket":
            with socket.socket(socket.AF_UNIX) as held:
                held.bind(f"/proc/self/fd/{os.open(file.parent, os.O_PATH)}/{file.name}")
        case "hole":
            file.write_bytes(draw.junk(64))
            os.truncate(file, draw.size(0, 6, 45))


def metadata(folder, draw):
    """Pictures that are whole, with metadata that no format can keep; the sample has a resolution of 0/0."""
    image = Image.fromarray(np.random.default_rng(draw.number).integers(0, 256, (24, 32, 3), np.uint8))
    suffix = draw.one(".tif", ".png", ".jpg", ".webp")
    blob = draw.one(bytes(8), b"", bytes(132), bytes(60000), b"<x:xmp", exif(), exif()[:20], draw.junk(99),
                    b"II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\0\1\0\1\0\5\0\0\0\1" + b"\xff" * 4)  # fmt: skip
    place_of(folder, draw, suffix).write_bytes(WITH[suffix](image, blob, draw))


def tiff_with(image, blob, draw):
    at = 8 + 24 * 32 * 3
    rows = [(256, 4, 1, 32), (257, 4, 1, 24), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 8),
            (277, 3, 1, 3), (278, 4, 1, 24), (279, 4, 1, 24 * 32 * 3)]  # fmt: skip
    kinds = (1, 2, 3, 7, 12) if draw.number else ()
    odd = {282, 283} | {draw.one(282, 34675, 700, 33723, 34665, 305, 306, 270, 34853) for _ in range(2)}
    rows += [(tag, draw.one(5, *kinds), draw.one(1, max(1, len(blob) // 8)), at) for tag in odd]
    table = b"".join(struct.pack("<HHII", *row) for row in sorted(rows))
    blob += bytes(len(blob) % 2)
    head = b"II*\0" + struct.pack("<I", at + len(blob)) + image.tobytes()
    return head + blob + struct.pack("<H", len(rows)) + table + bytes(4)


def png_with(image, blob, draw):
    kind, body = draw.one(
        (b"pHYs", bytes(8) + b"\1"), (b"pHYs", b"\xff" * 8 + b"\1"), (b"eXIf", blob), (b"tEXt", b"a\0" + blob),
        (b"iCCP", b"a\0\0" + zlib.compress(blob)), (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + blob),
        (b"zTXt", b"b\0\0" + zlib.compress(blob * 9)),
    )  # fmt: skip
    data = saved(image, "PNG")
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return data[:33] + chunk + data[33:]


def jpeg_with(image, blob, draw):
    marker, head = draw.one(
        (0xE1, b"Exif\0\0"), (0xE1, b"http://ns.adobe.com/xap/1.0/\0"), (0xED, b"Photoshop 3.0\0"), (0xFE, b""),
        (0xE2, b"ICC_PROFILE\0\1\1"), (0xE2, b"ICC_PROFILE\0\3\1"), (0xE2, b"MPF\0"),
        (0xE0, b"JFIF\0\1\1\2" + bytes(6)),
    )  # fmt: skip
    data, body = saved(image, "JPEG"), head + blob
    return data[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + data[2:]


def webp_with(image, blob, draw):
    return saved(image, "WEBP", **{draw.one("exif", "xmp", "icc_profile"): blob})


WITH = {".tif": tiff_with, ".png": png_with, ".jpg": jpeg_with, ".webp": webp_with}
