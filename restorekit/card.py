"""The model card: what a bundle was trained on, how, and under what terms it may be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def model_card(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """Write README.md for a bundle, from its config and the last validation."""
    license_ = config["license"] or "not stated: ask whoever trained it before you use it"
    degradations = ", ".join(step["type"] for step in config["degradation"]) or "none"
    lines = [
        "---",
        "library_name: restorekit",
        "pipeline_tag: image-to-image",
        "tags: [restorekit, image-restoration, deblurring]",
        "---",
        "",
        f"# {config['name']}",
        "",
        f"A `{config['network']['type']}` network trained by restorekit {config['restorekit']}.",
        "",
        f"- Tasks: {', '.join(task['type'] for task in config['tasks'])}",
        f"- Training images: source `{config['data']['type']}`, crop `{config['geometry']['crop']}`, "
        f"{config['geometry']['size']} px",
        f"- Degradations: {degradations} (all settings in recipe.toml)",
        f"- Steps: {config['steps']}",
        f"- Licence of the training images, which limits this model: {license_}",
    ]
    if metrics:
        lines += [
            f"- Validation while training: PSNR {metrics['psnr']:.2f} dB, where the degraded images have "
            f"{metrics['psnr_input']:.2f} dB (float images, all channels, the recipe's own degradations)",
        ]
    return "\n".join([*lines, "", "Use: `restorekit deblur photo.jpg --model THIS_FOLDER`", ""])
