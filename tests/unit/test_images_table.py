"""Every mode x depth x format: what a picture has before it is written and after it is read."""

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms
from PIL.ExifTags import IFD, Base

from restorekit.images import SUFFIXES, Picture, read, read_rgb, write

DEEP = {".png", ".tif", ".tiff"}
JPEG = {".jpg", ".jpeg", ".jfif"}
ALPHA = set(SUFFIXES) - JPEG
GREY = {".png", ".tif", ".tiff", ".bmp", ".jxl"} | JPEG
EXACT = {".png", ".tif", ".tiff", ".bmp"}
DPI = EXACT | JPEG
MODES = ["L", "LA", "RGB", "RGBA"]
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><about>a face</about></x:xmpmeta>'

TABLE = [
    (suffix, mode, depth)
    for suffix in SUFFIXES
    for mode in MODES
    for depth in (8, 16)
    if (depth == 8 or suffix in DEEP) and ("A" not in mode or suffix in ALPHA)
]


def stays_grey(suffix, mode):
    if suffix == ".bmp":
        return mode == "L"
    return suffix in GREY or (suffix in (".heic", ".heif") and mode == "L")


def exif_block():
    exif = Image.Exif()
    exif[Base.Make] = "a camera"
    exif[Base.Artist] = "a person"
    exif.get_ifd(IFD.Exif)[Base.ExposureTime] = 0.25
    exif.get_ifd(IFD.Exif)[Base.MakerNote] = b"a note of the maker"
    exif.get_ifd(IFD.GPSInfo)[1] = "N"
    return exif.tobytes()


def make(mode, depth):
    """A picture of 31 x 17 pixels with smooth colours, red above and blue below, and with all metadata."""
    top = 255 if depth == 8 else 65535
    kind = np.uint8 if depth == 8 else np.uint16
    rows, columns = np.mgrid[0:31, 0:17]
    slope = (rows * 17 + columns) / (31 * 17)
    pixels = np.zeros((31, 17, 3))
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = 0.9 - 0.8 * slope, 0.3, 0.1 + 0.8 * slope
    if mode[0] == "L":
        pixels[:] = pixels[..., :1]
    return Picture(
        pixels=(pixels * top).round().astype(kind),
        alpha=(slope * top).round().astype(kind) if mode.endswith("A") else None,
        grey=mode[0] == "L",
        icc=ICC if mode[0] == "R" else None,
        exif=exif_block(),
        xmp=XMP,
        dpi=(300.0, 200.0),
        text=(("Comment", "größer"), ("Title", "a face")),
    )


def near(one, other, suffix):
    assert one.dtype == other.dtype
    assert one.shape == other.shape
    return np.abs(one.astype(int) - other.astype(int)).max() <= (
        0 if suffix in EXACT else 20 if suffix == ".jxl" else 12
    )


@pytest.mark.parametrize(("suffix", "mode", "depth"), TABLE)
def test_what_is_written_is_read(tmp_path, suffix, mode, depth):
    before = make(mode, depth)
    path = tmp_path / f"a{suffix}"
    lost = write(path, before)
    after = read(path)
    assert near(after.pixels, before.pixels, suffix)
    assert after.one_channel == (before.grey and stays_grey(suffix, mode))
    if before.alpha is None:
        assert after.alpha is None
    else:
        assert near(after.alpha, before.alpha, suffix)
    if suffix != ".jxl":  # whose decoder makes a profile of its own
        assert after.icc == (None if suffix == ".bmp" else before.icc)
    assert after.xmp == (None if suffix == ".bmp" else XMP)
    assert (after.dpi is None) == (suffix not in DPI)
    if suffix in DPI:
        assert after.dpi == pytest.approx((300, 200), abs=0.1)
    text = {".png": before.text, **dict.fromkeys(JPEG, before.text[:1])}
    assert after.text == text.get(suffix, ())
    assert after.notes == ()
    if suffix == ".bmp":
        assert after.exif is None
    else:
        exif = Image.Exif()
        exif.load(after.exif)
        assert (exif[Base.Make], exif[Base.Artist]) == ("a camera", "a person")
        assert exif.get_ifd(IFD.Exif)[Base.ExposureTime] == 0.25
        assert exif.get_ifd(IFD.Exif)[Base.MakerNote] == b"a note of the maker"
        assert exif.get_ifd(IFD.GPSInfo)[1] == "N"
    said = " ".join(lost)
    assert ("text" in said) == (suffix != ".png")
    assert ("resolution" in said) == (suffix not in DPI)
    assert ("EXIF" in said) == (suffix == ".bmp")
    assert ("profile" in said) == (suffix == ".bmp" and mode[0] == "R")


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_other_programs_read_it_alike(tmp_path, suffix, mode, depth):
    if "A" in mode and suffix not in ALPHA:
        return
    before = make(mode, depth)
    path = tmp_path / f"a{suffix}"
    lost = write(path, before)
    deep = depth == 16 and suffix in DEEP
    assert ("16 bits" in " ".join(lost)) == (depth == 16 and not deep)
    if not deep:
        with Image.open(path) as image:
            assert image.size == (17, 31)
            assert image.mode == (mode if stays_grey(suffix, mode) else mode.replace("L", "RGB"))
            red, _, blue = image.convert("RGB").getpixel((8, 0))
            assert mode[0] == "L" or red > blue + 100
    samples = before.samples[..., 0] if before.samples.shape[2] == 1 else before.samples
    if suffix in DEEP and suffix != ".png":
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages[0]
            assert np.array_equal(page.asarray(), samples)
            assert page.get_resolution("inch") == pytest.approx((300, 200))
            assert page.iccprofile == before.icc
            assert len(page.extrasamples) == ("A" in mode)
    if suffix == ".png":
        seen = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
        assert seen.dtype == before.pixels.dtype
        colours = before.pixels[..., ::-1] if seen.ndim == 3 else before.pixels[..., 0]
        assert np.array_equal(seen[..., :3] if seen.ndim == 3 else seen, colours)


