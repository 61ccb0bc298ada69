"""The library within Pillow that decodes TIFF files, and has its own words on stderr for whatever is odd in them."""

from __future__ import annotations

import ctypes
import functools
from contextlib import suppress

from PIL import _imaging


@functools.cache
def silence() -> None:
    """Let it say nothing: what it fails at is an exception, too."""
    with suppress(OSError, AttributeError):  # where it is no library of its own
        library = ctypes.CDLL(_imaging.__file__)
        library.TIFFSetErrorHandler(None)
        library.TIFFSetWarningHandler(None)
