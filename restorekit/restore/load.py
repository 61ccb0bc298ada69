"""From a bundle to a restorer."""

from __future__ import annotations

from pathlib import Path

from restorekit.bundle import load_bundle
from restorekit.contracts import Restorer
from restorekit.device import resolve_device
from restorekit.restore.restorer import NetworkRestorer


def load_restorer(model: str | Path | None = None, device: str = "auto") -> Restorer:
    """Load a trained bundle as a restorer.

    Args:
        model: A bundle directory, the name of a shipped model, or None for the default.
        device: auto, cpu, cuda, cuda:1 or mps.

    Returns:
        A callable from N,3,H,W float32 RGB in [0, 1], H and W at least 16, to the same size.
    """
    bundle = load_bundle(model)
    place = resolve_device(device)
    return NetworkRestorer(
        bundle.module(), bundle.network, bundle.tasks["image"], bundle.config["geometry"], place
    )
