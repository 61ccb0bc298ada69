"""A bundle as one ONNX file, which holds its weights; checked against torch before it is written."""

from __future__ import annotations

from pathlib import Path

from restorekit.bundle import load_bundle
from restorekit.errors import RestorekitError
from restorekit.export.check import Check, checked
from restorekit.export.finish import finish
from restorekit.export.trace import metadata, need_exporter, trace, trained
from restorekit.restore.onnx import SUFFIX, OnnxRestorer
from restorekit.whole import write_whole


def export_onnx(
    model: str | Path | None, path: Path, *, half: bool = False, overwrite: bool = False
) -> list[Check]:
    """Write a bundle as an ONNX file that maps N,3,H,W float32 RGB in [0, 1] to the same, not clamped.

    H and W are multiples of what its metadata states; the pyramid and the task's encoding are in the graph. What a
    restorer needs beside it is in the file's metadata under ``restorekit``, as JSON: ``OnnxMetadata``.

    Args:
        model: A bundle directory or the name of a shipped model; None for the default.
        path: The file; it ends in ``.onnx``.
        half: Whether weights and arithmetic are fp16; inputs and outputs are float32 all the same.
        overwrite: Whether a file that is there may be replaced.

    Returns:
        What the check found at each of ``SIZES``.

    Raises:
        RestorekitError: The file exists or cannot be written, an extra is missing, the network cannot be exported,
            or what was exported does not agree with torch; nothing is written then.
        BundleError: The bundle cannot be used.
    """
    if path.suffix.lower() != SUFFIX:
        raise RestorekitError(f"{path}: is not the name of an ONNX file", f"end it in {SUFFIX}")
    if path.exists() and not overwrite:
        raise RestorekitError(f"{path}: already exists", "give overwrite=true, or another name")
    need_exporter()
    bundle = load_bundle(model)
    restorer = trained(bundle)
    traced = trace(bundle, restorer.size_multiple, half)
    data, exported = finish(
        traced,
        metadata(bundle, restorer, half),
        restorer,
        lambda data: OnnxRestorer(data, path, "cpu"),
    )
    checks = checked(restorer, exported, half)
    try:
        write_whole(path, data)
    except OSError as error:
        raise RestorekitError(f"cannot write {path}: {error}", "make room or choose another place") from None
    return checks
