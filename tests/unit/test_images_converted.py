"""Pictures of unusual kinds: converted, and said."""

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from restorekit.images import Picture, read, read_rgb, write
from restorekit.images.ifd import numbers_entry, read_directory, write_directory
from restorekit.images.tiff_segments import UnknownKind

SLOPE = np.linspace(0, 1, 400).reshape(20, 20)


def colours():
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[:10, :, 0], pixels[10:, :, 2] = 220, 150
    return pixels


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
@pytest.mark.parametrize(
    ("icc", "said"),
    [
        (None, "CMYK is converted to RGB; it has no colour profile, so colours are a guess"),
        (b"no profile", "CMYK is converted to RGB without its colour profile, which is broken"),
        (
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
            "CMYK is converted to RGB without its colour profile, which is broken",
        ),
    ],
    ids=["none", "broken", "of other colours"],
)
def test_cmyk(tmp_path, suffix, icc, said):
    Image.fromarray(colours()).convert("CMYK").save(tmp_path / f"a{suffix}", icc_profile=icc, quality=95)
    picture = read(tmp_path / f"a{suffix}")
    assert picture.notes == (said,)
    assert picture.icc is None
    assert np.abs(picture.pixels.astype(int) - colours()).max() < 60
    assert picture.pixels[2, 2, 0] > 150 > 60 > picture.pixels[2, 2, 2]


def test_cmyk_of_16_bits(tmp_path):
    inks = np.zeros((20, 20, 4), np.uint16)
    inks[..., 0] = 65535
    tifffile.imwrite(tmp_path / "a.tif", inks, photometric="separated")
    picture = read(tmp_path / "a.tif")
    assert "16 bits per channel are reduced to 8" in picture.notes
    assert picture.pixels[0, 0].tolist() == [0, 255, 255]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("channels", [1, 3])
def test_floating_point(tmp_path, dtype, channels):
    values = np.repeat(SLOPE[..., None], channels, axis=2).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb" if channels == 3 else "minisblack")
    picture = read(tmp_path / "a.tif")
    assert picture.one_channel == (channels == 1)
    assert picture.pixels.dtype == np.uint16
    assert np.array_equal(picture.pixels[..., 0], np.round(values[..., 0].astype(np.float64) * 65535))
    assert picture.notes == ("floating-point values are written as 16 bits, 1.0 as 65535",)


def test_numbers_of_32_bits(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", (SLOPE * (2**32 - 1)).astype(np.uint32), photometric="minisblack")
    picture = read(tmp_path / "a.tif")
    assert np.abs(picture.pixels[..., 0] - SLOPE * 65535).max() <= 1
    assert picture.notes == ("32 bits per channel are written as 16",)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_white_may_be_zero(tmp_path, dtype, photometric):
    dark = np.full((20, 20), 10, dtype)
    tifffile.imwrite(tmp_path / "a.tif", dark, photometric=photometric)
    expected = 10 if photometric == "minisblack" else np.iinfo(dtype).max - 10
    assert (read(tmp_path / "a.tif").pixels == expected).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_channels_too_many(tmp_path, dtype):
    values = np.random.default_rng(0).integers(0, 256, (20, 20, 5)).astype(dtype)
    extra = ["unassalpha", "unspecified"]
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb", extrasamples=extra)
    picture = read(tmp_path / "a.tif")
    assert np.array_equal(picture.samples, values[..., :4])
    assert picture.notes == ("only 4 of 5 channels are read",)


def test_colours_multiplied_by_alpha_are_divided_again(tmp_path):
    values = np.full((20, 20, 4), (10_000, 20_000, 30_000, 32_768), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb", extrasamples=["assocalpha"])
    picture = read(tmp_path / "a.tif")
    assert np.abs(picture.pixels[0, 0] - np.array([20_000, 40_000, 60_000])).max() <= 2
    assert picture.alpha[0, 0] == 32_768


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_pages_left_behind_are_said_and_the_first_is_whole(tmp_path, dtype):
    pages = np.stack([np.repeat(SLOPE[..., None], 3, axis=2)] * 3)
    pages = (pages * (1 if dtype == np.float32 else np.iinfo(dtype).max)).astype(dtype)
    tags = [(271, "s", 0, "a camera", True), (274, "H", 1, 6, True)]
    tifffile.imwrite(tmp_path / "a.tif", pages, photometric="rgb", extratags=tags, resolution=(300, 300))
    picture = read(tmp_path / "a.tif")
    assert "only the first of several pictures in the file is read" in picture.notes
    assert picture.pixels[0, -1, 0] == 0  # it was the left upper corner, and is turned clockwise
    assert picture.dpi == pytest.approx((300, 300))
    exif = Image.Exif()
    exif.load(picture.exif)
    assert exif[271] == "a camera"
    assert 274 not in exif


@pytest.mark.parametrize("suffix", [".webp", ".png", ".avif"])
def test_animation(tmp_path, suffix):
    frames = [Image.fromarray(pixels) for pixels in (colours(), colours()[::-1])]
    frames[0].save(tmp_path / f"a{suffix}", save_all=True, append_images=frames[1:], quality=100)
    picture = read(tmp_path / f"a{suffix}")
    assert picture.notes == ("only the first of 2 pictures in the file is read",)
    assert picture.pixels[2, 2, 0] > 180


def test_photos_with_a_second_one_behind(tmp_path):
    first, second = Image.fromarray(colours()), Image.fromarray(colours()[::-1])
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second], quality=95)
    picture = read(tmp_path / "a.jpg")
    assert picture.notes == ("only the first of 2 pictures in the file is read",)
    assert "JPEG" in picture.encoding


