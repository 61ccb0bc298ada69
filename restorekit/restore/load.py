"""From the name of a model to a restorer."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from restorekit.bundle import load_bundle
from restorekit.contracts import Restorer
from restorekit.device import resolve_device
from restorekit.errors import RestorekitError
from restorekit.hub.pull import fetch_model
from restorekit.plugins import registry
from restorekit.recipe.component import make_component
from restorekit.restore.onnx import SUFFIX, OnnxRestorer
from restorekit.restore.restorer import NetworkRestorer

ENGINES = ("torch", "onnx")


def load_restorer(
    model: str | Path | None = None, device: str = "auto", engine: str | None = None
) -> Restorer:
    """Load a trained bundle, a file that ``restorekit export`` wrote, or a method that a plugin registered.

    Args:
        model: A bundle directory, the name of a shipped model or of a registered restorer, ``OWNER/NAME`` or
            ``OWNER/NAME@REVISION`` on the Hub, an ``.onnx`` file, or None for the default.
        device: auto, cpu, cuda, cuda:1 or mps; for bundles and files.
        engine: torch, or onnx for an ``.onnx`` file, without importing torch; None goes by the model.

    Returns:
        What restores N,3,H,W float32 RGB in [0, 1], H and W at least 16, to the same size.

    Raises:
        RestorekitError: There is no such model, device or engine, or the model is not for the engine.
    """
    is_file = model is not None and Path(model).suffix.lower() == SUFFIX and not Path(model).is_dir()
    engine = engine or ("onnx" if is_file else "torch")
    if engine not in ENGINES:
        raise RestorekitError(f"no engine '{engine}'", f"give {' or '.join(ENGINES)}")
    if engine == "onnx":
        if model is None or not is_file:
            raise RestorekitError(
                f"the engine 'onnx' takes an {SUFFIX} file, not {model or 'the default model'}",
                f"make one with restorekit export {model or 'face-mt-unet'} OUT{SUFFIX}",
            )
        return OnnxRestorer.read(Path(model), device)
    if is_file:
        raise RestorekitError(f"{model}: is a file for the engine 'onnx'", "leave --engine torch out")
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
