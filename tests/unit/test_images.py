"""Pictures in and out of files."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from restorekit.errors import ImageError
from restorekit.images import SUFFIXES, Picture, read, read_rgb, write, write_rgb


@pytest.fixture
def colours():
    """H,W,3 uint8 whose channels and sides all differ: red above, blue below."""
    pixels = np.zeros((31, 17, 3), np.uint8)
    pixels[:15, :, 0] = 220
    pixels[15:, :, 2] = 150
    return pixels


def difference(one, other):
    return np.abs(one.astype(int) - other.astype(int)).max()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_colour_order_and_odd_size_survive(tmp_path, colours, suffix):
    path = tmp_path / f"picture{suffix}"
    write_rgb(path, colours)
    for pixels in (read(path).pixels, read_rgb(path)):
        assert pixels.shape == (31, 17, 3)
        assert pixels.dtype == np.uint8
        assert difference(pixels[:10], colours[:10]) < (60 if suffix == ".jxl" else 12)
        assert difference(pixels[20:], colours[20:]) < (60 if suffix == ".jxl" else 12)
    assert Image.open(path).convert("RGB").getpixel((8, 4))[0] > 200


WITH_EXIF = [suffix for suffix in SUFFIXES if suffix != ".bmp"]


@pytest.mark.parametrize("target", WITH_EXIF)
@pytest.mark.parametrize("source", WITH_EXIF)
def test_exif_passes_between_formats(tmp_path, colours, source, target):
    exif = Image.Exif()
    exif[0x010E] = "a face"
    write(tmp_path / f"a{source}", Picture(colours, exif=exif.tobytes()))
    write(tmp_path / f"b{target}", read(tmp_path / f"a{source}"))
    assert Image.open(tmp_path / f"b{target}").getexif()[0x010E] == "a face"


def test_black_and_white_becomes_grey_and_is_said(tmp_path, colours):
    Image.fromarray(colours).convert("1").save(tmp_path / "a.png")
    picture = read(tmp_path / "a.png")
    assert picture.grey
    assert "black and white" in picture.notes[0]
    assert set(np.unique(picture.pixels)) == {0, 255}


@pytest.mark.parametrize("value", [0, 600])
def test_deep_grey_with_a_transparent_value(tmp_path, value):
    Image.fromarray(np.full((20, 20), 600, np.uint16)).save(tmp_path / "a.png", transparency=value)
    assert (read(tmp_path / "a.png").alpha == (0 if value == 600 else 65535)).all()


def test_palette_with_transparency(tmp_path, colours):
    Image.fromarray(colours).convert("P").save(tmp_path / "a.png", transparency=0)
    picture = read(tmp_path / "a.png")
    assert picture.alpha is not None
    assert "palette" in picture.notes[0]
    assert difference(picture.pixels, colours) <= 50  # the web palette


def test_frames_left_behind_are_said(tmp_path, colours):
    frames = [Image.fromarray(pixels) for pixels in (colours, colours[::-1])]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], lossless=True)
    picture = read(tmp_path / "a.webp")
    assert np.array_equal(picture.pixels, colours)
    assert "first of 2" in picture.notes[0]


@pytest.mark.parametrize("suffix", [suffix for suffix in WITH_EXIF if suffix != ".jxl"])
def test_rotation_by_exif_is_applied_once(tmp_path, colours, suffix):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it 90 degrees clockwise
    Image.fromarray(np.rot90(colours)).save(tmp_path / f"a{suffix}", exif=exif.tobytes(), quality=95)
    picture = read(tmp_path / f"a{suffix}")
    assert picture.pixels.shape == read_rgb(tmp_path / f"a{suffix}").shape == (31, 17, 3)
    assert difference(picture.pixels[:10], colours[:10]) < 12
    write(tmp_path / f"b{suffix}", picture)
    assert Image.open(tmp_path / f"b{suffix}").getexif().get(0x0112, 1) == 1


def cut(data):
    return data[: len(data) * 2 // 3]


@pytest.mark.parametrize("reader", [read, read_rgb])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_truncated(tmp_path, suffix, reader):
    path = tmp_path / f"a{suffix}"
    write_rgb(path, np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8))
    path.write_bytes(cut(path.read_bytes()))
    with pytest.raises(ImageError, match="truncated") as caught:
        reader(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("reader", [read, read_rgb])
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b""), "empty"),
        (
            lambda path: path.write_text("a letter to a friend"),
            "not a PNG, JPEG, WebP, TIFF, BMP, AVIF, HEIC or JPEG XL",
        ),
        (
            lambda path: Image.new("RGB", (20, 20)).save(path, "GIF"),
            "not a PNG, JPEG, WebP, TIFF, BMP, AVIF, HEIC or JPEG XL",
        ),
    ],
)
def test_bad_input_is_one_line_with_a_next_step(tmp_path, make, said, reader):
    path = tmp_path / "a.png"
    make(path)
    with pytest.raises(ImageError, match=said) as caught:
        reader(path)
    assert caught.value.message.startswith(f"{path}: ")
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_unreadable_file(tmp_path, colours, monkeypatch):
    def refuse(path, mode):
        raise PermissionError(13, "Permission denied")

    write_rgb(tmp_path / "a.png", colours)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ImageError, match="cannot be read .Permission denied."):
        read(tmp_path / "a.png")


@pytest.mark.parametrize(("width", "height"), [(1, 1), (15, 64), (64, 15)])
def test_too_small_to_restore(tmp_path, width, height):
    Image.new("RGB", (width, height)).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match=f"{width} x {height}"):
        read(tmp_path / "a.png")
    assert read_rgb(tmp_path / "a.png").shape == (height, width, 3)


def test_jpeg_refuses_transparency(tmp_path, colours):
    with pytest.raises(ImageError, match="no transparency"):
        write(tmp_path / "a.jpg", Picture(colours, alpha=colours[..., 0]))


def test_unknown_ending(tmp_path, colours):
    with pytest.raises(ImageError, match=r"\.png, \.jpg"):
        write_rgb(tmp_path / "a.gif", colours)


def test_folder_of_the_output_is_made(tmp_path, colours):
    write_rgb(tmp_path / "new" / "folder" / "a.png", colours)
    assert np.array_equal(read_rgb(tmp_path / "new" / "folder" / "a.png"), colours)


def test_output_under_a_file(tmp_path, colours):
    (tmp_path / "file").write_text("")
    with pytest.raises(ImageError, match="cannot be written"):
        write_rgb(tmp_path / "file" / "a.png", colours)


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_what_was_there(tmp_path, colours, monkeypatch, failure):
    def fail(descriptor):
        raise failure

    path = tmp_path / "a.png"
    path.write_text("before")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises((ImageError, KeyboardInterrupt), match="No space left|^$"):
        write_rgb(path, colours)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["a.png"]


def test_written_file_has_the_usual_permissions(tmp_path, colours):
    (tmp_path / "other").write_text("")
    write_rgb(tmp_path / "a.png", colours)
    assert (tmp_path / "a.png").stat().st_mode == (tmp_path / "other").stat().st_mode
