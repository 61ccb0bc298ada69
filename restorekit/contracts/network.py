"""Networks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from restorekit.contracts.task import Task

if TYPE_CHECKING:
    from torch import Tensor, nn


class Network(ABC):
    """A builder of the module that maps ``{task: [coarse ... fine]}`` to the same structure."""

    heads: ClassVar[tuple[str, ...] | None] = None
    """The tasks it can serve; None for any."""

    scales: int
    """How many scales the pyramid has, each half the size of the next."""

    @property
    def scale(self) -> int:
        """By how much its output is larger than its input; 1 for restoring at the same size."""
        return 1

    @classmethod
    def recognise(cls, weights: Mapping[str, Tensor]) -> tuple[Network, Mapping[str, str]] | None:
        """Return the network that a checkpoint is of, if its tensors tell, for ``restorekit import``.

        Returns:
            The network, and new names of the tensors by old ones: whole names, or prefixes that end in a dot or are
            empty. None if they are not this network's, or do not tell.

        Raises:
            RestorekitError: They are, but cannot be used.
        """
        return None

    @property
    @abstractmethod
    def size_multiple(self) -> int:
        """Height and width of the finest input must be multiples of this."""

    @property
    def margin(self) -> int | None:
        """Receptive margin in pixels for tiles; None if the network sees the whole image."""
        return None

    @property
    def tile(self) -> int | None:
        """Side in pixels of the parts that a large picture is best restored in; None if that does not matter.

        A network that estimates something of a picture as a whole, such as its blur, states it, and as its margin how
        far the ends of a part spoil it.
        """
        return None

    @abstractmethod
    def build(self, tasks: Mapping[str, Task]) -> nn.Module:
        """Return a module with a head for each of ``tasks``, initialised from torch's current random state.

        It is also called under torch's meta device, where no tensor has a value, to learn the shapes of its weights.
        Its ``forward({task: [coarse ... fine]})`` takes any non-empty subset of the tasks; to restore, only ``image``.
        For each it returns one tensor a scale: of its input's size or, if the task is not ``spatial``, its target's.
        """
