"""Camera raw: developed, upright, bounded, and never written."""

from contextlib import nullcontext, suppress
from types import SimpleNamespace

import numpy as np
import pytest
from dng import write_dng
from PIL import Image

import restorekit.images.raw
from restorekit.errors import ImageError
from restorekit.images import Style, read, read_rgb, write
from restorekit.images.raw import DEVELOPED


def test_it_is_developed_to_16_bits_with_what_the_camera_said(tmp_path):
    write_dng(tmp_path / "a.dng")
    picture = read(tmp_path / "a.dng")
    assert (picture.pixels.shape, picture.pixels.dtype) == ((64, 96, 3), np.uint16)
    assert picture.notes == (DEVELOPED,)
    upper = picture.pixels[8:24].astype(int).mean(axis=(0, 1))
    assert upper[1] > upper[0] and picture.pixels[:, 60:].mean() > picture.pixels[:, :40].mean()
    write(tmp_path / "b.tif", picture)
    exif = Image.open(tmp_path / "b.tif").getexif()
    assert (exif[271], exif[272], exif[315], exif.get(50706)) == ("Maker", "Model", "A person", None)
    assert np.array_equal(read(tmp_path / "b.tif").pixels, picture.pixels)


@pytest.mark.parametrize(("orientation", "turns"), [(3, 2), (6, 3), (8, 1)])
def test_it_is_turned_once(tmp_path, orientation, turns):
    write_dng(tmp_path / "a.dng")
    write_dng(tmp_path / "b.dng", orientation=orientation)
    upright, turned = read_rgb(tmp_path / "a.dng").astype(int), read(tmp_path / "b.dng")
    assert np.abs(np.rot90(upright, turns) - turned.pixels // 257).max() <= 1
    write(tmp_path / "b.tif", turned)
    assert Image.open(tmp_path / "b.tif").getexif().get(274, 1) == 1
    assert read(tmp_path / "b.tif").pixels.shape == turned.pixels.shape


def test_it_is_bounded_before_it_is_developed(tmp_path, monkeypatch):
    import rawpy

    write_dng(tmp_path / "a.dng")
    sizes = rawpy.imread(str(tmp_path / "a.dng")).sizes
    monkeypatch.setattr(rawpy, "imread", lambda file: nullcontext(SimpleNamespace(sizes=sizes)))
    with pytest.raises(ImageError, match="96 x 64 are 1 megapixels, more than the 0.006 allowed"):
        read(tmp_path / "a.dng", max_pixels=6000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"II*\0" + bytes(200), "a.dng: is no camera raw that LibRaw knows; convert it"),
        (b"FUJIFILMCCD-RAW " + bytes(200), "a.dng: is no camera raw that LibRaw knows"),
        (b"\xff\xd8\xff" + bytes(200), "a.dng: is truncated or damaged"),
    ],
)
def test_what_is_none_is_a_line(tmp_path, content, said):
    (tmp_path / "a.dng").write_bytes(content)
    with pytest.raises(ImageError, match=said):
        read(tmp_path / "a.dng")


def test_one_that_is_cut_off_is_refused_without_other_words(tmp_path, capfd):
    write_dng(tmp_path / "a.dng")
    whole = (tmp_path / "a.dng").read_bytes()
    for share in (0.1, 0.5, 0.99):
        (tmp_path / "a.dng").write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(ImageError, match=r"a\.dng: is (truncated or damaged|no camera raw)") as caught:
            read(tmp_path / "a.dng")
        assert "b'" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_flipped_bytes_never_raise_another_error(tmp_path):
    write_dng(tmp_path / "a.dng", 48, 32)
    whole, rng = (tmp_path / "a.dng").read_bytes(), np.random.default_rng(0)
    for _ in range(60):
        data = bytearray(whole)
        for place in rng.integers(0, 500, 3):
            data[place] = rng.integers(256)
        (tmp_path / "b.dng").write_bytes(data)
        with suppress(ImageError):
            assert read(tmp_path / "b.dng", 10**7).pixels.dtype == np.uint16


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    write_dng(tmp_path / "a.dng")
    monkeypatch.setattr(restorekit.images.raw, "installed", lambda name: False)
    with pytest.raises(ImageError, match=r"a\.dng: camera raw needs another package; .*restorekit\[raw\]"):
        read(tmp_path / "a.dng")


def test_it_is_never_written(tmp_path):
    write_dng(tmp_path / "a.dng")
    with pytest.raises(ImageError, match="cannot write this kind of file"):
        write(tmp_path / "b.dng", read(tmp_path / "a.dng"))
    with pytest.raises(Exception, match="dng: is not a format that can be written"):
        Style("dng")
