"""The optimisers of timm, each a component; timm makes them."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from restorekit.contracts import Optimiser
from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer

FUSED = ("adam", "adamw", "sgd", "momentum", "nesterov")
"""Those of which torch changes all weights by one kernel."""


@dataclass(frozen=True)
class TimmOptimiser(Optimiser):
    """An optimiser of timm.

    Attributes:
        lr: Learning rate.
        weight_decay: Weight decay, not applied to biases.
    """

    timm: ClassVar[str]
    """timm's name of it."""

    lr: float = 1e-4
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.lr < math.inf:
            raise ValueError(f"lr must be above 0, not {self.lr}")
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay must be at least 0, not {self.weight_decay}")

    def build(self, module: nn.Module, *, fused: bool = False) -> Optimizer:
        """Return the optimiser of a module's weights.

        Raises:
            RestorekitError: timm does not make it so, or it needs a package or a device that is not here.
        """
        from timm.optim import create_optimizer_v2

        options = {key: value for key, value in dataclasses.asdict(self).items() if value is not None}
        if fused and self.timm in FUSED:
            options["fused"] = True
        try:
            return create_optimizer_v2(module, opt=self.timm, **options)
        except Exception as error:  # an optimiser of another package raises what it likes
            raise RestorekitError(
                f"optimiser '{self.timm}': {' '.join(str(error).split())}", "choose another one"
            ) from None


@dataclass(frozen=True)
class MomentumOptimiser(TimmOptimiser):
    """An optimiser of timm with a momentum.

    Attributes:
        momentum: Decay of the moving mean of gradients.
    """

    momentum: float = 0.9


@dataclass(frozen=True)
class MomentsOptimiser(TimmOptimiser):
    """An optimiser of timm with decays of moments.

    Attributes:
        betas: Moment decays; the optimiser's own if left out.
    """

    betas: tuple[float, ...] | None = None


BASES: dict[str, type[TimmOptimiser]] = {
    name: base
    for base, names in (
        (
            MomentsOptimiser,
            "adabelief adafactor adahessian adam adamax adamc adamp adamuon adamw adamwlegacy adan "
            "adanw adopt adoptc adoptw bnbadam bnbadam8bit bnbadamw bnbadamw8bit bnbademamix "
            "bnbademamix8bit bnblion bnblion8bit cadafactor cadamc cadamp cadamw cadan cadanw cadopt "
            "cadoptc cadoptw clamb clambw claprop clion clionc cmars cnadamc cnadamw fusedadam "
            "fusedadamw fusedlamb fusednovograd lamb lambc lambcd lambcw lambw laprop lapropc lion "
            "lionc mars muon nadam nadamc nadamlegacy nadamuon nadamw nmuon novograd novogradc "
            "novogradw radabelief radam radamlegacy radamw ",
        ),
        (
            MomentumOptimiser,
            "adafactorbv adafactorbvc bnbsgd bnbsgd8bit cadafactorbv cadafactorbvc crmsproptf csgdc "
            "csgdp csgdw fusedsgd kron kronc kronw larc lars madgrad madgradw momentum nesterov "
            "nesterovw nlarc nlars rmsprop rmsproptf rmsproptfc rmsproptfw sgd sgdc sgdp sgdw ",
        ),
        (TimmOptimiser, "adadelta adagrad"),
    )
    for name in names.split()
}
"""What class each of timm's optimisers derives from, by its name there."""


def __getattr__(name: str) -> type[TimmOptimiser]:
    if name not in BASES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return _made(name)


@cache
def _made(name: str) -> type[TimmOptimiser]:
    base = BASES[name]
    doc = f"timm's ``{name}``.{(base.__doc__ or '').partition('.')[2]}"
    space: dict[str, Any] = {"timm": name, "__doc__": doc, "__module__": __name__}
    made: type[TimmOptimiser] = dataclasses.make_dataclass(
        name, [], bases=(base,), frozen=True, namespace=space
    )
    return made
