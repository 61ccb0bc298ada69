"""The engine ``plugin_name``: for a start, tables of tones. Put yours in its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import restorekit

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class PluginName(restorekit.Engine):
    """Runs files that hold a table of tones: numbers from 0 to 1, one per line, from black to white."""

    suffix: ClassVar[str] = ".plugin-name"

    def load(self, file: Path, device: str) -> restorekit.Restorer:
        """Read the table.

        Raises:
            RestorekitError: The file holds no such table.
        """
        try:
            tones = np.array(file.read_text("utf-8").split(), np.float32)
        except (OSError, ValueError) as error:
            raise restorekit.RestorekitError(
                f"{file} cannot be read: {error}", "give a table of tones"
            ) from None
        if len(tones) < 2:
            raise restorekit.RestorekitError(f"{file} holds {len(tones)} tones", "give at least two")
        return Tones(tones, file.stem)


class Tones(restorekit.Restorer):
    """Changes tones by a table; what lies between two entries is interpolated."""

    footprint = restorekit.Footprint(margin=0, pixel_memory=100)

    def __init__(self, tones: restorekit.Array, name: str) -> None:
        self._tones, self.name = tones, name

    def restore(self, images: torch.Tensor) -> torch.Tensor:
        """Change N,3,H,W in [0, 1]."""
        import torch

        made = self.restore_arrays(images.cpu().numpy())
        return torch.from_numpy(made).to(images.device)

    def restore_arrays(self, images: restorekit.Array) -> restorekit.Array:
        """Change an array in [0, 1] of any shape, without torch."""
        places = np.linspace(0, 1, len(self._tones))
        return np.interp(images, places, self._tones).astype(np.float32)
