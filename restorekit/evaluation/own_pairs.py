"""The test set of one's own pairs: degraded and sharp pictures in two folders."""

from __future__ import annotations

from pathlib import Path

from restorekit.data.sources.naming import ANY
from restorekit.data.sources.paired import Paired
from restorekit.errors import DataError
from restorekit.evaluation.metrics import PSNR, SSIM
from restorekit.evaluation.planes import Channels
from restorekit.evaluation.protocol import MetricStep, Protocol


def own_pairs(
    degraded: Path,
    sharp: Path,
    names: tuple[str, str] = (ANY, ANY),
    border: int = 0,
    channels: Channels = "rgb",
) -> Protocol:
    """Make a test set of pairs that exist, scored by PSNR and SSIM.

    Args:
        degraded: The folder of the degraded pictures.
        sharp: That of the sharp ones, of the same sizes; it may be the same folder.
        names: What the degraded and the sharp ones are called, as `restorekit.data.sources.paired.Paired` takes it.
        border: Pixels that are cut off on each side before scoring.
        channels: ``rgb``, or ``y`` for the luma alone.

    Raises:
        DataError: A folder is missing, a picture has no partner, or the names are no templates.
    """
    try:
        source = Paired(sharp, degraded, sharp_name=names[1], degraded_name=names[0], complete=True)
    except ValueError as error:
        raise DataError(str(error), "write both as in '{name}_blur' '{name}'") from None
    len(source)  # what is missing is said before a model is loaded
    return Protocol(
        name="pairs",
        source=source,
        metric=[
            MetricStep(metric=PSNR(border, channels), name="psnr" if channels == "rgb" else "psnr_y"),
            MetricStep(metric=SSIM(border, channels), name=f"ssim_{channels}"),
        ],
    )
