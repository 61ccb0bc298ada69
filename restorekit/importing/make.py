"""From a checkpoint to a bundle, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from restorekit import __version__
from restorekit.bundle import CARD, FORMAT, shown_line, write_bundle
from restorekit.card import model_card
from restorekit.data.image_task import ImageTask
from restorekit.errors import BundleError, RestorekitError
from restorekit.hub.digest import file_digest
from restorekit.importing.checkpoint import read_checkpoint
from restorekit.importing.fit import fit, renamed
from restorekit.importing.mapping import mapped
from restorekit.tensors import Stated, sketch


def import_checkpoint(
    weights: Path,
    out: Path,
    *,
    network: str | None = None,
    overrides: Sequence[str] = (),
    map_file: Path | None = None,
    name: str | None = None,
    license: str = "",
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Make a bundle of weights that were trained elsewhere; nothing is written unless they fill their network.

    Args:
        weights: What ``torch.save`` wrote of a state dict, or safetensors.
        out: The bundle's directory; replaced if it is there.
        network: The registered name of the network; None for the map's, or for whichever recognises the weights.
        overrides: ``key=value`` for keys of the network.
        map_file: A map, as ``mapped`` takes it.
        name: What the bundle is called; the file's name if left out.
        license: The terms under which the weights may be used.
        say: Takes the lines of the report.

    Raises:
        RestorekitError: They do not, or something cannot be read or written.
    """
    import torch

    checkpoint = read_checkpoint(weights)
    say(f"{len(checkpoint.tensors)} tensors in {weights}" + "".join(f", {each}" for each in checkpoint.found))
    found = mapped(checkpoint.tensors, network, overrides, map_file)
    say("network: " + json.dumps(dict(found.table)))
    tensors = renamed(checkpoint.tensors, found.names)
    held = {key: Stated.of(value) for key, value in tensors.items()}
    wanted = sketch(lambda: found.network.build({"image": ImageTask()}), held, weights)
    report = fit(wanted, checkpoint.tensors, tensors)
    for line in report.lines():
        say(line)
    if report.misfits:
        more = f" and {len(report.misfits) - 3} more" if len(report.misfits) > 3 else ""
        raise BundleError(
            f"{weights} does not fill a {found.table['type']}: {', '.join(report.misfits[:3])}{more}",
            "check its keys, or rename those of the weights by a map; nothing is written",
        )
    config = {
        "format": FORMAT,
        "restorekit": __version__,
        "name": weights.stem if name is None else name,
        "network": dict(found.table),
        "tasks": [{"type": "image"}],
        "geometry": None,
        "license": license,
        "imported": {"file": weights.name, "sha256": file_digest(weights, git=False)},
    }
    try:
        for key in ("name", "license"):
            shown_line(config, key)
    except ValueError as error:
        raise RestorekitError(f"{error}", "give another") from None
    texts = {
        "config.json": json.dumps(config, indent=2) + "\n",
        "metrics.json": "{}\n",
        CARD: model_card(config, {}),
    }
    own = {key: tensors[key] for key in wanted.state_dict()}
    double = {key: value.float() for key, value in own.items() if value.dtype == torch.float64}
    write_bundle(out, own | double, texts)
