"""What a plugin implements. Images are N,3,H,W float32 RGB in [0, 1], unless said otherwise.

A component is a plain frozen dataclass that derives from one of these classes: its fields are the keys of
its recipe table, with their types and defaults. The core validates them strictly before it builds anything.
A component's module imports torch only inside the methods that compute: listing, showing and checking stay light.
What has heavy state (a network that a loss looks through, a detector) makes it in ``build``, not in a field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorekit.contracts.augmentation import Augmentation, Change
from restorekit.contracts.batch import Batch, Item, Outputs
from restorekit.contracts.container import Clip, ClipProgress, ClipResult, Container, FrameRestorer
from restorekit.contracts.crop import Crop
from restorekit.contracts.degradation import Degradation
from restorekit.contracts.engine import Engine
from restorekit.contracts.loss import AdversarialLoss, Criterion, Loss
from restorekit.contracts.metric import Measure, Metric
from restorekit.contracts.network import Network
from restorekit.contracts.optimiser import Optimiser, Schedule
from restorekit.contracts.restorer import Footprint, Restorer
from restorekit.contracts.source import Source
from restorekit.contracts.task import Task
from restorekit.contracts.tracker import Board, TrackedRun, Tracker

if TYPE_CHECKING:
    from restorekit.contracts.array import Array as Array

__all__ = [
    "AdversarialLoss",
    "Augmentation",
    "Batch",
    "Board",
    "Change",
    "Clip",
    "ClipProgress",
    "ClipResult",
    "Container",
    "Criterion",
    "Crop",
    "Degradation",
    "Engine",
    "Footprint",
    "FrameRestorer",
    "Item",
    "Loss",
    "Measure",
    "Metric",
    "Network",
    "Optimiser",
    "Outputs",
    "Restorer",
    "Schedule",
    "Source",
    "Task",
    "TrackedRun",
    "Tracker",
]
