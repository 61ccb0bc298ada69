"""The contract of degradations."""

from __future__ import annotations

from restorekit.contracts import Degradation
from restorekit.testing.component import check_component
from restorekit.testing.draws import check_draws, stacked
from restorekit.testing.lesson import demand, demanding, described

_APPLY = "def apply(self, images, level):\n    return images * level.view(-1, 1, 1, 1)  # N of them"


def check_degradation(degradation: Degradation, height: int = 64, width: int = 72) -> None:
    """Check a degradation: all chance in ``sample``, stable shapes, and an output smaller by the margin alone.

    Args:
        degradation: The component.
        height: Height of the images to try, pixels; more if the margin asks for it.
        width: Their width.

    Raises:
        AssertionError: It breaks the contract.
    """
    import torch

    check_component(degradation, Degradation)
    name, margin = type(degradation).__name__, degradation.margin
    demand(
        isinstance(margin, int) and margin >= 0,
        f"the margin of {name} is {margin!r}",
        "it is the whole number of border pixels that apply consumes on each side",
        "@property\ndef margin(self):\n    return self.side // 2",
    )
    scale = degradation.scale
    demand(
        isinstance(scale, int) and scale >= 1,
        f"the scale of {name} is {scale!r}",
        "it is the whole number by which apply divides each side of what is left without the margin",
        "@property\ndef scale(self):\n    return 2",
    )
    height, width = (max(side, 2 * margin + 16 * scale) for side in (height, width))
    height, width = (side + (2 * margin - side) % scale for side in (height, width))
    draws = check_draws(f"{name}.sample", lambda rng: degradation.sample(rng, height, width))[:3]
    params = stacked(draws)
    images = torch.rand(3, 3, height, width, generator=torch.Generator().manual_seed(0))
    before = images.clone()
    with demanding(
        f"{name}.apply failed on what {name}.sample drew",
        "apply takes N,3,H,W and each array that sample drew, by its key, stacked along a first axis N",
        _APPLY,
    ):
        out = degradation.apply(images, **params)
    wanted = (3, 3, (height - 2 * margin) // scale, (width - 2 * margin) // scale)
    demand(
        getattr(out, "shape", None) == wanted,
        f"{name}.apply made {described(out)} of {described(images)}, and its margin is {margin}, its scale {scale}",
        f"apply consumes the margin on each side and no more: here {wanted}; nothing is padded, the core crops wider",
        "def apply(self, images):\n    return torch.nn.functional.avg_pool2d(images, 5, stride=1)  # margin 2",
    )
    demand(
        out.dtype == torch.float32 and bool(out.isfinite().all()),
        f"{name}.apply returned {described(out)}"
        + ("" if bool(out.isfinite().all()) else ", not all finite"),
        "apply returns finite float32; a draw in float64 would make it float64",
        'return {"level": np.array(rng.uniform(0, 1), np.float32)}',
    )
    demand(
        torch.equal(images, before),
        f"{name}.apply changed its input",
        "apply makes new images; the old ones are still needed",
        _APPLY.replace("  # N of them", "  # not images.mul_(level)"),
    )
    demand(
        torch.equal(out, degradation.apply(images, **params)),
        f"{name}.apply gave something else the second time",
        "apply draws nothing; all that is random, a whole noise field too, is drawn by sample",
        "def sample(self, rng, height, width):\n"
        '    return {"noise": rng.standard_normal((3, height, width), dtype=np.float32)}',
    )
    alone = degradation.apply(images[2:], **{key: value[2:] for key, value in params.items()})
    demand(
        torch.allclose(out[2:], alone, atol=1e-5),
        f"{name}.apply made something else of an image alone than of the same image in a batch",
        "apply treats each image by itself, with its own draws",
        _APPLY,
    )
