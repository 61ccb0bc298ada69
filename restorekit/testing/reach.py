"""Whether a network sees as far as its margin says, which restoring in tiles depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorekit.contracts import Network
from restorekit.pyramid import pyramid
from restorekit.testing.lesson import demand

if TYPE_CHECKING:
    from torch import nn

WIDTH = 32
SHARE = 1e-5
"""Of the largest change; less is rounding."""


def check_margin(network: Network, module: nn.Module) -> None:
    """Check that a change of the topmost rows does not show in rows that lie further off than the margin.

    Args:
        network: The component.
        module: What it built; its weights are changed, as those of a fresh network may be zero.

    Raises:
        AssertionError: The change shows.
    """
    import torch

    margin, multiple, name = network.margin, network.size_multiple, type(network).__name__
    example = "@property\ndef margin(self):\n    return None  # it sees the whole picture: not for tiles"
    demand(
        margin is None or (isinstance(margin, int) and margin >= 0),
        f"the margin of {name} is {margin!r}",
        "it is how many pixels further than itself a pixel of the output sees, or None for the whole picture",
        example,
    )
    if margin is None or network.tile is not None:  # whose parts are not those of the whole
        return
    rng = torch.Generator().manual_seed(0)
    height, width = (multiple * -(-side // multiple) for side in (margin + 2 * multiple, WIDTH))
    image = torch.rand(1, 3, height, width, generator=rng)
    changed = image.clone()
    changed[..., :multiple, :] /= 4  # the mean changes too
    module.eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=rng), alpha=0.05)
        before, after = (
            module({"image": pyramid(picture, network.scales)})["image"][-1] for picture in (image, changed)
        )
    change = (after - before).abs().amax(dim=(0, 1, 3))
    (rows,) = torch.where(change > SHARE * change.max())
    seen = int(rows.max()) - (multiple - 1)
    demand(
        seen <= margin,
        f"a pixel of {name} saw what is {seen} pixels away, and its margin is {margin}",
        "what lies further off than the margin changes nothing, so that tiles fit together; count every "
        "convolution, twice at half the size, and 3 for halving the picture; an average over all sees all",
        example,
    )
