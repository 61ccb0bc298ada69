"""Write TIFF files of 8 and 16 bits per channel: Pillow cannot write deep colours, tifffile no EXIF."""

from __future__ import annotations

import zlib

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from restorekit.images.exif import PREFIX
from restorekit.images.picture import Picture

_STRIP = 1 << 20
"""Bytes of a strip before it is compressed; a reader takes them one by one."""
_DEFLATE, _DIFFERENCES, _INCH, _UNASSOCIATED = 8, 2, 2, 2
_GREY, _RGB = 1, 2


def encode_tiff(picture: Picture) -> bytes:
    """Encode a picture, deflated over horizontal differences.

    The tags are those of TIFF 6.0 and its supplements. The directory is that of the EXIF block, to which the
    pixels are added: an EXIF block is a TIFF file without a picture.
    """
    samples = picture.samples
    height, width, channels = samples.shape
    directory = Image.Exif()
    if picture.exif:
        directory.load(picture.exif)
    order = directory.endian = directory.endian or "<"
    differences = samples.copy()
    differences[:, 1:] -= samples[:, :-1]  # modulo the depth, as the reader adds
    rows = max(1, _STRIP // (width * channels * samples.itemsize))
    deep = differences.astype(differences.dtype.newbyteorder(order))
    strips = [zlib.compress(deep[top : top + rows].tobytes()) for top in range(0, height, rows)]
    lengths = [len(strip) for strip in strips]
    colours = 1 if picture.grey else 3
    tags = {
        256: width,
        257: height,
        258: (8 * samples.itemsize,) * channels,
        259: _DEFLATE,
        262: _GREY if picture.grey else _RGB,
        273: tuple(sum(lengths[:n]) for n in range(len(lengths))),  # Pillow adds the place where they begin
        277: channels,
        278: rows,
        279: tuple(lengths),
        284: 1,
        317: _DIFFERENCES,
    }
    if channels > colours:
        tags[338] = _UNASSOCIATED
    if picture.dpi:
        tags |= {282: IFDRational(picture.dpi[0]), 283: IFDRational(picture.dpi[1]), 296: _INCH}
    if picture.icc:
        tags[34675] = picture.icc
    if picture.xmp:
        tags[700] = picture.xmp
    for tag, value in tags.items():
        directory[tag] = value
    return directory.tobytes().removeprefix(PREFIX) + b"".join(strips)
