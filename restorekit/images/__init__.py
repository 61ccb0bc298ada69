"""Pictures in and out of files; the only room that knows Pillow."""

from restorekit.images.decode import decode_rgb, read, read_rgb
from restorekit.images.encode import SUFFIXES, write, write_rgb
from restorekit.images.picture import Picture
from restorekit.images.sheet import contact_sheet

__all__ = ["SUFFIXES", "Picture", "contact_sheet", "decode_rgb", "read", "read_rgb", "write", "write_rgb"]
