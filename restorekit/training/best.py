"""The best weights of a run so far, kept beside the last ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

SAME = 0.01
"""Scores of the degraded images within this many dB are of the same images."""


def beats_best(folder: Path, metrics: Mapping[str, float]) -> bool:
    """Whether a validation is better than that of the bundle in ``folder``, or there is none to compare it with.

    What is on the disk is asked, not the run's state: so a resumed run knows what the one before it found, also after
    its last saved state. Validated on other images, that counts no more.

    Args:
        folder: Where the best bundle is kept.
        metrics: What the validation measured; ``psnr`` decides.
    """
    try:
        best = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["validation"]
        psnr, psnr_input = float(best["psnr"]), float(best["psnr_input"])
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return metrics["psnr"] > psnr or abs(metrics["psnr_input"] - psnr_input) > SAME
