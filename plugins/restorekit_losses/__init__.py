"""Losses: content, perceptual and adversarial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorekit import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable


@hookimpl
def register_losses(register: Callable[[str, str | type], None]) -> None:
    """Register the losses."""
    register("l1", "restorekit_losses.content:L1")
    register("charbonnier", "restorekit_losses.content:Charbonnier")
    register("vgg19", "restorekit_losses.perceptual:VGGPerceptual")
    register("dcgan", "restorekit_losses.adversarial:DCGAN")
