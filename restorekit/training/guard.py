"""What keeps a run from being spoilt: steps that are no numbers are left out, and a loss that explodes ends it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.contracts import Batch
from restorekit.errors import RestorekitError
from restorekit.training.processes import Processes

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

EXPLOSION = 100
"""A mean loss so many times the lowest of its stage is no noise."""


class Guard:
    """Counts the steps that were left out, and says when a run must end.

    Args:
        device: Where the counts are kept, so that nobody waits for them.
        most: Steps left out in a row that end the run.
        processes: Who trains together.
    """

    def __init__(self, device: torch.device, most: int, processes: Processes) -> None:
        import torch

        self._most, self._processes = most, processes
        self._row, self._all = (torch.zeros((), dtype=torch.long, device=device) for _ in range(2))
        self._losses: list[Tensor] = []
        self._stage, self._lowest = -1, 0.0

    def count(self, loss: Tensor, left_out: Tensor) -> None:
        """Count one step, and note its loss."""
        self._all += left_out
        self._row = (self._row + 1) * left_out
        self._losses.append(loss.detach())

    @property
    def skipped(self) -> int:
        """Steps left out so far; a GPU is waited for."""
        return int(self._all)

    @property
    def in_a_row(self) -> int:
        """Steps left out since the last that was taken; a GPU is waited for."""
        return int(self._row)

    @property
    def at_an_end(self) -> bool:
        """Whether so many were left out in a row that no more will be taken; a GPU is waited for."""
        return self.in_a_row >= self._most

    def watch(self, stage: int, step: int) -> None:
        """Compare the mean loss since this was last asked with the lowest of its stage so far; a GPU is waited for.

        A stage's first loss counts as a mean, or it could explode before there is one.

        Raises:
            RestorekitError: It has exploded.
        """
        import torch

        losses = [x for x in self._processes.mean(torch.stack(self._losses)).tolist() if math.isfinite(x)]
        self._losses = []
        if not losses:
            return
        if stage != self._stage:
            self._stage, self._lowest = stage, losses[0]
        mean = sum(losses) / len(losses)
        if self._lowest > 0 and mean > EXPLOSION * self._lowest:
            raise RestorekitError(
                f"the loss has risen from {self._lowest:.3g} to {mean:.3g} by step {step}; "
                "the last saved state is from before",
                "resume with a smaller optim.lr, with optim.warmup or with optim.clip",
            )
        self._lowest = min(self._lowest, mean)

    def state(self) -> dict[str, Any]:
        """What a resumed run must know."""
        return {"row": self._row, "all": self._all, "stage": self._stage, "lowest": self._lowest}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take up where ``state`` was made."""
        self._row, self._all = (state[key].to(self._row.device) for key in ("row", "all"))
        self._stage, self._lowest = state["stage"], state["lowest"]


def check_weights(owners: Mapping[str, nn.Module], step: int) -> None:
    """See that networks may be saved; a GPU is waited for.

    Raises:
        RestorekitError: A weight is not finite.
    """
    import torch

    for name, module in owners.items():
        values = [value for value in module.state_dict().values() if value.is_floating_point()]
        if not torch.stack([value.isfinite().all() for value in values]).all():
            raise RestorekitError(
                f"weights of the {name} are not finite at step {step}; the last saved state is from before",
                "resume with a smaller optim.lr, or with optim.clip",
            )


def save_inputs(file: Path, batch: Batch, step: int) -> None:
    """Write what a step saw: ``sharp``, ``degraded``, ``params/NAME/KEY``, and as metadata ``step`` and ``ids``.

    Raises:
        RestorekitError: It cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    tensors = {"sharp": batch.sharp, "degraded": batch.degraded}
    for name, drew in batch.params.items():
        tensors |= {f"params/{name}/{key}": value for key, value in drew.items()}
    alone = {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()}
    partial = file.with_name(f"{file.name}.part")
    try:
        save_file(alone, partial, {"step": str(step), "ids": json.dumps(list(batch.ids))})
        partial.replace(file)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise RestorekitError(f"cannot write {file}: {error}", "make room, then resume") from None
