"""Read JPEG files: also those of 12 bits, lossless ones, and those that lack their end mark."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFile, JpegImagePlugin

from restorekit.errors import ImageError
from restorekit.images import xmp
from restorekit.images.exif import PREFIX
from restorekit.images.formats import CODECS
from restorekit.images.jpeg import APP1, APP13, COMMENT, FRAMES, Segment, segments
from restorekit.images.levels import Levels
from restorekit.images.limits import check_scans, check_size
from restorekit.images.photoshop import HEAD, iptc_of
from restorekit.images.raster import Raster, as_it_is, first_of

_LOSSLESS = {0xC3, 0xCB}
_END = b"\xff\xd9"
_TAILS = (bytes(64), b"\x55\xaa\x33" * 21)
"""What a scan that was cut off would go on with: two endings, which make two pictures of it."""


def read_jpeg(name: str | Path, data: bytes, max_pixels: int) -> tuple[Raster, Image.Image, list[Segment]]:
    """Decode a file, which is not turned.

    Returns:
        Its samples, Pillow's picture of it (not decoded, where another library did that), and its segments.

    Raises:
        ImageError: It is too large, tells its picture too often, or is of a kind that nothing here reads.
        Exception: Of any kind, where it is damaged.
    """
    heads = list(segments(data))
    frame = next((each for each in heads if each.marker in FRAMES), None)
    if frame is None or len(frame.body) < 6:
        raise SyntaxError("it has no picture")
    bits = frame.body[0]
    height, width = (int.from_bytes(frame.body[at : at + 2], "big") for at in (1, 3))
    check_size(name, width, height, max_pixels)
    if width and height:
        check_scans(name, data, width, height)
    if bits != 8 or frame.marker in _LOSSLESS:
        return _rare(name, data, bits), Image.new("L", (1, 1)), heads
    image: ImageFile.ImageFile = JpegImagePlugin.jpeg_factory(BytesIO(data), "")
    notes = first_of(getattr(image, "n_frames", 1))
    try:
        image.load()
    except OSError:
        if _END in data[-64:]:
            raise
        image = _completed(data)
        notes = ["its end mark is missing; every pixel is there"]
    return as_it_is(name, image).noting(*notes), image, heads


def _completed(data: bytes) -> ImageFile.ImageFile:
    """Decode a file that lacks its end mark, if nothing else of it is missing.

    Raises:
        EOFError: Its picture depends on what comes behind the end.
    """
    found = []
    for tail in _TAILS:
        image = JpegImagePlugin.JpegImageFile(BytesIO(data.removesuffix(b"\xff") + tail + _END), "")
        image.load()
        found.append(image)
    if not np.array_equal(np.asarray(found[0]), np.asarray(found[1])):
        raise EOFError("its end is missing")
    return found[0]


def _rare(name: str | Path, data: bytes, bits: int) -> Raster:
    try:
        from imagecodecs import jpeg_decode
    except ImportError:
        kind = "a lossless JPEG" if bits == 8 else f"a JPEG of {bits} bits per channel"
        raise ImageError(f"{name}: {kind} needs another package", CODECS) from None
    samples = np.asarray(jpeg_decode(data))
    levels = Levels(samples.dtype, bits)
    samples = samples if samples.ndim == 3 else samples[..., None]
    if samples.shape[2] not in (1, 3):
        raise ImageError(
            f"{name}: a JPEG of {bits} bits in {samples.shape[2]} colours", "convert it to RGB first"
        )
    converted = np.empty(samples.shape, levels.dtype)
    levels.put(samples, converted)
    return Raster(converted, levels.notes)


def exif_of(heads: Sequence[Segment]) -> bytes | None:
    """Give the EXIF block, which may lie in several segments."""
    pieces = (each.body for each in heads if each.marker == APP1 and each.body.startswith(PREFIX))
    exif = b"".join(body.removeprefix(PREFIX) for body in pieces)
    return PREFIX + exif if exif else None


def metadata_of(image: Image.Image, heads: Sequence[Segment]) -> dict[str, Any]:
    """Give what the segments say, as fields of a `Picture`."""
    iptc = b"".join(
        each.body.removeprefix(HEAD) for each in heads if each.marker == APP13 and each.body.startswith(HEAD)
    )
    texts = [each.body.rstrip(b"\0") for each in heads if each.marker == COMMENT]
    fields: dict[str, Any] = {
        "kind": "JPEG",
        "icc": image.info.get("icc_profile"),
        "exif": exif_of(heads),
        "xmp": xmp.joined(heads),
        "iptc": iptc_of(iptc) if iptc else None,
        "dpi": image.info.get("dpi"),
        "text": tuple(("Comment", _decoded(each)) for each in texts if each),
    }
    if isinstance(image, JpegImagePlugin.JpegImageFile):  # also MPO, a JPEG with further pictures
        fields["encoding"] = {"JPEG": _encoding(image)}
    return fields


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _encoding(image: JpegImagePlugin.JpegImageFile) -> dict[str, Any]:
    """Tell how a file was compressed, so that it can be written again in the same way."""
    sampling = JpegImagePlugin.get_sampling(image)
    options: dict[str, Any] = {"qtables": image.quantization}
    options["subsampling"] = max(sampling, 0)  # -1 is one that Pillow lacks
    if image.info.get("progressive"):
        options["progressive"] = True
    return options