def test_deep_heic_is_reduced_and_said(tmp_path):
    from pillow_heif import encode

    values = (np.repeat(SLOPE[..., None], 3, axis=2) * 65535).astype(np.uint16)
    encode("RGB;16", (20, 20), values.tobytes(), tmp_path / "a.heic", quality=-1)
    picture = read(tmp_path / "a.heic")
    assert picture.pixels.dtype == np.uint8
    assert "10 bits per channel are reduced to 8" in picture.notes


def test_deep_colour_with_a_transparent_value(tmp_path):
    pixels = np.zeros((20, 20, 3), np.uint16)
    pixels[0, 0] = (256, 512, 1000)
    write(tmp_path / "a.png", Picture(pixels))
    data = (tmp_path / "a.png").read_bytes()
    place = data.index(b"IDAT") - 4
    clear = bytes.fromhex("00000006 74524e53 0100 0200 03e8")
    crc = __import__("zlib").crc32(clear[4:]).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(data[:place] + clear + crc + data[place:])
    picture = read(tmp_path / "a.png")
    assert np.array_equal(picture.pixels, pixels)
    assert picture.alpha[0, 0] == 0
    assert (picture.alpha == 65535).sum() == 399


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_transparent_value_of_8_bits(tmp_path, mode):
    value = 7 if mode == "L" else (7, 7, 7)
    Image.new(mode, (20, 20), value).save(tmp_path / "a.png", transparency=value)
    picture = read(tmp_path / "a.png")
    assert picture.one_channel == (mode == "L")
    assert (picture.pixels == 7).all()
    assert (picture.alpha == 0).all()


def test_colours_of_perception(tmp_path):
    lab = Image.new("LAB", (20, 20), (200, 128, 128))
    lab.save(tmp_path / "a.tif")
    picture = read(tmp_path / "a.tif")
    assert picture.notes == ("L*a*b* colours are converted to sRGB",)
    assert read_rgb(tmp_path / "a.tif").shape == (20, 20, 3)


@pytest.mark.parametrize("codecs", [True, False])
@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3), (20, 30, 4)])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_lzw_is_read_with_and_without_more_codecs(tmp_path, monkeypatch, depth, shape, codecs):
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(depth)
    stored = pixels[..., [2, 1, 0, 3][: shape[-1]]] if len(shape) == 3 else pixels
    cv2.imwrite(str(tmp_path / "a.tif"), stored, [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    data = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(with_orientation(data, 6))
    if not codecs:
        monkeypatch.setattr("restorekit.images.tiff_read.by_tifffile", unknown)
    samples = read(tmp_path / "a.tif").samples
    assert np.array_equal(samples, np.rot90(pixels.reshape(*shape[:2], -1), -1))


def unknown(*_):
    raise UnknownKind


def with_orientation(data, turned):
    """Give a TIFF file a directory with one more tag."""
    directory = read_directory(io.BytesIO(data))
    entries = {**directory.entries, 274: numbers_entry(directory.order, 3, turned)}
    end = len(data) + len(data) % 2
    written = write_directory(replace(directory, entries=entries), end)
    return written[:8] + data[8:] + bytes(end - len(data)) + written[8:]
