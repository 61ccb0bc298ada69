"""What a file says beside its colours, as fields of a `Picture`."""

from __future__ import annotations

from typing import Any

from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin

from restorekit.images.exif import block, from_directory, reset_xmp

_XMP, _ICC, _X_RESOLUTION, _Y_RESOLUTION, _UNIT = 700, 34675, 282, 283, 296
_CM = 3
_XMP_TEXT = "XML:com.adobe.xmp"


def of_image(image: ImageFile.ImageFile, data: bytes) -> dict[str, Any]:
    """Give the metadata of a decoded picture, its orientation reset.

    Args:
        image: Decoded, as some of it stands behind the pixels.
        data: The whole file.
    """
    if image.format == "TIFF":
        return of_directory(image.getexif())
    info = image.info
    text = {}
    if isinstance(image, PngImagePlugin.PngImageFile):
        text = {
            key: str(value) for key, value in image.text.items() if not key.startswith("Raw profile type")
        }
    elif "comment" in info:
        text = {"Comment": info["comment"].decode("utf-8", "replace")}
    xmp = info.get("xmp") or text.pop(_XMP_TEXT, "").encode() or None
    text.pop(_XMP_TEXT, None)
    return {
        "icc": info.get("icc_profile"),
        "exif": block(image),
        "xmp": reset_xmp(xmp),
        "dpi": info.get("dpi"),
        "text": text,
        "encoding": _encoding(image, data),
    }


def of_directory(directory: Image.Exif) -> dict[str, Any]:
    """Give the metadata of a TIFF file by its directory, which this empties of what concerns the pixels."""
    resolution = [directory.get(tag) for tag in (_X_RESOLUTION, _Y_RESOLUTION)]
    factor = 2.54 if directory.get(_UNIT) == _CM else 1.0
    icc, xmp = directory.get(_ICC), directory.get(_XMP)
    return {
        "icc": icc,
        "xmp": reset_xmp(xmp),
        "dpi": tuple(float(each) * factor for each in resolution if each) if all(resolution) else None,
        "exif": from_directory(directory),
    }


def _encoding(image: ImageFile.ImageFile, data: bytes) -> dict[str, dict[str, Any]]:
    """Tell how a lossy file was compressed, so that it can be written again in the same way."""
    if isinstance(image, JpegImagePlugin.JpegImageFile):  # also MPO, a JPEG with further pictures
        sampling = JpegImagePlugin.get_sampling(image)
        options = {
            "qtables": image.quantization,
            "subsampling": max(sampling, 0),
        }  # -1 is one that Pillow lacks
        if image.info.get("progressive"):
            options["progressive"] = True
        return {"JPEG": options}
    if image.format == "WEBP" and _chunk(data, b"VP8L"):
        return {"WEBP": {"lossless": True, "exact": True}}
    return {}


def _chunk(data: bytes, kind: bytes) -> bool:
    """Tell whether a RIFF file has a chunk."""
    place = 12
    while place < len(data) - 8:
        if data[place : place + 4] == kind:
            return True
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + size + size % 2
    return False
