"""The optimisers are those that timm lists, each with what it takes there."""

import pickle

import pytest
from timm.optim import get_optimizer_info, list_optimizers

from restorekit.optimisation import optimisers
from restorekit.optimisation.optimisers import BASES, MomentsOptimiser, MomentumOptimiser, TimmOptimiser


def test_they_are_those_of_the_installed_timm():
    def base(name):
        info = get_optimizer_info(name)
        return (
            MomentsOptimiser if info.has_betas else MomentumOptimiser if info.has_momentum else TimmOptimiser
        )

    missing = [name for name in list_optimizers() if name not in BASES]
    assert not missing, "name them in restorekit/optimisation/optimisers.py"
    assert {name: BASES[name] for name in list_optimizers()} == {n: base(n) for n in list_optimizers()}


def test_one_is_a_frozen_component_that_pickles():
    made = optimisers.adamw(lr=1e-3, betas=(0.5, 0.9))
    assert pickle.loads(pickle.dumps(made)) == made and made.timm == "adamw"


@pytest.mark.parametrize(
    ("keys", "message"), [({"lr": 0.0}, "lr must be"), ({"weight_decay": -1.0}, "weight_decay")]
)
def test_values_out_of_range_are_refused(keys, message):
    with pytest.raises(ValueError, match=message):
        optimisers.adam(**keys)
