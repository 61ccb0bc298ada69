"""The torch side of :class:`OneScale`; imported only where a network is built."""

from torch import nn  # noqa: TID253

from restorekit.contracts import Outputs


class OneScale(nn.Module):
    """Gives a module from picture to picture the shape that restorekit asks for: one scale, by task.

    Args:
        model: Maps N,3,H,W to N,3,H,W, or larger by the network's scale. Its tensors are called ``model.NAME``.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: Outputs) -> Outputs:
        """Map ``{task: [N,3,H,W]}`` to the same."""
        return {task: [self.model(level) for level in levels] for task, levels in inputs.items()}
