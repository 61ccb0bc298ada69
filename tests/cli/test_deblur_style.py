"""``--format``, ``--quality`` and ``--strip``: how the files of a batch are written."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import restorekit.restore.load
from restorekit.cli import main
from restorekit.contracts import Restorer
from restorekit.images import Picture, read, write


class Lighter(Restorer):
    name = "lighter"

    def restore(self, images):
        return images + 20 / 255


class Nothing(Restorer):
    name = "nothing"

    def restore(self, images):
        return images


@pytest.fixture
def restore(monkeypatch, capsys, tmp_path):
    """Run the command in ``tmp_path``; gives (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, restorer=None):
        monkeypatch.setattr(restorekit.restore.load, "load_restorer", lambda *which: restorer or Lighter())
        monkeypatch.setattr(sys, "argv", ["restorekit", "restore", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return (ended.value.code, *capsys.readouterr())

    return run


def make(path):
    """A picture with noise, a profile, EXIF, XMP and a comment."""
    pixels = np.random.default_rng(0).integers(0, 200, (64, 64, 3), np.uint8)
    exif = Image.Exif()
    exif[315] = "Ada"
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    told = {"icc": profile, "exif": b"Exif\0\0" + exif.tobytes()[6:], "text": (("Comment", "a garden"),)}
    write(path, Picture(pixels, xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", dpi=(300.0, 300.0), **told))


def test_all_are_written_in_one_format(restore):
    make("a.png")
    make("b.jpg")
    assert restore("a.png", "b.jpg", "-o", "out", "--format", "webp")[0] == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.webp", "b.webp"]
    assert Image.open("out/a.webp").format == "WEBP"
    assert restore("a.png", "--format", ".JPG")[1] == "a.png -> a.restored.jpg\n"


@pytest.mark.parametrize("suffix", ["jpg", "webp", "avif"])
def test_a_lower_quality_gives_a_smaller_file(suffix, restore):
    make("a.png")
    for quality in ("20", "90"):
        assert restore("a.png", "-o", quality, "--format", suffix, "--quality", quality)[0] == 0
    assert Path(f"20/a.{suffix}").stat().st_size < 0.7 * Path(f"90/a.{suffix}").stat().st_size


def test_quality_counts_instead_of_the_sources_own(restore):
    make("a.jpg")
    restore("a.jpg", "-o", "own")
    restore("a.jpg", "-o", "low", "--quality", "10")
    assert Path("low/a.jpg").stat().st_size < 0.5 * Path("own/a.jpg").stat().st_size


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("restorer", [Lighter(), Nothing()])
def test_strip_leaves_out_what_tells_of_people_and_keeps_colours_and_resolution(suffix, restorer, restore):
    make(f"a{suffix}")
    before = read(f"a{suffix}")
    assert before.exif and before.xmp
    assert restore(f"a{suffix}", "-o", "out", "--strip", restorer=restorer)[0] == 0
    after = read(f"out/a{suffix}")
    assert (after.xmp, after.iptc, after.text) == (None, None, ())
    assert b"Ada" not in Path("out", f"a{suffix}").read_bytes()
    assert (after.icc, after.dpi) == (before.icc, before.dpi)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "gifx"], "--format gifx: is not a format that can be written"),
        (["--quality", "0"], "--quality 0: is out of range"),
        (["--quality", "101"], "--quality 101: is out of range"),
        (["--format", "png", "-o", "b.jpg"], "b.jpg: is not of the format png"),
    ],
)
def test_what_cannot_be_is_a_line(arguments, said, restore):
    make("a.png")
    status, out, err = restore("a.png", *arguments)
    assert (status, out) == (2, "") and f"error: {said}" in err
