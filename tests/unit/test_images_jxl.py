"""JPEG XL: bounded by its head, upright by its code stream, its metadata in boxes."""

import imagecodecs
import numpy as np
import pillow_jxl  # noqa: F401 (which registers itself)
import pytest
from PIL import Image, ImageCms
from skimage.data import astronaut

from restorekit.errors import ImageError
from restorekit.images import Picture, read, read_rgb, write
from restorekit.images.jxl import code_stream, head_of

PHOTO = astronaut()[:120, 100:260]
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><about>a face</about></x:xmpmeta>'


def exif(orientation=1):
    block = Image.Exif()
    block[0x010E], block[0x0112] = "a face", orientation
    return block.tobytes()


def encoded(pixels, **options):
    return bytes(imagecodecs.jpegxl_encode(pixels, lossless=True, **options))


@pytest.mark.parametrize(
    "shape", [(16, 16), (64, 64), (96, 128), (120, 160), (90, 160), (257, 31), (40, 600)]
)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_head_tells_the_size(shape, channels):
    pixels = np.zeros((*shape, channels), np.uint8)
    head = head_of(code_stream(encoded(pixels[..., 0] if channels == 1 else pixels)))
    assert (head.height, head.width, head.bits, head.rare) == (*shape, 8, "")
    assert head.extra == (1 - channels % 2)


def test_it_is_bounded_before_it_is_decoded(tmp_path, monkeypatch):
    write(tmp_path / "a.jxl", Picture(PHOTO))
    monkeypatch.setattr("pillow_jxl.Decoder", None)
    with pytest.raises(ImageError, match="160 x 120 are 1 megapixels, more than the 0.01 allowed"):
        read(tmp_path / "a.jxl", max_pixels=10_000)


def test_deep_colours_are_reduced_and_deep_grey_is_not(tmp_path):
    deep = PHOTO.astype(np.uint16) * 257
    (tmp_path / "a.jxl").write_bytes(encoded(deep))
    picture = read(tmp_path / "a.jxl")
    assert np.array_equal(picture.pixels, PHOTO)
    assert picture.notes == ("16 bits per channel are reduced to 8",)
    (tmp_path / "b.jxl").write_bytes(encoded(deep[..., 1]))
    assert np.array_equal(read(tmp_path / "b.jxl").pixels[..., 0], deep[..., 1])


@pytest.mark.parametrize("channels", [1, 3])
def test_floating_point_is_refused_by_name(tmp_path, channels):
    pixels = (PHOTO / 255).astype(np.float32)
    (tmp_path / "a.jxl").write_bytes(encoded(pixels if channels == 3 else pixels[..., 0]))
    with pytest.raises(ImageError, match="JPEG XL of floating-point numbers cannot be read; convert it"):
        read(tmp_path / "a.jxl")


@pytest.mark.parametrize("compressed", [False, True])
def test_metadata_is_kept_also_where_it_was_compressed(tmp_path, compressed):
    options = {"exif": bytes(4) + exif()[6:], "xmp": XMP, "compress_metadata": compressed}
    Image.fromarray(PHOTO).save(tmp_path / "a.jxl", **options)
    assert (b"brob" in (tmp_path / "a.jxl").read_bytes()) == compressed
    for target in ("b.jxl", "c.png"):
        assert write(tmp_path / target, read(tmp_path / "a.jxl")) == ()
        after = read(tmp_path / target)
        assert (after.exif, after.xmp) == (exif(), XMP)


def test_metadata_that_unfolds_without_end_is_left_out(tmp_path):
    block = bytes(4) + exif()[6:] + bytes(2**25)
    Image.fromarray(PHOTO).save(tmp_path / "a.jxl", exif=block, compress_metadata=True)
    assert (tmp_path / "a.jxl").stat().st_size < 2**20
    picture = read(tmp_path / "a.jxl")
    assert picture.exif is None and "its compressed metadata cannot be read" in picture.notes[0]


def test_a_jpeg_in_it_is_turned_once_as_the_code_stream_says(tmp_path):
    Image.fromarray(PHOTO).save(tmp_path / "a.jpg", exif=exif(6), quality=95)
    (tmp_path / "a.jxl").write_bytes(imagecodecs.jpegxl_encode_jpeg((tmp_path / "a.jpg").read_bytes()))
    upright = read(tmp_path / "a.jpg").pixels
    picture = read(tmp_path / "a.jxl")
    assert picture.pixels.shape == upright.shape == (160, 120, 3)
    assert np.abs(picture.pixels.astype(int) - upright).mean() < 2
    write(tmp_path / "b.jxl", picture)
    after = read(tmp_path / "b.jxl")
    assert after.pixels.shape == upright.shape and Image.open(tmp_path / "b.jxl").getexif()[0x0112] == 1


def test_the_orientation_in_exif_has_no_meaning(tmp_path):
    Image.fromarray(PHOTO).save(tmp_path / "a.jxl", exif=exif(6))
    assert read(tmp_path / "a.jxl").pixels.shape == read_rgb(tmp_path / "a.jxl").shape == PHOTO.shape


def test_colours_of_another_profile_are_converted_and_it_is_said(tmp_path):
    write(tmp_path / "lab.png", Picture(PHOTO, icc=wide_profile()))
    picture = read(tmp_path / "lab.png")
    (said,) = write(tmp_path / "a.jxl", picture)
    assert said == "its colours are converted to sRGB, as JPEG XL is written without profiles"
    assert 2 < np.abs(read_rgb(tmp_path / "a.jxl").astype(int) - PHOTO).mean() < 40
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert write(tmp_path / "b.jxl", Picture(PHOTO, icc=srgb)) == ()
    assert write(tmp_path / "c.jxl", Picture(PHOTO, icc=b"none")) == (
        "the colour profile is broken, and left out",
    )


def wide_profile():
    from restorekit.images.coding import Coding
    from restorekit.images.profiles import profile_of

    return profile_of(Coding(cicp=(12, 13, 0, 1)), grey=False)


@pytest.mark.parametrize(
    "data", [b"\xff\x0a", b"\xff\x0a" + b"\xff" * 80, b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(60)]
)
def test_what_is_none_is_a_line(tmp_path, data):
    (tmp_path / "a.jxl").write_bytes(data)
    with pytest.raises(ImageError, match=r"a\.jxl: .*(damaged|megapixels)"):
        read(tmp_path / "a.jxl")


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    write(tmp_path / "a.jxl", Picture(PHOTO))
    missing = lambda kind, writing=False: "pip install 'restorekit[jxl]'"  # noqa: E731
    monkeypatch.setattr("restorekit.images.jxl.missing_codec", missing)
    monkeypatch.setattr("restorekit.images.encode.missing_codec", missing)
    with pytest.raises(ImageError, match=r"JPEG XL needs another package; .*restorekit\[jxl\]"):
        read(tmp_path / "a.jxl")
    with pytest.raises(ImageError, match=r"writing JPEG XL needs another package; .*restorekit\[jxl\]"):
        write(tmp_path / "b.jxl", Picture(PHOTO))


def test_a_box_that_is_cut_off_behind_the_picture_does_not_cost_it(tmp_path):
    Image.fromarray(PHOTO).save(tmp_path / "a.jxl", xmp=XMP)
    data = (tmp_path / "a.jxl").read_bytes()
    for tail in (b"\0", b"\0\0\0\1junk", b"\0\0\0\1junk\0\0\0", b"\0\0\0\x09junk"):
        (tmp_path / "b.jxl").write_bytes(data + tail)
        assert read(tmp_path / "b.jxl").xmp == XMP
