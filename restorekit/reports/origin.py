"""Where numbers come from: command, data, kernels, device, date."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from restorekit import __version__
from restorekit.device import resolve_device
from restorekit.evaluation.report import Result


def device_in_words(name: str) -> str:
    """Say what computes, and with how many threads."""
    import torch

    device = resolve_device(name)
    threads = torch.get_num_threads()
    words = f"{_processor()}, {threads} thread{'s' if threads > 1 else ''}"
    return f"{torch.cuda.get_device_name(device)} and {words}" if device.type == "cuda" else words


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8", errors="replace") if info.exists() else ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def origin(
    command: str, results: Mapping[str, Result], dates: Sequence[str], devices: Sequence[str]
) -> list[str]:
    """Write the lines that stand below numbers.

    Args:
        command: What made them.
        results: What test sets are about, by their names.
        dates: When they were measured.
        devices: What computed them.
    """
    return [
        f"Command: {command}",
        *(f"Data of {test}: {_data(result)}" for test, result in results.items()),
        f"Device: {'; '.join(devices)}",
        f"Date: {' to '.join(dict.fromkeys([*dates[:1], *dates[-1:]]))}; restorekit {__version__}",
    ]


def _data(result: Result) -> str:
    listing = f", those in {result['list']}" if result.get("list") else ""
    drawn = f" of {result['of']:,}, drawn once, the same for all" if "share" in result else ", all there are"
    kinds = "; ".join(_step(each) for each in result["protocol"].get("degradation", ())) or "nothing"
    return (
        f"{result['data']}{listing}; {result['pairs']:,} pairs{drawn}, of {result['pictures']} pictures; "
        f"degraded by {kinds}"
    )


def _step(table: Mapping[str, Any]) -> str:
    shown = {key: value for key, value in table.items() if key not in ("type", "name", "p")}
    words = ", ".join(f"{key} {value}" for key, value in shown.items())
    return f"{table['type']} ({words})" if words else str(table["type"])
