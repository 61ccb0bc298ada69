"""A network and its optimiser: gradients gather part by part, and a step that is not finite is left out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from restorekit.training.processes import Processes

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer


class Learner:
    """A network, its optimiser, and a step that is left out where the loss or its gradient is not finite.

    With a fused Adam or AdamW the device decides by itself, and is not waited for. Of others each step waits for what
    it finds, which costs nothing on a CPU. (Fused SGD would begin its momentum with whatever lay in memory.)

    Args:
        module: The network, where it is to be trained.
        optimizer: Its optimiser.
        processes: Who trains it together; what one finds not finite, none takes.
        some_unused: Whether some of its weights may get no gradient.

    Attributes:
        shared: The network to take a gradient through; processes average what they find.
    """

    def __init__(
        self, module: nn.Module, optimizer: Optimizer, processes: Processes, *, some_unused: bool = False
    ) -> None:
        self.module, self.optimizer, self._processes = module, optimizer, processes
        self.shared = processes.shared(module, some_unused)
        self._buffers: list[Tensor] = []

    def begin(self) -> None:
        """Forget the gradients, and note the running statistics that a step may have to bring back."""
        self.optimizer.zero_grad(set_to_none=True)
        self._buffers = [buffer.clone() for buffer in self.module.buffers()]

    def part(self, last: bool) -> contextlib.AbstractContextManager[None]:
        """Return a context for the passes of one part of a batch: processes average gradients with the last alone."""
        if last or self._processes.count == 1:
            return contextlib.nullcontext()
        alone: contextlib.AbstractContextManager[None] = self.shared.no_sync()  # type: ignore[operator]
        return alone

    def step(self, loss: Tensor, clip: float = 0.0) -> tuple[Tensor, Tensor]:
        """Take the step, after the backward pass, if it may be taken.

        Args:
            loss: What the gradient is of.
            clip: The largest norm of the gradient; 0 for no limit.

        Returns:
            The norm of the gradient before it was clipped, and a bool: whether the step was left out.
        """
        import torch

        parameters = [p for p in self.module.parameters() if p.grad is not None]
        norm = torch.nn.utils.clip_grad_norm_(parameters, clip or float("inf"))
        finite = loss.detach().isfinite() & norm.isfinite()
        left_out = self._processes.most((~finite).float())
        for buffer, before in zip(self.module.buffers(), self._buffers, strict=True):
            buffer.copy_(torch.where(left_out.bool(), before, buffer))
        optimizer = self.optimizer
        if isinstance(optimizer, torch.optim.Adam | torch.optim.AdamW) and optimizer.defaults["fused"]:
            optimizer.found_inf = left_out  # type: ignore[attr-defined]  # as torch's GradScaler tells it
            try:
                optimizer.step()
            finally:
                del optimizer.found_inf  # type: ignore[attr-defined]
        elif not left_out:
            optimizer.step()
        return norm, left_out.bool()


@contextlib.contextmanager
def untouched(module: nn.Module) -> Iterator[None]:
    """Let gradients pass through a module while neither its weights nor its running statistics take any."""
    from torch.nn.modules.batchnorm import _NormBase

    norms = [m for m in module.modules() if isinstance(m, _NormBase) and m.track_running_stats]
    learning = [parameter for parameter in module.parameters() if parameter.requires_grad]

    def let_learn(learns: bool) -> None:
        for parameter in learning:
            parameter.requires_grad_(learns)
        for norm in norms:
            norm.track_running_stats = learns

    let_learn(False)
    try:
        yield
    finally:
        let_learn(True)
