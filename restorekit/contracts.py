"""What a plugin implements. Images are N,3,H,W float32 RGB in [0, 1], unless said otherwise.

A component is a plain frozen dataclass that derives from one of these classes: its fields are the keys of
its recipe table, with their types and defaults. The core validates them strictly before it builds anything.
A component's module imports torch only inside the methods that compute: listing, showing and checking stay light.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    Array = np.ndarray[Any, Any]

Outputs = dict[str, list["Tensor"]]
"""Per task, one tensor per scale, coarse first."""


@dataclass(frozen=True)
class Item:
    """One image of a source.

    Attributes:
        sharp: H,W,3 uint8 RGB.
        id: What names the image in reports, unique within its source.
        degraded: H,W,3 uint8 RGB where the source is of pairs; else None, and the recipe's degradations make it.
        labels: What the source knows of the image (person, landmarks).
    """

    sharp: Array
    id: str
    degraded: Array | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """What a loss or a task may read. Inside the objective, images are already at the scale in hand.

    Attributes:
        sharp: N,3,H,W.
        degraded: N,3,H,W.
        params: Per degradation (by its ``type``, with ``.2``, ``.3`` after a repeated one), what it drew. One that
            draws among ``choices`` calls its draw ``choice``, and what those drew ``0.kernel``, ``1.sigma`` ...
        undergone: By the same names, N bool: which images that degradation was applied to.
        labels: What the source gave, one entry per image.
        ids: One name per image.
        task: The task in hand, inside the objective.
        scale: The scale in hand, 0 the coarsest, inside the objective.
    """

    sharp: Tensor
    degraded: Tensor
    params: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    undergone: Mapping[str, Tensor] = field(default_factory=dict)
    labels: Sequence[Mapping[str, Any]] = ()
    ids: Sequence[str] = ()
    task: str | None = None
    scale: int | None = None


class Source(ABC):
    """A finite, indexable set of images; picklable, cheap to construct, listing files on first use."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of images; raises DataError if there is nothing to read."""

    @abstractmethod
    def __getitem__(self, index: int) -> Item:
        """Read image ``index``; raises ImageError if it cannot be read, and then another takes its place."""

    def order(self, rng: np.random.Generator) -> Array:
        """Draw the order of one epoch, a permutation of all indices; what is read in chunks keeps each together."""
        return rng.permutation(len(self))


class Degradation(ABC):
    """A physical process that spoils an image: drawn on a worker, applied in batch on the device."""

    @property
    def margin(self) -> int:
        """Border pixels consumed on each side; the core crops that much wider, so no border is invented."""
        return 0

    @property
    def host_draws(self) -> tuple[str, ...]:
        """Draws that decide what is computed instead of entering it; ``apply`` gets them in the host's memory.

        A device that is asked for their values would have to finish all its work first.
        """
        return ()

    @abstractmethod
    def sample(self, rng: np.random.Generator, height: int, width: int) -> dict[str, Array]:
        """Draw ALL that is random for one image whose input is ``height`` x ``width``.

        Returns:
            Arrays of fixed shape and dtype, so that they stack (kernels padded to the largest).
        """

    @abstractmethod
    def apply(self, images: Tensor, **params: Tensor) -> Tensor:
        """Degrade a batch with what was drawn, each array stacked along a first axis N; draw nothing.

        Returns:
            N,3,H - 2 margin,W - 2 margin.
        """


class Task(ABC):
    """Something that a network predicts, and the encoding in which it sees its input."""

    channels: ClassVar[int] = 3
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def sample(self, rng: np.random.Generator) -> dict[str, Array]:
        """Draw what one image needs; the draw holds for input, target and every scale."""
        return {}

    @abstractmethod
    def encode(self, images: Tensor, **draw: Tensor) -> Tensor:
        """Encode images already reduced to their scale: N,3,H,W to N,channels,H,W."""

    def target(self, batch: Batch, **draw: Tensor) -> Tensor:
        """Return what the network should predict at ``batch.scale``; by default the encoded sharp image."""
        return self.encode(batch.sharp, **draw)


