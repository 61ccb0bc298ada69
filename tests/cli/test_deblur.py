"""``restorekit deblur``, with a restorer that lightens by 20/255."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import restorekit.restore.load
from restorekit.contracts import Restorer
from restorekit.errors import BundleError
from restorekit.images import Picture, read, read_rgb, write, write_rgb
from restorekit.restore.clips import endings


class Lighter(Restorer):
    name = "lighter"
    license = "CC0-1.0"

    def restore(self, images):
        return images + 20 / 255


@pytest.fixture
def loaded(monkeypatch):
    """The (model, device) of each load of the stand-in model."""
    loads = []

    def load_restorer(model, device, engine):
        loads.append((str(model), device))
        return Lighter()

    monkeypatch.setattr(restorekit.restore.load, "load_restorer", load_restorer)
    return loads


@pytest.fixture
def deblur(run_cli, loaded):
    """Run the command in ``tmp_path``; gives (status, stdout, stderr)."""
    return partial(run_cli, "deblur")


def make(path, value=100, size=(17, 31)):
    write_rgb(path, np.full((*size, 3), (value, value // 2, 10), np.uint8))


def names(folder="."):
    return sorted(path.name for path in Path(folder).iterdir())


def test_one_picture_beside_itself(deblur, loaded):
    make("a.png")
    assert deblur("a.png") == (
        0,
        "a.png -> a.deblurred.png\n",
        "model lighter, licence CC0-1.0\n",
    )
    assert (read_rgb("a.deblurred.png") == (120, 70, 30)).all()
    assert read_rgb("a.deblurred.png").shape == (17, 31, 3)
    assert loaded == [("None", "auto")]


def test_one_picture_to_a_file_of_another_format(deblur):
    make("a.png")
    assert deblur("a.png", "-o", "new/b.webp")[:2] == (0, "a.png -> new/b.webp\n")
    assert Image.open("new/b.webp").format == "WEBP"


def test_pictures_to_a_folder(deblur, loaded):
    for name in ("a.png", "b.jpg", "c.webp"):
        make(name)
    status, out, err = deblur("a.png", "b.jpg", "c.webp", "-o", "out")
    assert status == 0
    assert out.splitlines() == ["a.png -> out/a.png", "b.jpg -> out/b.jpg", "c.webp -> out/c.webp"]
    assert err.count("licence") == 1
    assert len(loaded) == 1
    assert names("out") == ["a.png", "b.jpg", "c.webp"]


def test_folder_twice_takes_only_its_own_pictures(deblur):
    make("in/a.png")
    make("in/b.png")
    assert deblur("in", "--compare")[0] == 0
    written = ["a.compare.png", "a.deblurred.png", "a.png", "b.compare.png", "b.deblurred.png", "b.png"]
    assert names("in") == written
    status, out, _ = deblur("in", "--compare", "--overwrite")
    assert (status, len(out.splitlines())) == (0, 4)
    assert names("in") == written


def test_compare_is_before_and_after(deblur):
    make("a.png")
    assert deblur("a.png", "-o", "b.png", "--compare")[0] == 0
    both = read_rgb("b.compare.png")
    assert both.shape == (17, 62, 3)
    assert (both[:, :31] == (100, 50, 10)).all()
    assert (both[:, 31:] == (120, 70, 30)).all()


def test_grey_alpha_and_orientation(deblur):
    Image.new("LA", (20, 30), (100, 77)).save("grey.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20), (200, 0, 0)).save("turned.jpg", exif=exif)
    assert deblur("grey.png", "turned.jpg", "-o", "out")[0] == 0
    assert Image.open("out/grey.png").mode == "LA"
    assert Image.open("out/grey.png").getpixel((3, 3)) == (120, 77)
    assert Image.open("out/turned.jpg").size == (20, 40)


def test_what_reading_changed_is_said(deblur):
    Image.new("P", (20, 20)).save("a.png")
    assert "note: a.png: palette" in deblur("a.png")[2]


def bad_pictures():
    make("good.png", size=(64, 64))
    Path("truncated.png").write_bytes(Path("good.png").read_bytes()[:80])
    Path("empty.png").write_bytes(b"")
    Path("text.png").write_text("a letter")
    Image.new("RGB", (1, 1)).save("dot.png")
    Path("photo.tiff").write_bytes(b"II*\0")
    make("taken.png")
    make("taken.deblurred.png")


BAD = ["truncated.png", "empty.png", "text.png", "dot.png", "photo.tiff", "taken.png", "missing.png"]


def test_bad_pictures_are_named_and_the_good_one_is_done(deblur):
    bad_pictures()
    before = names()
    status, out, err = deblur(*BAD[:3], "good.png", *BAD[3:])
    assert (status, out) == (1, "good.png -> good.deblurred.png\n")
    errors = [line for line in err.splitlines() if line.startswith("error: ")]
    assert len(errors) == len(BAD) == len(err.splitlines()) - 2  # and the licence and the summary
    assert names() == sorted([*before, "good.deblurred.png"])


@pytest.mark.parametrize("name", BAD)
def test_only_a_bad_picture(deblur, loaded, name):
    bad_pictures()
    before = names()
    status, out, err = deblur(name)
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and "; " in err and err.count("\n") == 1
    assert names() == before
    assert loaded == []


def test_empty_folder(deblur):
    Path("in").mkdir()
    status, _, err = deblur("in")
    assert (status, err) == (
        2,
        "error: in: no picture in this folder; it takes "
        + ", ".join(endings())
        + " and camera raw such as .dng; --recursive looks deeper\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.png", "b.png", "-o", "c.png"], "one file for 2 pictures"),
        (["a.png", "-o", "a.xcf"], "cannot write this kind of file"),
        (["a.png", "missing.png", "-o", "c.png"], "one file for 2 pictures"),
    ],
)
def test_nothing_is_done_where_the_outputs_clash(deblur, loaded, arguments, said):
    make("a.png")
    make("b.png")
    make("in/a.png")
    status, out, err = deblur(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and said in err and err.count("\n") == 1
    assert names() == ["a.png", "b.png", "in"]
    assert loaded == []


def test_existing_output_is_kept_unless_told(deblur):
    make("a.png")
    make("b.png", 1)
    status, _, err = deblur("a.png", "-o", "b.png")
    assert (status, err) == (
        2,
        "error: b.png: already exists; give --overwrite, or another output\n",
    )
    assert read_rgb("b.png").max() == 10
    assert deblur("a.png", "-o", "b.png", "--overwrite")[0] == 0
    assert read_rgb("b.png").max() == 120


def test_output_folder_that_is_a_file(deblur):
    make("a.png")
    Path("out").write_text("")
    assert deblur("a.png", "-o", "out/a.png")[0] == 2
    assert deblur("a.png", "-o", "out")[0] == 2
    assert names() == ["a.png", "out"]


def test_transparency_into_jpeg(deblur):
    write("a.png", Picture(np.zeros((20, 20, 3), np.uint8), alpha=np.zeros((20, 20), np.uint8)))
    status, _, err = deblur("a.png", "-o", "a.jpg")
    assert status == 2
    assert "JPEG has no transparency" in err
    assert names() == ["a.png"]
    assert deblur("a.png", "-o", "b.png")[0] == 0
    assert read("b.png").alpha.max() == 0


def test_a_model_that_does_not_load_ends_the_run(deblur, monkeypatch):
    def fail(model, device, engine):
        raise BundleError(f"no model '{model}'", "give a bundle directory")

    monkeypatch.setattr(restorekit.restore.load, "load_restorer", fail)
    make("a.png")
    make("b.png")
    assert deblur("a.png", "b.png", "--model", "x") == (
        2,
        "",
        "error: no model 'x'; give a bundle directory\n",
    )


def test_interrupted_leaves_no_partial_file(deblur, monkeypatch):
    def interrupt(self, images):
        raise KeyboardInterrupt

    make("a.png")
    monkeypatch.setattr(Lighter, "restore", interrupt)
    assert deblur("a.png", "-o", "out/")[0] == 130
    assert names() == ["a.png"]


def test_help_and_bad_pictures_need_no_torch(tmp_path):
    (tmp_path / "a.png").write_text("a letter")
    script = (
        "import sys; from restorekit.cli import main\ntry: main()\nfinally: print('torch' in sys.modules)"
    )
    for arguments, status in ((["--help"], 0), ([str(tmp_path / "a.png")], 2)):
        command = [sys.executable, "-c", script, "deblur", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        assert done.stdout.splitlines()[-1] == "False"
