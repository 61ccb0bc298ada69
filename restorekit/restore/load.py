"""From the name of a model to a restorer."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from restorekit.bundle import load_bundle
from restorekit.contracts import Engine, Restorer
from restorekit.device import resolve_device
from restorekit.errors import RestorekitError
from restorekit.hub.pull import fetch_model
from restorekit.plugins import registry
from restorekit.recipe.component import make_component
from restorekit.restore.restorer import NetworkRestorer

TORCH = "torch"
"""The engine of bundles; others are components."""


def load_restorer(
    model: str | Path | None = None, device: str = "auto", engine: str | None = None
) -> Restorer:
    """Load a trained bundle, a file that ``restorekit export`` wrote, or a method that a plugin registered.

    Args:
        model: A bundle directory, the name of a shipped model or of a registered restorer, ``OWNER/NAME`` or
            ``OWNER/NAME@REVISION`` on the Hub, an ``.onnx`` file, or None for the default.
        device: auto, cpu, cuda, cuda:1 or mps; for bundles and files.
        engine: torch, or that of a file, such as onnx for ``.onnx``, without importing torch; None goes by the model.

    Returns:
        What restores N,3,H,W float32 RGB in [0, 1], H and W at least 16, to the same size.

    Raises:
        RestorekitError: There is no such model, device or engine, or the model is not for the engine.
    """
    is_file = model is not None and not Path(model).is_dir()
    engines = {entry.name: _engine(entry.name) for entry in registry("engine")} if is_file or engine else {}
    suffix = Path(model or "").suffix.lower()
    own = next((name for name, each in engines.items() if is_file and each.suffix == suffix), TORCH)
    engine = engine or own
    if engine not in (TORCH, *engines):
        raise RestorekitError(f"no engine '{engine}'", f"give {' or '.join((TORCH, *engines))}")
    if engine != own and engine != TORCH:
        suffix = engines[engine].suffix
        raise RestorekitError(
            f"the engine '{engine}' takes an {suffix} file, not {model or 'the default model'}",
            f"make one with restorekit export {model or 'face-mt-unet'} OUT{suffix}",
        )
    if engine != own:
        raise RestorekitError(f"{model}: is a file for the engine '{own}'", "leave the engine out")
    if model is not None and engine != TORCH:
        return engines[engine].load(Path(model), device)
    if str(model) in registry("restorer") and not Path(str(model)).is_dir():
        return cast(Restorer, make_component("restorer", str(model), {}))
    bundle = load_bundle(fetch_model(model))
    place = resolve_device(device)
    return NetworkRestorer(
        bundle.module(),
        bundle.network,
        bundle.tasks,
        bundle.geometry,
        place,
        name=bundle.name,
        license=bundle.license,
    )


def _engine(name: str) -> Engine:
    return cast(Engine, make_component("engine", name, {}))