class Network(ABC):
    """A builder of the module that maps ``{task: [coarse ... fine]}`` to the same structure."""

    heads: ClassVar[tuple[str, ...] | None] = None
    """The tasks it can serve; None for any."""

    scales: int
    """How many scales the pyramid has, each half the size of the next."""

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

    @abstractmethod
    def build(self, tasks: Mapping[str, Task]) -> nn.Module:
        """Return a module with a head for each of ``tasks``, initialised from torch's current random state.

        It is also called under torch's meta device, where no tensor has a value, to learn the shapes of its weights.
        Its ``forward({task: [coarse ... fine]})`` takes any non-empty subset of the tasks; to restore, only ``image``.
        """


class Loss(ABC):
    """A term of the objective."""

    @abstractmethod
    def __call__(self, prediction: Tensor, target: Tensor, batch: Batch) -> Tensor:
        """Compare N,C,H,W with N,C,H,W; return a scalar, averaged over the batch."""


class AdversarialLoss(ABC):
    """A game against a discriminator; the training loop owns both optimisers."""

    @abstractmethod
    def build(self, channels: int, size: int) -> nn.Module:
        """Return a discriminator for N,channels,size,size."""

    @abstractmethod
    def discriminator_loss(
        self, discriminator: nn.Module, real: Tensor, fake: Tensor, batch: Batch
    ) -> Tensor:
        """Return the scalar that the discriminator minimises; ``fake`` is detached."""

    @abstractmethod
    def generator_loss(self, discriminator: nn.Module, fake: Tensor, batch: Batch) -> Tensor:
        """Return the scalar that the generator minimises."""


class Restorer(ABC):
    """Anything that turns degraded images into restored ones: a trained bundle or a classical method.

    One that a plugin registers is a component that needs no keys; ``--model`` takes its name.
    """

    name: str = ""
    """What reports call it."""

    license: str = ""
    """Under what terms it may be used; empty if it is not stated."""

    geometry: Mapping[str, Any] | None = None
    """The face geometry it was made for, as a bundle's config states it; None for any picture."""

    tileable: bool = True
    """Whether a picture may be restored in parts that overlap."""

    margin: int | None = None
    """How far from a pixel its result may look, in pixels, where that is known."""

    size_multiple: int = 1
    """Tiles start at multiples of this, the step of the coarsest grid that it sees a picture on."""

    pixel_memory: int = 2048
    """Bytes that it takes for each pixel of its input, about; the size of tiles goes by it."""

    def free_memory(self) -> int | None:
        """Return the bytes that are free where it computes; None if that is the host."""
        return None

    def careful(self) -> Restorer | None:
        """Return the same method in fp32 on the CPU; None if it is that already."""
        return None

    @staticmethod
    def load(model: str | Path | None = None, device: str = "auto", engine: str | None = None) -> Restorer:
        """Load a restorer by name; ``load_restorer`` tells of the arguments and errors."""
        import restorekit

        return restorekit.load_restorer(model, device, engine)

    def __call__(self, image: Any) -> Any:
        """Restore an image of any size, whole; a large one in tiles.

        Args:
            image: A NumPy array (H,W,3, grey H,W, or N,H,W,3; uint8, uint16, or float in [0, 1]), a picture of
                Pillow of any mode that files are read in, or a tensor (3,H,W or N,3,H,W; float in [0, 1]).

        Returns:
            The same kind, type and size, clamped, and rounded to integers where it was of them. Pillow's modes L, LA,
            RGB, RGBA, I and I;16 stay, transparency untouched; others come as the grey or colours that they stand for.

        Raises:
            ImageError: It is of another kind, shape or type, or has real numbers outside [0, 1].
        """
        import restorekit

        return restorekit.restore_image(self, image)

    @abstractmethod
    def restore(self, images: Tensor) -> Tensor:
        """Restore N,3,H,W float32 RGB in [0, 1], any size of at least 16 x 16; same size out, not clamped."""

    def restore_arrays(self, images: Array) -> Array:
        """Restore N,H,W,3 float32 RGB in [0, 1] in the same way; one that needs no torch does it without."""
        import torch

        restored = self.restore(torch.from_numpy(images).permute(0, 3, 1, 2))
        arrays: Array = restored.permute(0, 2, 3, 1).cpu().numpy()
        return arrays


class Metric(ABC):
    """A number for one restored image against its truth."""

    definition: ClassVar[str]
    """Range, border, channels and window, in a sentence; printed with every result."""

    @abstractmethod
    def __call__(self, prediction: Array, target: Array) -> float:
        """Compare H,W,3 uint8 RGB with H,W,3 uint8 RGB."""
