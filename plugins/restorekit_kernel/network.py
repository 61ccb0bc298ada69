"""The generator that knows the blur."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from restorekit import Network, RestorekitError, Task

if TYPE_CHECKING:
    from torch import nn

KERNEL = "kernel"

Estimator = Literal["quotient", "fully_connected"]


@dataclass(frozen=True)
class KernelUNet(Network):
    """Two encoder-decoders with the blur kernel between them, coarse to fine with the same weights at every scale.

    At each scale: a first encoder-decoder gives an estimate x0 and features; the quotient of the spectra of blurred
    and sharp features gives rough kernels (Xu et al., CVPR 2013; Schuler et al., TPAMI 2016), which a small network
    cleans up; Wiener steps about x0 use the kernel; a second encoder-decoder makes x1 of what they give. The next
    scale starts from x1 and the kernel, both enlarged (coarse to fine with shared weights, as in Shen et al., EURASIP
    JWCN 2019:23). The task ``kernel`` gives the kernel; ``image`` and ``gradient`` pass as one batch.

    Attributes:
        widths: Channels of each level of the first encoder-decoder, its finest at half the size.
        blocks: Residual blocks of each of those levels.
        second_widths: Channels of each level of the second encoder-decoder.
        second_blocks: Residual blocks of each of those levels.
        groups: Groups of features, each with a quotient of its own.
        channels: Features of each group.
        filter_size: Side of the linear filters in pixels, odd.
        kernel_size: Side of the kernel at the finest scale in pixels, odd; halved at each coarser one.
        estimator: What a rough kernel comes from: the ``quotient`` of spectra, or, to compare it with, one
            ``fully_connected`` layer (recipes/ablation-kernel).
        cleanup: Channels and residual blocks of the network that cleans up the kernel.
        strengths: Wiener steps, each with a learned strength.
        scales: Scales, each half the size of the next.
        sharp: Blur in pixels (standard deviation of the kernel along its longer axis) up to which a picture is left as
            it is, and from which on it is restored in full; in between, in part. In training nothing is left alone.
        unexplained: Reblur error, in units of the picture's noise, up to which a result is trusted in full, and from
            which on the picture is left as it is.
        flat: Structure, in units of the picture's noise (1 for noise alone), up to which a picture is left as it is,
            since nothing in it shows a blur, and from which on it is restored in full.
        tile: Side in pixels of the parts that a large picture is cut into, each with a kernel of its own.

    Raises:
        ValueError: A field is out of its range.
    """

    widths: tuple[int, ...] = (32, 64, 128)
    blocks: tuple[int, ...] = (2, 2, 2)
    second_widths: tuple[int, ...] = (32, 64, 128)
    second_blocks: tuple[int, ...] = (2, 2, 2)
    groups: int = 2
    channels: int = 6
    filter_size: int = 5
    kernel_size: int = 31
    estimator: Estimator = "quotient"
    cleanup: tuple[int, int] = (32, 6)
    strengths: int = 3
    scales: int = 2
    sharp: tuple[float, float] | None = None
    unexplained: tuple[float, float] | None = None
    flat: tuple[float, float] | None = None
    tile: int = 384

    def __post_init__(self) -> None:
        for prefix in ("", "second_"):
            widths, blocks = getattr(self, f"{prefix}widths"), getattr(self, f"{prefix}blocks")
            if len(widths) < 2 or min(widths) < 1:
                raise ValueError(f"{prefix}widths must be two or more positive numbers, not {list(widths)}")
            if len(blocks) != len(widths) or min(blocks) < 0:
                raise ValueError(
                    f"{prefix}blocks must be {len(widths)} numbers of at least 0, one for each of {prefix}widths, "
                    f"not {list(blocks)}"
                )
        for name in ("groups", "channels", "strengths", "scales"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("filter_size", "kernel_size"):
            if getattr(self, name) < 3 or getattr(self, name) % 2 == 0:
                raise ValueError(f"{name} must be odd and at least 3, not {getattr(self, name)}")
        if self.estimator not in get_args(Estimator):
            raise ValueError(f"estimator must be 'quotient' or 'fully_connected', not {self.estimator!r}")
        for name in ("sharp", "unexplained", "flat"):
            bounds = getattr(self, name)
            if bounds is not None and not 0 <= bounds[0] < bounds[1]:
                raise ValueError(f"{name} must be [low, high] with 0 <= low < high, not {list(bounds)}")
        if self.cleanup[0] < 1 or self.cleanup[1] < 0:
            raise ValueError(f"cleanup must be channels and blocks, not {list(self.cleanup)}")

    @property
    def size_multiple(self) -> int:
        """Side of a pixel of the deepest level at the coarsest scale, in pixels of the finest input."""
        levels = max(len(self.widths), len(self.second_widths))
        return 2 ** (levels + self.scales - 1)

    @property
    def margin(self) -> int:
        """How far the ends of a tile spoil it: as far as a kernel and its inverse reach."""
        return 2 * (self.kernel_size // 2) + 2

    def build(self, tasks: Mapping[str, Task]) -> nn.Module:
        """Return the module with a head for each of ``tasks``.

        Raises:
            RestorekitError: A task has other than three channels, or the kernel task another size.
        """
        from .module import KernelUNetModule

        for name, task in tasks.items():
            if name == KERNEL:
                if (size := getattr(task, "size", None)) != self.kernel_size:
                    raise RestorekitError(
                        f"task 'kernel' has size {size} and the network kernel_size {self.kernel_size}",
                        "make them equal",
                    )
            elif task.channels != 3:
                raise RestorekitError(
                    f"task '{name}' has {task.channels} channels; kernel_unet takes three",
                    "leave the task out, or choose another network",
                )
        return KernelUNetModule(
            [name for name in tasks if name != KERNEL],
            widths=self.widths,
            blocks=self.blocks,
            second_widths=self.second_widths,
            second_blocks=self.second_blocks,
            groups=self.groups,
            channels=self.channels,
            filter_size=self.filter_size,
            kernel_size=self.kernel_size,
            estimator=self.estimator,
            cleanup=self.cleanup,
            strengths=self.strengths,
            scales=self.scales,
            sharp=self.sharp,
            unexplained=self.unexplained,
            flat=self.flat,
        )
