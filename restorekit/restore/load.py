"""From the name of a model to a restorer."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from restorekit.bundle import Bundle, load_bundle
from restorekit.contracts import Engine, Restorer
from restorekit.device import gpu_at_hand, resolve_device
from restorekit.errors import RestorekitError
from restorekit.extras import install_of, installed, need
from restorekit.hub.pull import fetch_model
from restorekit.plugins import registry
from restorekit.recipe.component import make_component
from restorekit.restore.onnx import OnnxRestorer
from restorekit.restore.restorer import NetworkRestorer

AUTO, TORCH, ONNX = "auto", "torch", "onnx"
"""The engines of bundles; those of files are components."""


def load_restorer(
    model: str | Path | None = None, device: str = "auto", engine: str | None = None
) -> Restorer:
    """Load a trained bundle, a file that ``restorekit export`` wrote, or a method that a plugin registered.

    Args:
        model: A bundle directory, the name of a shipped model or of a registered restorer, ``OWNER/NAME`` or
            ``OWNER/NAME@REVISION`` on the Hub, an ``.onnx`` file, or None for the default.
        device: auto, cpu, cuda, cuda:1 or mps, for bundles and files; for the engine onnx also dml or coreml.
        engine: torch; or onnx, which imports no torch. None or auto: a file's own; for a bundle torch where it has a
            GPU, else onnx if the bundle has a graph.

    Returns:
        What restores N,3,H,W float32 RGB in [0, 1], H and W at least 16, to the same size.

    Raises:
        RestorekitError: There is no such model, device or engine, the model is not for the engine, or it needs a
            package that is not installed.
    """
    wanted = None if engine == AUTO else engine
    is_file = model is not None and not Path(model).is_dir()
    engines = {entry.name: _engine(entry.name) for entry in registry("engine")} if is_file or wanted else {}
    if wanted not in (None, TORCH, *engines):
        raise RestorekitError(f"no engine '{wanted}'", f"give {' or '.join((AUTO, TORCH, *engines))}")
    suffix = Path(model or "").suffix.lower()
    own = next((name for name, each in engines.items() if is_file and each.suffix == suffix), None)
    if own is not None:
        if wanted not in (None, own):
            raise RestorekitError(f"{model}: is a file for the engine '{own}'", "leave the engine out")
        return engines[own].load(Path(str(model)), device)
    if str(model) in registry("restorer") and not Path(str(model)).is_dir():
        return _method(str(model))
    if wanted not in (None, TORCH, ONNX):
        raise RestorekitError(
            f"the engine '{wanted}' takes a file *{engines[str(wanted)].suffix}, not {model or 'the default model'}",
            "leave the engine out",
        )
    return _of_bundle(load_bundle(fetch_model(model)), device, wanted)


def _of_bundle(bundle: Bundle, device: str, engine: str | None) -> Restorer:
    if (engine or _best(bundle, device)) == ONNX:
        if not bundle.has_graph:
            raise RestorekitError(
                f"model {bundle.name} has no graph for the engine 'onnx'",
                f"restorekit export {bundle.path} makes it, where torch is installed",
            )
        return OnnxRestorer.of(bundle, device)
    what = "the engine torch" if bundle.has_graph else f"model {bundle.name} has no graph, so it"
    need("train", what, "torch")
    return NetworkRestorer(
        bundle.module(),
        bundle.network,
        bundle.tasks,
        bundle.geometry,
        resolve_device(device),
        name=bundle.name,
        license=bundle.license,
    )


def _best(bundle: Bundle, device: str) -> str:
    """Choose the engine that restores sooner: on a CPU onnx, which also begins sooner."""
    if not bundle.has_graph:
        return TORCH
    on_gpu = gpu_at_hand() if device == "auto" else device != "cpu" and installed("torch")
    return TORCH if on_gpu else ONNX


def _method(name: str) -> Restorer:
    """Make a restorer that a plugin registered, if what it imports is there."""
    restorer = cast(Restorer, make_component("restorer", name, {}))
    if missing := [module for module in restorer.imports if not installed(module)]:
        raise RestorekitError(f"model {name} needs {', '.join(missing)}", install_of(missing))
    return restorer


def _engine(name: str) -> Engine:
    return cast(Engine, make_component("engine", name, {}))
