"""Pictures in and out of files; the only room that knows Pillow, OpenCV and tifffile."""

from restorekit.images.decode import decode_rgb, read, read_rgb
from restorekit.images.encode import write, write_rgb
from restorekit.images.formats import RAW_SUFFIXES, SUFFIXES, same_format, written_ending
from restorekit.images.limits import MAX_PIXELS
from restorekit.images.picture import Picture
from restorekit.images.sheet import contact_sheet, reduced
from restorekit.images.style import Style

__all__ = [
    "MAX_PIXELS",
    "RAW_SUFFIXES",
    "SUFFIXES",
    "Picture",
    "Style",
    "contact_sheet",
    "decode_rgb",
    "read",
    "read_rgb",
    "reduced",
    "same_format",
    "write",
    "write_rgb",
    "written_ending",
]
