"""How a file was compressed, and metadata that reading must not disturb."""

import struct

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from restorekit.images import Picture, read, write

PHOTO = np.random.default_rng(0).integers(0, 256, (8, 6, 3)).astype(np.uint8).repeat(8, 0).repeat(8, 1)


@pytest.mark.parametrize("sampling", [0, 1, 2])
@pytest.mark.parametrize("quality", [30, 75, 97])
def test_jpeg_is_written_with_the_tables_and_sampling_of_its_source(tmp_path, quality, sampling):
    Image.fromarray(PHOTO).save(tmp_path / "a.jpg", quality=quality, subsampling=sampling)
    write(tmp_path / "b.jpg", read(tmp_path / "a.jpg"))
    with Image.open(tmp_path / "a.jpg") as before, Image.open(tmp_path / "b.jpg") as after:
        assert after.quantization == before.quantization
        assert JpegImagePlugin.get_sampling(after) == sampling
    share = (tmp_path / "b.jpg").stat().st_size / (tmp_path / "a.jpg").stat().st_size
    assert 0.9 < share < 1.1


def test_grey_jpeg_keeps_its_table(tmp_path):
    Image.fromarray(PHOTO).convert("L").save(tmp_path / "a.jpg", quality=60)
    write(tmp_path / "b.jpg", read(tmp_path / "a.jpg"))
    with Image.open(tmp_path / "a.jpg") as before, Image.open(tmp_path / "b.jpg") as after:
        assert after.mode == "L"
        assert after.quantization == before.quantization


@pytest.mark.parametrize("progressive", [False, True])
def test_progressive_jpeg_stays_so(tmp_path, progressive):
    Image.fromarray(PHOTO).save(tmp_path / "a.jpg", progressive=progressive)
    write(tmp_path / "b.jpg", read(tmp_path / "a.jpg"))
    assert bool(Image.open(tmp_path / "b.jpg").info.get("progressive")) == progressive


@pytest.mark.parametrize("lossless", [False, True])
def test_webp_is_lossless_where_its_source_is(tmp_path, lossless):
    Image.fromarray(PHOTO).save(
        tmp_path / "a.webp", lossless=lossless, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"
    )
    picture = read(tmp_path / "a.webp")
    write(tmp_path / "b.webp", picture)
    assert np.array_equal(read(tmp_path / "b.webp").pixels, picture.pixels) == lossless


def test_png_becomes_jpeg_of_high_quality_and_full_colour(tmp_path):
    write(tmp_path / "a.jpg", Picture(PHOTO))
    with Image.open(tmp_path / "a.jpg") as image:
        assert JpegImagePlugin.get_sampling(image) == 0
        assert max(image.quantization[0]) < 20


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_orientation_alone_is_changed_in_an_exif_block(tmp_path, order):
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(order + "HHIHH", 0x0112, 3, 1, 6, 0) + struct.pack(
        order + "HHI4s", 0xC6FF, 7, 4, b"odd!"
    )
    block = b"Exif\0\0" + mark + struct.pack(order + "IH", 8, 2) + entries + bytes(4) + b"a maker's own bytes"
    Image.fromarray(PHOTO).save(tmp_path / "a.jpg", exif=block)
    picture = read(tmp_path / "a.jpg")
    assert picture.pixels.shape == (48, 64, 3)
    turned, upright = (struct.pack(order + "HHIHH", 0x0112, 3, 1, value, 0) for value in (6, 1))
    assert picture.exif == block.replace(turned, upright)


@pytest.mark.parametrize("turned", range(1, 9))
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_all_eight_orientations(tmp_path, suffix, depth, turned):
    exif = Image.Exif()
    exif[0x0112] = turned
    pixels = PHOTO.astype(depth)
    pixels[:4, :4] = 1
    write(tmp_path / f"a{suffix}", Picture(pixels, exif=exif.tobytes()))
    expected = {
        1: pixels,
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: np.swapaxes(pixels, 0, 1),
        6: np.rot90(pixels, -1),
        7: np.swapaxes(pixels[::-1, ::-1], 0, 1),
        8: np.rot90(pixels),
    }[turned]
    assert np.array_equal(read(tmp_path / f"a{suffix}").pixels, expected)


def test_the_orientation_in_xmp_is_reset_too(tmp_path):
    xmp = b'<rdf:Description tiff:Orientation="6" tiff:Make="x"/>'
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(PHOTO).save(tmp_path / "a.jpg", exif=exif, xmp=xmp)
    assert read(tmp_path / "a.jpg").xmp == xmp.replace(b'"6"', b'"1"')


def test_a_damaged_exif_block_does_not_cost_the_picture(tmp_path):
    block = b"Exif\0\0II*\0\xff\xff\0\0"
    Image.fromarray(PHOTO).save(tmp_path / "a.jpg", exif=block)
    picture = read(tmp_path / "a.jpg")
    assert picture.pixels.shape == (64, 48, 3)
    assert picture.exif == block
    write(tmp_path / "b.tif", picture)
    assert read(tmp_path / "b.tif").pixels.shape == (64, 48, 3)


def test_exif_too_long_for_a_jpeg_is_left_out_and_said(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "a" * 70_000
    assert write(tmp_path / "a.jpg", Picture(PHOTO, exif=exif.tobytes())) == ("JPEG cannot hold the EXIF",)


def test_what_two_formats_hold_survives_there_and_back(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    before = Picture(
        PHOTO.astype(np.uint16) * 257, alpha=PHOTO[..., 0].astype(np.uint16), exif=exif.tobytes()
    )
    write(tmp_path / "a.png", before)
    write(tmp_path / "b.tif", read(tmp_path / "a.png"))
    write(tmp_path / "c.png", read(tmp_path / "b.tif"))
    after = read(tmp_path / "c.png")
    assert np.array_equal(after.samples, before.samples)
    assert Image.open(tmp_path / "c.png").getexif()[0x010F] == "a camera"


def test_a_large_tiff_lies_in_many_strips(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 65536, (700, 900, 3)).astype(np.uint16)
    write(tmp_path / "a.tif", Picture(pixels))
    picture = read(tmp_path / "a.tif")
    assert np.array_equal(picture.pixels, pixels)
    assert picture.dpi is None
