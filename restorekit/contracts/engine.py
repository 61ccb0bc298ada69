"""Engines: what runs models that are single files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from restorekit.contracts.restorer import Restorer


class Engine(ABC):
    """What runs models that are files of one kind, such as ``.onnx``."""

    suffix: ClassVar[str]
    """How such files end, in lower case, with the dot."""

    @abstractmethod
    def load(self, file: Path, device: str) -> Restorer:
        """Return the restorer in a file.

        Args:
            file: A path that ends as ``suffix`` says.
            device: auto, cpu, cuda, cuda:1 or mps.

        Raises:
            RestorekitError: The file is no such model, what runs it is not installed, or there is no such device.
        """
