"""Pictures that are refused, in a line each, and the limit on what a header may claim."""

import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from restorekit.errors import ImageError
from restorekit.images import MAX_PIXELS, SUFFIXES, Picture, read, read_rgb, write


def noise(height=64, width=64, depth=np.uint8):
    top = np.iinfo(depth).max + 1
    return np.random.default_rng(0).integers(0, top, (height, width, 3)).astype(depth)


def refused(path, *arguments):
    with pytest.raises(ImageError) as caught:
        read(path, *arguments)
    assert caught.value.message.startswith(f"{path}: ")
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_cut_anywhere_it_is_refused_without_other_words(tmp_path, capfd, suffix, depth):
    path = tmp_path / f"a{suffix}"
    write(path, Picture(noise(depth=depth)))
    data = path.read_bytes()
    for share in (0.01, 0.1, 0.5, 0.9, 0.99):
        path.write_bytes(data[: int(len(data) * share)])
        assert "truncated" in refused(path) or share < 0.1
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_flipped_bytes_never_raise_another_error(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    write(path, Picture(noise(), dpi=(72, 72)))
    data = np.frombuffer(path.read_bytes(), np.uint8)
    rng = np.random.default_rng(1)
    for _ in range(60):
        broken = data.copy()
        broken[rng.integers(0, min(len(data), 400), 3)] = rng.integers(0, 256, 3)
        path.write_bytes(broken.tobytes())
        for reader in (read, read_rgb):
            try:
                reader(path)
            except ImageError as error:
                assert "\n" not in str(error)


def test_a_wrong_checksum_of_deep_pixels_is_refused_without_other_words(tmp_path, capfd):
    write(tmp_path / "a.png", Picture(noise(depth=np.uint16)))
    data = bytearray((tmp_path / "a.png").read_bytes())
    data[data.rindex(b"IEND") - 5] ^= 1  # the last byte of the checksum before it
    (tmp_path / "a.png").write_bytes(data)
    assert "is truncated or damaged" in refused(tmp_path / "a.png")
    assert capfd.readouterr().err == ""


def test_a_film_is_no_picture(tmp_path):
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    assert "is not a PNG" in refused(tmp_path / "a.heic")


def huge(suffix):
    """A file of a few bytes whose header claims 40,000 x 40,000 pixels, or as many as its format can."""
    side = struct.pack(">I", 40_000)
    if suffix == ".png":
        header = b"IHDR" + side * 2 + bytes([8, 2, 0, 0, 0])
        data = b"IDAT" + zlib.compress(bytes(10))
        chunks = [
            struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, data)
        ]
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
    if suffix == ".jpg":
        frame = b"\xff\xc0\0\x0b\x08" + struct.pack(">HH", 40_000, 40_000) + b"\x01\x01\x11\0"
        return b"\xff\xd8" + frame + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + bytes(10)
    if suffix == ".bmp":
        return b"BM" + struct.pack("<IIIIiiHHIIiiII", 100, 0, 54, 40, 40_000, 40_000, 1, 24, 0, 0, 0, 0, 0, 0)
    kind = {".tif": "<u1", ".float.tif": "<f4"}[suffix]
    tags = [(256, 40_000), (257, 40_000), (258, 8 * int(kind[-1])), (259, 1), (262, 1), (273, 8), (277, 1)]
    tags += [(278, 40_000), (279, 1), (339, 3 if "f" in kind else 1)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".float.tif"])
def test_a_huge_header_is_refused_before_decoding(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(huge(suffix))
    said = refused(path)
    assert "40000 x 40000 are 1600 megapixels, more than the 180 allowed" in said
    assert "max_pixels=1600" in said
    with pytest.raises(ImageError, match="1600 megapixels"):
        read_rgb(path)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_limit_holds_for_every_codec(tmp_path, suffix, depth):
    path = tmp_path / f"a{suffix}"
    write(path, Picture(noise(20, 30, depth)))
    assert "30 x 20 are 1 megapixels" in refused(path, 599)
    assert read(path, 600).pixels.shape == (20, 30, 3)


def test_the_limit_is_ours_not_that_of_the_process(tmp_path, monkeypatch):
    write(tmp_path / "a.png", Picture(noise(20, 30)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert read(tmp_path / "a.png").pixels.shape == (20, 30, 3)
    assert MAX_PIXELS == 180_000_000


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 20_000), (20_000, 15)])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp"])
def test_a_side_too_small_to_restore(tmp_path, suffix, width, height):
    Image.new("RGB", (width, height)).save(tmp_path / f"a{suffix}")
    assert f"{width} x {height} pixels; each side must have at least 16" in refused(tmp_path / f"a{suffix}")


@pytest.mark.parametrize(
    ("array", "options", "said"),
    [
        (np.full((20, 20), -3, np.int16), {}, "minisblack of 1 x 16 bits, int16, compression none"),
        (np.full((20, 20), 1 + 1j, np.complex64), {}, "minisblack of 1 x 64 bits, complex64"),
        (np.full((20, 20), 300.0, np.float32), {}, "floating-point values of 300 to 300; scale"),
        (np.full((20, 20), np.nan, np.float32), {}, "floating-point values of nan to nan"),
        (np.zeros((20, 20, 3), np.uint16), {"photometric": "cielab"}, "this kind of TIFF cannot be read"),
    ],
)
def test_numbers_that_are_no_colours(tmp_path, array, options, said):
    tifffile.imwrite(tmp_path / "a.tif", array, **options)
    assert said in refused(tmp_path / "a.tif")


@pytest.mark.parametrize(("suffix", "hint"), [(".heic", "restorekit[heif]"), (".avif", "upgrade pillow")])
def test_a_missing_codec_is_named_with_how_to_get_it(tmp_path, monkeypatch, suffix, hint):
    path = tmp_path / f"a{suffix}"
    write(path, Picture(noise()))
    for codecs in (Image.OPEN, Image.SAVE):
        for kind in ("HEIF", "AVIF"):
            monkeypatch.delitem(codecs, kind, raising=False)
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    assert hint in refused(path)
    with pytest.raises(ImageError, match="needs another package"):
        write(path, Picture(noise()))


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".jfif"])
def test_transparency_where_there_is_none(tmp_path, suffix):
    with pytest.raises(ImageError, match=r"has no transparency, the picture has; write \.png"):
        write(tmp_path / f"a{suffix}", Picture(noise(), alpha=noise()[..., 0]))
    assert list(tmp_path.iterdir()) == []


def test_a_side_too_long_for_the_format(tmp_path):
    with pytest.raises(ImageError, match="WebP cannot hold it"):
        write(tmp_path / "a.webp", Picture(np.zeros((16, 17_000, 3), np.uint8)))
