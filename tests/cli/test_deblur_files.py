"""``restorekit deblur`` on files as people have them: depths, formats, sizes, disks and names."""

import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import restorekit.restore.load
from restorekit.contracts import Restorer
from restorekit.images import MAX_PIXELS, Picture, read, write, write_rgb


class Lighter(Restorer):
    name = "lighter"
    license = "CC0-1.0"

    def restore(self, images):
        return images + 100 / 65535


@pytest.fixture
def deblur(monkeypatch, run_cli):
    """Run the command in ``tmp_path``, with a restorer that adds 100/65535; gives (status, stdout, stderr)."""
    monkeypatch.setattr(restorekit.restore.load, "load_restorer", lambda model, device, engine: Lighter())
    return partial(run_cli, "deblur")


def make(path, value=100, size=(17, 31)):
    write_rgb(path, np.full((*size, 3), (value, value // 2, 10), np.uint8))


def errors(err):
    return [line for line in err.splitlines() if line.startswith("error: ")]


def test_a_file_in_place_of_the_folder_for_kernels_is_told_before_anything_is_done(deblur, tmp_path):
    make("a.png")
    Path("k").write_bytes(b"")
    assert deblur("a.png", "--kernels", "k") == (
        2,
        "",
        "error: --kernels k: is a file, not a folder; name a folder\n",
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "k"]


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_deep_picture_with_all_it_has(deblur, suffix):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    pixels = np.full((20, 30, 3), (1000, 2000, 65535), np.uint16)
    alpha = np.full((20, 30), 777, np.uint16)
    write(f"a{suffix}", Picture(pixels, alpha, icc=b"profile", exif=exif.tobytes(), dpi=(300, 300)))
    assert deblur(f"a{suffix}", "-o", f"b{suffix}")[0] == 0
    before, after = read(f"a{suffix}"), read(f"b{suffix}")
    assert after.pixels[3, 3].tolist() == [1100, 2100, 65535]
    assert (after.alpha == 777).all()
    assert (after.icc, after.exif, after.dpi) == (before.icc, before.exif, before.dpi)


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".bmp", ".avif"])
def test_what_the_format_of_the_output_cannot_hold_is_said(deblur, suffix):
    write("a.png", Picture(np.zeros((20, 20, 3), np.uint16), text=(("Title", "a face"),)))
    status, _, err = deblur("a.png", "-o", f"b{suffix}")
    assert status == 0
    assert f"note: b{suffix}: " in err and "text" in err
    assert "cannot hold 16 bits per channel, which are reduced to 8" in err
    assert read(f"b{suffix}").pixels.dtype == np.uint8


def test_the_limit_of_pixels_is_an_option(deblur):
    make("small.png")
    make("large.png", size=(1000, 1600))
    status, out, err = deblur("large.png", "small.png", "--max-pixels", "1.5")
    assert (status, out) == (1, "small.png -> small.deblurred.png\n")
    assert "large.png: 1600 x 1000 are 2 megapixels, more than the 1.5 allowed" in err
    assert "--max-pixels 2" in err
    assert deblur("large.png", "--max-pixels", "2")[0] == 0


def test_the_limit_without_the_option_is_that_of_reading(deblur, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "restorekit.images.read", lambda path, limit: asked.append(limit) or read(path, limit)
    )
    make("a.png")
    deblur("a.png")
    assert asked == [MAX_PIXELS]


NAMES = [
    "two words.png",
    'it\'s "quoted".png',
    "größe 顔 🙂.png",
    "new\nline.png",
    "tab\tand \x1b[31m.png",
    "-o.png",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_letters(deblur, name):
    make(name)
    status, out, err = deblur("--", name)
    assert status == 0
    assert len(out.splitlines()) == 1
    assert "\x1b" not in out
    assert Path(name).with_suffix(".deblurred.png").exists()
    Path(name).write_bytes(b"")
    status, out, err = deblur("--", name)
    assert status == 2
    assert len(err.splitlines()) == 1


def test_a_name_that_is_not_text(deblur):
    name = os.fsdecode(b"\xff\xfe.png")
    make(name)
    status, out, _ = deblur(name)
    assert (status, out) == (0, "\\udcff\\udcfe.png -> \\udcff\\udcfe.deblurred.png\n")


def test_a_folder_of_such_names_needs_no_dashes(deblur):
    for name in NAMES:
        make(Path("in", name))
    assert deblur("in", "-o", "out/")[0] == 0
    assert sorted(os.listdir("out")) == sorted(NAMES)


def test_two_pictures_for_one_place_are_refused_and_the_others_done(deblur):
    for path in ("a/x.png", "b/x.png", "b/y.png"):
        make(path)
    status, out, err = deblur("a", "b", "-o", "out")
    assert (status, out) == (1, "b/y.png -> out/y.png\n")
    assert errors(err) == [
        "error: a/x.png: b/x.png would be written to the same place; restore them separately, to two folders",
        "error: b/x.png: a/x.png would be written to the same place; restore them separately, to two folders",
    ]


def test_a_folder_that_cannot_be_read(deblur, monkeypatch):
    scan = os.scandir

    def refuse(folder):
        if str(folder) == "closed":
            raise PermissionError(13, "Permission denied", str(folder))
        return scan(folder)

    make("a.png")
    Path("closed").mkdir()
    monkeypatch.setattr(os, "scandir", refuse)
    status, out, err = deblur("closed", "a.png")
    assert (status, out) == (1, "a.png -> a.deblurred.png\n")
    assert errors(err) == ["error: closed: cannot be read (Permission denied); check its permissions"]


def test_whether_a_picture_may_be_read_shows_in_reading_it(deblur, monkeypatch):
    """The command line's own check would end the run before the first good picture."""
    make("a.png")
    monkeypatch.setattr("os.access", lambda path, mode: mode != os.R_OK)
    assert deblur("a.png")[0] == 0


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_disk_that_is_full_leaves_no_part_and_lets_smaller_ones_pass(deblur):
    import resource

    write_rgb("large.png", np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8))
    make("small.png")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, hard))
    try:
        status, out, err = deblur("large.png", "small.png", "-o", "out/")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (status, out) == (1, "small.png -> out/small.png\n")
    assert errors(err) == [
        "error: out/large.png: cannot be written (File too large); check its folder's permissions and space"
    ]
    assert os.listdir("out") == ["small.png"]


