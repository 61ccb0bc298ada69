"""A camera raw file as small as one may be: a DNG of a Bayer mosaic, without compression."""

import numpy as np
import tifffile


def write_dng(path, width=96, height=64, orientation=1):
    """Write a mosaic whose right side is brighter, and whose upper half is greener; red is the weakest."""
    _, columns = np.mgrid[:height, :width]
    mosaic = (4000 + 40000 * columns / width).astype(np.uint16)
    mosaic[::2, ::2] //= 4
    mosaic[height // 2 :] //= 2
    tags = [
        (271, "s", 0, "Maker", True),
        (272, "s", 0, "Model", True),
        (274, "H", 1, orientation, True),
        (315, "s", 0, "A person", True),
        (33421, "H", 2, (2, 2), True),  # the mosaic's size, and its colours: red, green, green, blue
        (33422, "B", 4, bytes([0, 1, 1, 2]), True),
        (50706, "B", 4, bytes([1, 4, 0, 0]), True),
        (50707, "B", 4, bytes([1, 1, 0, 0]), True),
        (50708, "s", 0, "Test Camera", True),
        (50714, "H", 1, 0, True),
        (50717, "I", 1, 65535, True),
        (50721, "2i", 9, (1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1), True),
        (50728, "2I", 3, (1, 1) * 3, True),
    ]
    tifffile.imwrite(path, mosaic, photometric=32803, extratags=tags, metadata=None)
