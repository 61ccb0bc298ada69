"""The blur kernel as a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restorekit import Batch, RestorekitError, Task

from .scale_space import fit, reduce

if TYPE_CHECKING:
    from torch import Tensor

    from restorekit import Array

SHARP = 1.0
"""Pixels of blur below which an image that was left alone is called sharp."""


@dataclass(frozen=True)
class KernelTask(Task):
    """The kernel that an image was blurred with: N,1,K,K, not negative, sum 1, a convolution's (not a correlation's).

    The network sees the degraded image itself, and predicts no picture but the kernel. At coarser scales the kernel
    spans half as many pixels each. It is centred as the degradation draws it. An image that was not blurred has a
    delta; one whose blur has no single kernel (``camera_shake``) has zeros, and losses leave it out.

    Attributes:
        size: Side K of the kernel at the finest scale, in pixels, odd; at least that of every blur of the recipe.

    Raises:
        ValueError: ``size`` is even or below 3.
    """

    spatial: ClassVar[bool] = False

    size: int = 31

    def __post_init__(self) -> None:
        if self.size < 3 or self.size % 2 == 0:
            raise ValueError(f"size must be odd and at least 3, not {self.size}")

    def encode(self, images: Tensor) -> Tensor:
        """Return the images unchanged: what the kernel is estimated from."""
        return images

    def target(self, batch: Batch) -> Tensor:
        """Return the kernels that the batch underwent, at the scale in hand.

        Returns:
            N,1,K,K, zeros where there is no single kernel.

        Raises:
            RestorekitError: A blur of the recipe is larger than ``size``, or none has a kernel.
        """
        if batch.kernel is None:
            raise RestorekitError(
                "no degradation of the recipe has a blur kernel for the task 'kernel'",
                "add one that blurs, such as trajectory_blur, or leave the task out",
            )
        side = batch.kernel.shape[-1]
        if side > self.size:
            raise RestorekitError(
                f"the blur kernels of the recipe have {side} pixels a side, and the task 'kernel' {self.size}",
                "set the task's size and the network's kernel_size to that, or blur less",
            )
        kernels = fit(batch.kernel[:, None], self.size)
        for _ in range(batch.halvings):
            kernels = reduce(kernels)
        return kernels

    def facts(self, prediction: Array, images: Array, restored: Array) -> Sequence[Mapping[str, Any]]:
        """Return what a kernel says about a restored image.

        Returns:
            ``kernel``, rows of K numbers; ``kernel_blur``, its standard deviation along the longer axis in pixels;
            ``reblur_error``, the RMS of kernel * restored - image, in units of the image's noise; ``left`` where
            nothing was changed.
        """
        from .trust import reblur_error, spread

        found: list[dict[str, Any]] = []
        for (kernel,), before, after in zip(prediction, images, restored, strict=True):
            blur = spread(kernel)
            told: dict[str, Any] = {
                "kernel": kernel.astype(float).round(6).tolist(),
                "kernel_blur": round(blur, 3),
                "reblur_error": round(reblur_error(before, after.clip(0, 1), kernel), 2),
            }
            if np.array_equal(before, after):
                told["left"] = "sharp" if blur < SHARP else "its blur is not understood"
            found.append(told)
        return found
