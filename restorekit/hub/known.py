"""The models that are known to restorekit, and what they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from restorekit.bundle import WEIGHTS, find_bundle, load_bundle, shipped


@dataclass(frozen=True)
class Known:
    """A model that can be named.

    Attributes:
        name: What ``--model`` takes.
        size: Bytes of its weights.
        license: Under what terms it may be used.
        figures: PSNR in dB by test set: what it restores to, and its gain over the degraded pictures.
        revision: The commit of the Hub that it is pinned to; None for what comes with restorekit.
    """

    name: str
    size: int
    license: str
    figures: dict[str, tuple[float, float]]
    revision: str | None = None


def known_models() -> Iterator[Known]:
    """Read what comes with restorekit."""
    for name in shipped():
        folder = find_bundle(name)
        metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        figures = {
            test: (result["psnr"]["output"]["mean"], result["psnr"]["gain"]["mean"])
            for test, result in metrics["evaluate"].items()
        }
        yield Known(name, (folder / WEIGHTS).stat().st_size, load_bundle(folder).license, figures)
