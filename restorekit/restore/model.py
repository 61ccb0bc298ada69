"""The public restorer: the contract, with loading and calling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from restorekit import contracts
from restorekit.restore.call import restore_image


class Restorer(contracts.Restorer):
    """Anything that turns degraded images into restored ones, loaded by ``Restorer.load`` and called with an image."""

    @staticmethod
    def load(
        model: str | Path | None = None, device: str = "auto", engine: str | None = None
    ) -> contracts.Restorer:
        """Load a restorer by name; see ``load_restorer`` for the arguments and errors."""
        from restorekit.restore.load import load_restorer

        return load_restorer(model, device, engine)

    def __call__(self, image: Any) -> Any:
        """Restore an image of any size; see ``restore_image`` for the kinds of images and errors."""
        return restore_image(self, image)
