"""A network of spandrel as a component."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from restorekit import Network, Task

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Spandrel(Network):
    """A network of the spandrel library: NAFNet, SwinIR, FFTformer and others, for restoring or enlarging.

    Needs ``pip install 'restorekit[spandrel]'``. ``restorekit import`` reads all keys from the weights.

    Attributes:
        architecture: The architecture's id and its class, such as ``NAFNet.NAFNet``.
        hyperparameters: Arguments of the class that differ from its defaults.
        size_multiple: Height and width must be multiples of this.
        scale: By how much the output is larger.
    """

    heads: ClassVar[tuple[str, ...] | None] = ("image",)
    scales: ClassVar[int] = 1

    architecture: str
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    size_multiple: int = 1
    scale: int = 1

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\w+\.\w+", self.architecture):
            raise ValueError(f"architecture must be like NAFNet.NAFNet, not {self.architecture!r}")
        if self.size_multiple < 1:
            raise ValueError(f"size_multiple must be at least 1, not {self.size_multiple}")

    @classmethod
    def recognise(cls, weights: Mapping[str, Tensor]) -> tuple[Spandrel, Mapping[str, str]] | None:
        """Return the network that spandrel takes weights for, and that each name begins with ``model.``.

        Raises:
            RestorekitError: There is no spandrel here, or it takes them for one that does other than restore or enlarge
                pictures of three channels.
        """
        from restorekit_spandrel.recognise import recognise

        return recognise(weights)

    def build(self, tasks: Mapping[str, Task]) -> nn.Module:
        """Return the module.

        Raises:
            RestorekitError: There is no spandrel here, or it has no such architecture.
        """
        from restorekit import OneScale
        from restorekit_spandrel.module import network_class

        return OneScale(network_class(self.architecture)(**self.hyperparameters))
