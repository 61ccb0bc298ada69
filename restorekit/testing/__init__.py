"""The contract kit: one call per component in a plugin's own tests.

Each check raises an AssertionError that says what the component did, what the contract asks, and gives lines that
keep it::

    from restorekit.testing import check_degradation

    def test_contract():
        check_degradation(MyBlur(sizes=(5,)))
"""

from restorekit.testing.augmentation import check_augmentation
from restorekit.testing.component import check_component
from restorekit.testing.crop import check_crop
from restorekit.testing.degradation import check_degradation
from restorekit.testing.framing import check_framing
from restorekit.testing.loss import check_adversarial_loss, check_loss
from restorekit.testing.metric import check_metric
from restorekit.testing.network import check_network
from restorekit.testing.optimiser import check_optimiser, check_schedule
from restorekit.testing.restorer import check_restorer
from restorekit.testing.source import check_source
from restorekit.testing.task import check_task
from restorekit.testing.tracker import check_engine, check_tracker

__all__ = [
    "check_adversarial_loss",
    "check_augmentation",
    "check_component",
    "check_crop",
    "check_degradation",
    "check_engine",
    "check_framing",
    "check_loss",
    "check_metric",
    "check_network",
    "check_optimiser",
    "check_restorer",
    "check_schedule",
    "check_source",
    "check_task",
    "check_tracker",
]
