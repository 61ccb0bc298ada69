"""From the name of a model to a restorer."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from restorekit.bundle import load_bundle
from restorekit.contracts import Restorer
from restorekit.device import resolve_device
from restorekit.hub.pull import fetch_model
from restorekit.plugins import registry
from restorekit.recipe.component import make_component
from restorekit.restore.restorer import NetworkRestorer


def load_restorer(model: str | Path | None = None, device: str = "auto") -> Restorer:
    """Load a trained bundle, or a method that a plugin registered, as a restorer.

    Args:
        model: A bundle directory, the name of a shipped model or of a registered restorer, ``OWNER/NAME`` or
            ``OWNER/NAME@REVISION`` on the Hub, or None for the default.
        device: auto, cpu, cuda, cuda:1 or mps; for bundles.

    Returns:
        What restores N,3,H,W float32 RGB in [0, 1], H and W at least 16, to the same size.
    """
    if str(model) in registry("restorer") and not Path(str(model)).is_dir():
        return cast(Restorer, make_component("restorer", str(model), {}))
    bundle = load_bundle(fetch_model(model))
    place = resolve_device(device)
    return NetworkRestorer(
        bundle.module(),
        bundle.network,
        bundle.tasks["image"],
        bundle.geometry,
        place,
        name=bundle.name,
        license=bundle.license,
    )
