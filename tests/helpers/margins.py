"""How far a network looks, by its gradient, against the margin that it states."""

import torch
from torch.nn.functional import interpolate


def assert_within_margin(spec, module):
    """See that no pixel of the finest output depends on one farther away along a row than ``spec.margin``."""
    module = module.double()
    width = 2 * (spec.margin + 2 * spec.size_multiple)
    width -= width % spec.size_multiple
    image = torch.rand(1, 3, 24, width, dtype=torch.float64, requires_grad=True)
    levels = [
        interpolate(image, scale_factor=0.5**level, mode="bicubic", antialias=True) if level else image
        for level in reversed(range(spec.scales))
    ]
    fine = module({"image": levels})["image"][-1]
    for middle in range(width // 2, width // 2 + spec.size_multiple):
        (grad,) = torch.autograd.grad(fine[..., middle].sum(), image, retain_graph=True)
        touched = grad.abs().sum((0, 1, 2)).nonzero().flatten()
        assert middle - spec.margin <= touched.min()
        assert touched.max() <= middle + spec.margin