def test_a_disk_that_is_read_only(deblur, monkeypatch):
    make("a.png")
    monkeypatch.setattr("os.access", lambda path, mode: False)
    status, _, err = deblur("a.png")
    assert status == 2
    assert "no permission to write here" in err and err.count("\n") == 1


def test_every_good_picture_among_bad_ones(deblur):
    good = [f"good{suffix}" for suffix in (".png", ".jpg", ".webp", ".tif", ".bmp", ".avif", ".heic")]
    for name in good:
        make(Path("in", name), size=(40, 40))
        data = Path("in", name).read_bytes()
        Path("in", f"cut-{name}").write_bytes(data[: len(data) * 2 // 3])
    Path("in/empty.tif").write_bytes(b"")
    Path("in/letter.bmp").write_text("a letter")
    Image.new("RGB", (1, 1)).save("in/dot.bmp")
    Image.new("RGB", (1, 20_000)).save("in/line.tif")
    Image.new("CMYK", (40, 40)).save("in/inks.jpg", icc_profile=b"broken")
    status, out, err = deblur("in", "-o", "out")
    assert status == 1
    assert sorted(os.listdir("out")) == sorted([*good, "inks.jpg"])
    assert len(errors(err)) == len(good) + 4
    notes = [line for line in err.splitlines() if line.startswith("note: ")]
    left_alone = [f"note: in/{name}: left alone: nothing to restore" for name in (*good, "inks.jpg")]
    assert sorted(notes) == sorted(left_alone)  # too little for 8 bits: each is copied as it was
    assert len(err.splitlines()) == len(errors(err)) + len(notes) + 2  # the licence and the summary
