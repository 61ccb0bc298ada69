"""What training will see, as a picture: sharp, degraded, the kernels and the numbers that were drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from restorekit.data.degrade import degrade
from restorekit.data.loader import batches
from restorekit.data.samples import stage_samples
from restorekit.errors import RestorekitError
from restorekit.images import contact_sheet
from restorekit.plugins import registry
from restorekit.recipe import Recipe, Stage, Step

if TYPE_CHECKING:
    from restorekit.contracts import Array, Batch

KERNEL_COLUMNS = 8
KERNEL_SIDE = 96


def preview_sheet(recipe: Recipe, stage: Stage, count: int) -> Array:
    """Show the first samples of a stage: a row each of sharp, degraded and kernels, with what was drawn.

    Args:
        recipe: The recipe.
        stage: One of its stages.
        count: How many samples.

    Returns:
        H,W,3 uint8 RGB.

    Raises:
        RestorekitError: The data or the degradations do not allow it.
    """
    rows, captions = [], []
    for batch, chosen in _first(recipe, stage, count):
        pictures, words = [_pixels(batch.sharp[0]), _pixels(batch.degraded[0])], [batch.ids[0], ""]
        for step, undergone in zip(stage.degradations, chosen, strict=True):
            if undergone:
                name, drawn = _drawn(step, batch)
                words[1] += f"{name} {_numbers(drawn)}".rstrip() + "\n"
                if _is_kernel(drawn.get("kernel")):
                    pictures.append(_kernel_picture(drawn["kernel"], len(pictures[0])))
                    words.append(_size(drawn["kernel"]))
        rows.append(pictures)
        captions.append([text.rstrip("\n") for text in words])
    return contact_sheet(rows, captions, header=("sharp", "degraded", "kernel"))


def kernel_sheet(recipe: Recipe, stage: Stage, count: int) -> Array:
    """Show the first kernels that a stage draws, of whatever degradation.

    Args:
        recipe: The recipe.
        stage: One of its stages.
        count: How many samples to draw; those without a kernel leave no gap.

    Returns:
        H,W,3 uint8 RGB.

    Raises:
        RestorekitError: The data or the degradations do not allow it, or none of these has a kernel.
    """
    pictures, captions = [], []
    for batch, chosen in _first(recipe, stage, count):
        for step, undergone in zip(stage.degradations, chosen, strict=True):
            name, drawn = _drawn(step, batch)
            if undergone and _is_kernel(drawn.get("kernel")):
                pictures.append(_kernel_picture(drawn["kernel"], KERNEL_SIDE))
                captions.append(f"{name.removesuffix('_blur')}\n{_size(drawn['kernel'])}")
    if not pictures:
        raise RestorekitError("no degradation of this stage draws a kernel", "preview the images instead")
    rows = range(0, len(pictures), KERNEL_COLUMNS)
    return contact_sheet(
        [pictures[row : row + KERNEL_COLUMNS] for row in rows],
        [captions[row : row + KERNEL_COLUMNS] for row in rows],
    )


def _first(recipe: Recipe, stage: Stage, count: int) -> Iterator[tuple[Batch, list[bool]]]:
    """Yield the first samples of a stage, each a batch of its own, and which degradations it undergoes."""
    import torch

    samples = stage_samples(recipe, stage)
    for drawn in batches(samples, first=0, count=count, batch=1, workers=0):
        yield degrade(drawn, stage.degradations, torch.device("cpu")), drawn.chosen[0].tolist()


def _drawn(step: Step, batch: Batch) -> tuple[str, dict[str, Array]]:
    """Return the name of the degradation that a sample underwent, and its draws; of a mixture, those of its choice."""
    name: str = step.name
    degradation: Any = step.degradation
    drawn = {key: value[0].numpy() for key, value in batch.params[step.name].items()}
    while "choice" in drawn and hasattr(degradation, "choices"):
        number = int(drawn["choice"])
        degradation = degradation.choices[number]
        name = registry("degradation").name_of(type(degradation))
        prefix = f"{number}."
        drawn = {key.removeprefix(prefix): value for key, value in drawn.items() if key.startswith(prefix)}
    return name, drawn


def _is_kernel(drawn: Array | None) -> bool:
    """Whether it is one kernel, or a square grid of them."""
    return drawn is not None and (drawn.ndim == 2 or (drawn.ndim == 3 and len(drawn) ** 0.5 % 1 == 0))


def _numbers(drawn: Mapping[str, Array]) -> str:
    return ", ".join(f"{key} {float(value):.3g}" for key, value in drawn.items() if value.ndim == 0)


def _size(kernel: Array) -> str:
    """The box of the kernel's elements above a thousandth of its largest, over all nodes if it varies."""
    used = np.argwhere(kernel.reshape(-1, *kernel.shape[-2:]).max(axis=0) > kernel.max() / 1000)
    height, width = np.ptp(used, axis=0) + 1
    return f"{width} x {height} px"


def _kernel_picture(kernel: Array, side: int) -> Array:
    """Enlarge a kernel, or the grid of kernels of a blur that varies, to about ``side`` pixels, black to white."""
    nodes = round(len(kernel) ** 0.5) if kernel.ndim == 3 else 1
    size = kernel.shape[-1]
    grid = kernel.reshape(nodes, nodes, size, size).transpose(0, 2, 1, 3).reshape(nodes * size, nodes * size)
    grey = np.rint(grid / grid.max() * 255).astype(np.uint8)
    large = grey.repeat(max(side // len(grey), 1), axis=0).repeat(max(side // len(grey), 1), axis=1)
    return np.repeat(large[..., None], 3, axis=2)


def _pixels(image: Any) -> Array:
    pixels: Array = (image * 255).round().byte().permute(1, 2, 0).numpy()
    return pixels
