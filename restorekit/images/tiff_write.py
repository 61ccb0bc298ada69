"""Write TIFF files of 8 and 16 bits per channel: Pillow cannot write deep colours, tifffile no EXIF."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate

from restorekit.images.exif import RESOLUTION, for_tiff
from restorekit.images.ifd import (
    BYTE,
    LONG,
    RATIONAL,
    SHORT,
    UNDEFINED,
    Entry,
    numbers_entry,
    write_directory,
)
from restorekit.images.picture import Picture

_STRIP = 1 << 20
"""Bytes of a strip before it is compressed; a reader takes them one by one."""
_DEFLATE, _DIFFERENCES, _INCH, _UNASSOCIATED = 8, 2, 2, 2
_GREY, _RGB = 1, 2
_PLACES, _MANY = 273, 4000
"""The tag of the strips' places; and tags beside the pixels' that a file may have: tifffile reads 4,096 in all."""


def encode_tiff(picture: Picture) -> bytes:
    """Encode a picture, deflated over horizontal differences.

    The tags are those of TIFF 6.0 and its supplements. The directory is that of the EXIF block, to which the
    pixels are added: an EXIF block is a TIFF file without a picture.

    Raises:
        ValueError: The EXIF block has thousands of tags.
    """
    samples = picture.samples
    height, width, channels = samples.shape
    directory = for_tiff(picture.exif)
    if len(directory.entries) > _MANY:
        raise ValueError("its EXIF has more tags than readers take")
    order = directory.order
    differences = samples.copy()
    differences[:, 1:] -= samples[:, :-1]  # modulo the depth, as the reader adds
    rows = max(1, _STRIP // (width * channels * samples.itemsize))
    deep = differences.astype(differences.dtype.newbyteorder(order))
    strips = [zlib.compress(deep[top : top + rows].tobytes()) for top in range(0, height, rows)]
    lengths = [len(strip) for strip in strips]
    colours = 1 if picture.one_channel else 3
    tags = {
        256: (LONG, width),
        257: (LONG, height),
        258: (SHORT, *(8 * samples.itemsize,) * channels),
        259: (SHORT, _DEFLATE),
        262: (SHORT, _GREY if colours == 1 else _RGB),
        277: (SHORT, channels),
        278: (LONG, rows),
        279: (LONG, *lengths),
        284: (SHORT, 1),
        317: (SHORT, _DIFFERENCES),
    }
    if channels > colours:
        tags[338] = SHORT, _UNASSOCIATED
    entries = {tag: numbers_entry(order, *values) for tag, values in tags.items()}
    for tag, data in {34675: picture.icc, 700: picture.xmp, 33723: picture.iptc}.items():
        if data:
            entries[tag] = Entry(BYTE if tag == 700 else UNDEFINED, len(data), data)
    if picture.dpi:
        for tag, dots in zip(RESOLUTION, picture.dpi, strict=False):
            share = Fraction(dots).limit_denominator(10_000)
            entries[tag] = Entry(RATIONAL, 1, struct.pack(f"{order}II", share.numerator, share.denominator))
        entries[RESOLUTION[2]] = numbers_entry(order, SHORT, _INCH)
    begun = [0, *accumulate(lengths)][:-1]
    entries[_PLACES] = numbers_entry(order, LONG, *begun)
    told = replace(directory, entries={**directory.without(RESOLUTION).entries, **entries})
    start = len(write_directory(told))  # which the places of the strips do not change
    entries[_PLACES] = numbers_entry(order, LONG, *(start + place for place in begun))
    told = replace(told, entries={**told.entries, **entries})
    return b"".join([write_directory(told), *strips])
