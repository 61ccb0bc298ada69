"""The models that are known to restorekit, and what they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from restorekit.bundle import WEIGHTS, find_bundle, load_bundle, shipped
from restorekit.hub.pull import on_hub
from restorekit.plugins import registry


@dataclass(frozen=True)
class Known:
    """A model that can be named.

    Attributes:
        name: What ``--model`` takes.
        size: Bytes of its weights; None if they lie on the Hub.
        license: Under what terms it may be used.
        figures: PSNR in dB by test set: what it restores to, and its gain over the degraded pictures.
        owner: The distribution that brings it.
        place: Where on the Hub it lies, as ``OWNER/NAME@REVISION``; None if it lies in the distribution.
    """

    name: str
    size: int | None
    license: str
    figures: dict[str, tuple[float, float]]
    owner: str
    place: str | None = None


def known_models() -> Iterator[Known]:
    """Yield what comes with restorekit, and what plugins bring; what lies on the Hub is not asked for."""
    for name in shipped():
        yield _bundle(name, find_bundle(name), "restorekit")
    for entry in registry("model"):
        repo = on_hub(entry)
        if repo:
            yield Known(entry.name, None, "", {}, entry.owner, repo)
        else:
            yield _bundle(entry.name, entry.path(), entry.owner)


def _bundle(name: str, folder: Path, owner: str) -> Known:
    file = folder / "metrics.json"
    metrics = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    figures = {
        test: (result["psnr"]["output"]["mean"], result["psnr"]["gain"]["mean"])
        for test, result in metrics.get("evaluate", {}).items()
    }
    return Known(name, (folder / WEIGHTS).stat().st_size, load_bundle(folder).license, figures, owner)
