"""A grid of TIFF layouts: each comes out right, or is refused by name; none comes out wrong."""

import itertools
import os
import struct
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
import tifffile

from restorekit.errors import ImageError
from restorekit.images import read

NUMBERS = ["u1", "u2", "u4", "f2", "f4", "f8"]
CHANNELS = {
    "grey": ("minisblack", 1, None),
    "white is zero": ("miniswhite", 1, None),
    "grey alpha": ("minisblack", 2, ["unassalpha"]),
    "grey multiplied": ("minisblack", 2, ["assocalpha"]),
    "rgb": ("rgb", 3, None),
    "rgb alpha": ("rgb", 4, ["unassalpha"]),
    "rgb multiplied": ("rgb", 4, ["assocalpha"]),
    "rgb and more": ("rgb", 5, ["unassalpha", "unspecified"]),
}
CODECS = ["none", "zlib", "lzma"]
if find_spec("imagecodecs"):  # without which tifffile does not write them
    CODECS += ["lzw", "packbits", "zstd"]
GRID = [
    cell
    for cell in itertools.product(
        NUMBERS, CHANNELS, ["contig", "separate"], CODECS, [False, True], [None, (32, 48)], "<>"
    )
    if not (CHANNELS[cell[1]][1] == 1 and cell[2] == "separate")
    and not (cell[4] and cell[3] in ("none", "packbits"))
    and not (cell[4] and cell[0] == "f2" and cell[3] == "lzma")
]
SHARE = 1 if os.environ.get("RESTOREKIT_WHOLE_GRID") else 23


def values(count):
    """H,W,C in [0, 1]; the last of an even number is alpha, never 0, and colours are never above it."""
    rows, columns = np.mgrid[0:40, 0:61]
    found = [0.25 * (((rows * 3 + columns * 5 + 17 * n) % 64) / 63) for n in range(count)]
    if count in (2, 4, 5):
        found[1 if count == 2 else 3] = 0.25 + 0.75 * columns / 60
    return np.stack(found, axis=2)


def numbers(shares, kind):
    if kind[0] == "f":
        return shares.astype(kind)
    return (shares * np.iinfo(kind).max).round().astype(kind)


def made(path, cell):
    """Write the picture of a cell; give its shares, or None where tifffile does not write it."""
    kind, name, planar, codec, predictor, tile, order = cell
    photometric, count, extra = CHANNELS[name]
    shares = values(count)
    samples = numbers(shares, kind)
    stored = samples[..., 0] if count == 1 else samples if planar == "contig" else np.moveaxis(samples, 2, 0)
    options = {"compression": codec} if codec != "none" else {}
    if count > 1:
        options["planarconfig"] = planar
    try:
        tifffile.imwrite(
            path, np.ascontiguousarray(stored), photometric=photometric, extrasamples=extra, tile=tile,
            predictor=predictor, byteorder=order, **options,
        )  # fmt: skip
    except (ValueError, NotImplementedError, KeyError):
        return None
    return shares


def fault(cell, shares, samples, full):
    """Say what is wrong with the samples that were read of a cell."""
    kind, name = cell[:2]
    expected = shares[..., :4] if shares.shape[2] == 5 else shares.copy()
    if name == "white is zero":
        expected = 1 - expected
    if "multiplied" in name:
        expected[..., :-1] = expected[..., :-1] / expected[..., -1:]
    top = 255 if kind == "u1" else 65535
    allowed = 1e-3 if kind == "f2" else 8 / top if "multiplied" in name else 1.01 / top
    if samples.shape != expected.shape or full != (expected.shape[2] > 2):
        return f"{cell}: {samples.shape}"
    worst = np.abs(samples / top - expected).max()
    return f"{cell}: {worst * top} levels" if worst > allowed else None


@pytest.mark.parametrize("part", range(8))
def test_layouts(tmp_path, part):
    wrong = []
    for cell in GRID[part :: 8 * SHARE]:
        shares = made(tmp_path / "a.tif", cell)
        if shares is not None:
            picture = read(tmp_path / "a.tif")
            wrong.append(fault(cell, shares, picture.samples, picture.full))
    assert len(wrong) > 5
    assert [each for each in wrong if each] == []


WITHOUT = """
import sys
sys.modules["imagecodecs"] = None
import numpy as np
from restorekit.errors import ImageError
from restorekit.images import read
for path in sys.argv[1:]:
    try:
        picture = read(path)
        np.savez(path + ".npz", samples=picture.samples, full=picture.full)
        print("read")
    except ImageError as error:
        print(error)
"""