def by_cv2(path, samples, *options):
    order = [2, 1, 0, 3][: samples.shape[2]] if samples.shape[2] > 2 else [0]
    assert cv2.imwrite(str(path), samples[..., order], options)


def by_tifffile(path, samples, **options):
    photometric = options.pop("photometric", "rgb" if samples.shape[2] > 2 else "minisblack")
    extra = ["unassalpha"] if samples.shape[2] in (2, 4) else None
    if options.get("planarconfig") == "separate":
        samples = np.moveaxis(samples, 2, 0).copy()
    tifffile.imwrite(path, samples, photometric=photometric, extrasamples=extra, **options)


def by_pillow(path, samples, **options):
    Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples).save(path, **options)


WRITERS = {
    "png 16 OpenCV": (".png", "L RGB RGBA", 16, by_cv2, {}),
    "tiff 16 LZW": (".tif", "L RGB RGBA", 16, lambda p, s: by_cv2(p, s, cv2.IMWRITE_TIFF_COMPRESSION, 5), {}),
    "tiff 16 plain": (".tif", "L LA RGB RGBA", 16, by_tifffile, {}),
    "tiff 16 big-endian": (".tif", "L LA RGB RGBA", 16, by_tifffile, {"byteorder": ">"}),
    "tiff 16 planes": (".tif", "LA RGB RGBA", 16, by_tifffile, {"planarconfig": "separate"}),
    "tiff 16 tiles": (".tif", "L LA RGB RGBA", 16, by_tifffile, {"tile": (16, 16)}),
    "tiff 16 deflate": (".tif", "L LA RGB RGBA", 16, by_tifffile, {"compression": "zlib", "predictor": True}),
    "BigTIFF 16": (".tif", "L LA RGB RGBA", 16, by_tifffile, {"bigtiff": True}),
    "tiff 8 LZW": (".tif", "L LA RGB RGBA", 8, by_pillow, {"compression": "tiff_lzw"}),
    "tiff 8 planes": (".tif", "RGB RGBA", 8, by_tifffile, {"planarconfig": "separate"}),
    "png 8": (".png", "L LA RGB RGBA", 8, by_pillow, {}),
    "bmp 8": (".bmp", "L RGB", 8, by_pillow, {}),
    "webp": (".webp", "RGB RGBA", 8, by_pillow, {"lossless": True, "exact": True}),
}


@pytest.mark.parametrize(
    ("suffix", "mode", "depth", "writer", "options"),
    [(s, mode, d, w, o) for s, modes, d, w, o in WRITERS.values() for mode in modes.split()],
    ids=[f"{name} {mode}" for name, row in WRITERS.items() for mode in row[1].split()],
)
def test_what_other_programs_write_is_read_alike(tmp_path, suffix, mode, depth, writer, options):
    expected = make(mode, depth)
    path = tmp_path / f"a{suffix}"
    writer(path, expected.samples, **options)
    picture = read(path)
    assert picture.grey == expected.grey
    assert np.array_equal(picture.samples, expected.samples)
    assert picture.pixels.dtype == expected.pixels.dtype
    assert picture.notes == ()
    small = read_rgb(path)
    assert small.dtype == np.uint8
    assert np.abs(small - expected.pixels / (257 if depth == 16 else 1)).max() <= 0.5


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix not in EXACT])
def test_lossy_formats_of_other_programs_have_the_colour_order(tmp_path, suffix):
    expected = make("RGB", 8)
    if suffix in (".heic", ".heif"):
        from pillow_heif import register_heif_opener

        register_heif_opener()
    if suffix == ".jxl":
        import pillow_jxl  # noqa: F401 (which registers itself)
    by_pillow(tmp_path / f"a{suffix}", expected.samples, quality=95)
    assert near(read(tmp_path / f"a{suffix}").pixels, expected.pixels, suffix)
