"""Pictures and kernels that the tests of this room share."""

import numpy as np
from scipy.signal import convolve2d


def hook(side=9):
    """A kernel without symmetry, so that one that is turned round is noticed."""
    kernel = np.zeros((side, side))
    kernel[1, 1:-1] = 1
    kernel[1:-2, 1] = 2
    return kernel / kernel.sum()


def arc(side=11):
    """A smooth path, a pixel and a half wide, its centre of mass near the middle."""
    y, x = np.mgrid[:side, :side] - side // 2
    at = np.linspace(-1, 1, 60)[:, None, None]
    reach = side / 2 - 2
    away = (y - reach * at) ** 2 + (x - 0.6 * reach * (at**2 - 1 / 3)) ** 2
    kernel = np.exp(-away / (2 * 0.7**2)).sum(axis=0)
    kernel[kernel < 0.02 * kernel.max()] = 0
    return kernel / kernel.sum()


def photo(height=101, width=120):
    from skimage.data import astronaut

    return astronaut()[20 : 20 + height, 150 : 150 + width].astype(np.float32) / 255


def blurred(sharp, kernel):
    if sharp.ndim == 2:
        return convolve2d(sharp, kernel, "valid")
    return np.stack([convolve2d(channel, kernel, "valid") for channel in sharp.transpose(2, 0, 1)], axis=-1)


def inside(image, kernel):
    height, width = (side // 2 for side in kernel.shape)
    return image[height : len(image) - height, width : image.shape[1] - width]


def psnr(a, b):
    return -10 * np.log10(np.mean((np.clip(a, 0, 1) - b) ** 2))


def correlation(a, b):
    """Greatest normalised correlation of two kernels over all shifts."""
    shape = [2 * max(pair) for pair in zip(a.shape, b.shape, strict=True)]
    product = np.fft.irfft2(np.fft.rfft2(a, shape) * np.conj(np.fft.rfft2(b, shape)), shape)
    return product.max() / np.sqrt((a**2).sum() * (b**2).sum())