@pytest.mark.skipif(find_spec("imagecodecs") is None, reason="writes what only imagecodecs writes")
def test_without_the_codecs_layouts_are_right_or_refused_by_name(tmp_path):
    cells = [cell for cell in GRID if cell[3] in ("lzw", "packbits", "zstd")][:: 3 * SHARE]
    found = {cell: made(tmp_path / f"{n}.tif", cell) for n, cell in enumerate(cells)}
    paths = [str(tmp_path / f"{n}.tif") for n, cell in enumerate(cells) if found[cell] is not None]
    done = subprocess.run([sys.executable, "-c", WITHOUT, *paths], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    said = dict(zip(paths, done.stdout.splitlines(), strict=True))
    wrong = []
    for n, cell in enumerate(cells):
        path = str(tmp_path / f"{n}.tif")
        if said.get(path) == "read":
            stored = np.load(path + ".npz")
            wrong.append(fault(cell, found[cell], stored["samples"], bool(stored["full"])))
        elif path in said:
            assert f"compression {cell[3]}" in said[path] and "restorekit[codecs]" in said[path], said[path]
    assert len([each for each in wrong if not each]) > 5
    assert [each for each in wrong if each] == []


def packed(samples, bits):
    """H,W,C integers as rows of bits, each row to a full byte."""
    rows = samples.reshape(len(samples), -1).astype(">u4")
    every = np.unpackbits(rows.view(np.uint8).reshape(*rows.shape, 4), axis=2)[..., 32 - bits :]
    return np.packbits(every.reshape(len(rows), -1), axis=1).tobytes()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("bits", [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 17, 20, 23, 24])
def test_odd_bits(tmp_path, bits, channels):
    rows, columns = np.mgrid[0:40, 0:61]
    samples = np.stack([(rows * 61 + columns * 7919 + n) % 2**bits for n in range(channels)], axis=2)
    data = packed(samples, bits)
    depth = struct.pack(f"<{channels}H", *[bits] * channels)
    tags = [(256, 3, 61), (257, 3, 40), (258, 3, bits), (259, 3, 1), (262, 3, 1 if channels == 1 else 2)]
    tags += [(273, 4, 8 + len(depth)), (277, 3, channels), (278, 3, 40), (279, 4, len(data))]
    table = b""
    for tag, kind, value in tags:
        several = tag == 258 and channels > 1
        table += struct.pack("<HHII", tag, kind, channels if several else 1, 8 if several else value)
    start = 8 + len(depth) + len(data)
    head = b"II*\0" + struct.pack("<I", start) + depth + data
    (tmp_path / "a.tif").write_bytes(head + struct.pack("<H", len(tags)) + table + bytes(4))
    if find_spec("imagecodecs") is None and not (bits == 1 or (channels == 1 and bits in (2, 4))):
        with pytest.raises(ImageError, match="this kind of TIFF cannot be read .*pip install"):
            read(tmp_path / "a.tif")
        return
    picture = read(tmp_path / "a.tif")
    top = 255 if bits <= 8 else 65535
    assert np.abs(picture.samples / top - samples / (2**bits - 1)).max() <= 0.51 / top
    assert len(picture.notes) == 1


@pytest.mark.skipif(find_spec("imagecodecs") is None, reason="writes what only imagecodecs writes")
@pytest.mark.parametrize("codec", ["jpeg", "webp", "png", "jpeg2000", "jpegxl"])
def test_compressions_of_pictures(tmp_path, codec):
    pixels = (values(3) * 4 * 255).astype(np.uint8).repeat(3, 0).repeat(3, 1)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb", compression=codec)
    assert np.abs(read(tmp_path / "a.tif").pixels.astype(int) - pixels).mean() < 14


@pytest.mark.parametrize("bits", [1, 4, 8])
def test_palettes(tmp_path, bits):
    places = np.arange(40 * 56).reshape(40, 56) % 2**bits
    table = np.random.default_rng(0).integers(0, 256, (3, 2**bits)).astype(np.uint16) * 257
    if bits == 8:
        tifffile.imwrite(tmp_path / "a.tif", places.astype(np.uint8), photometric="palette", colormap=table)
    else:
        from PIL import Image

        image = Image.fromarray(places.astype(np.uint8), "P")
        image.putpalette((table // 257).T.astype(np.uint8).tobytes())
        image.save(tmp_path / "a.tif", bits=bits)
    picture = read(tmp_path / "a.tif")
    assert np.array_equal(picture.pixels, (table // 257).T[places])
    assert picture.notes == ("palette colours are written as full colours",)


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_brightness_and_colour_apart(tmp_path, planar):
    from PIL import Image

    rgb = (values(3) * 4 * 255).astype(np.uint8)
    luma = np.asarray(Image.fromarray(rgb).convert("YCbCr"))
    stored = luma if planar == "contig" else np.moveaxis(luma, 2, 0)
    tags = [(530, "H", 2, (1, 1), True)]
    tifffile.imwrite(
        tmp_path / "a.tif",
        np.ascontiguousarray(stored),
        photometric="ycbcr",
        planarconfig=planar,
        extratags=tags,
    )
    picture = read(tmp_path / "a.tif")
    assert np.abs(picture.pixels.astype(int) - rgb).max() <= 3
    assert picture.notes == ("YCbCr is converted to RGB",)


def test_a_value_a_hair_above_white_is_cut_off(tmp_path):
    samples = np.full((20, 20), 1.001, np.float32)
    tifffile.imwrite(tmp_path / "a.tif", samples)
    assert (read(tmp_path / "a.tif").pixels == 65535).all()
