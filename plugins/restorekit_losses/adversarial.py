"""The adversarial loss of DCGAN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from restorekit import AdversarialLoss, Batch, RestorekitError

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class DCGAN(AdversarialLoss):
    """The non-saturating game of Goodfellow et al. (2014), with the discriminator of DCGAN (Radford, 2016).

    The paper (Shen et al., EURASIP JWCN 2019:23) says "DC-GAN" and no more. At 128 pixels: five 4x4
    convolutions of stride 2 with 64, 128, 256, 512 and 512 channels, norms on all but the first, leaky
    ReLU 0.2, and a 4x4 convolution to one logit. Other sizes get more or fewer of the strided convolutions.

    Attributes:
        norm: DCGAN's batch norm, or group norm, which treats every image by itself.
        channels: Channels of the first convolution; the greatest number is 8 times as many.
    """

    norm: Literal["batch", "group"] = "batch"
    channels: int = 64

    def __post_init__(self) -> None:
        if self.channels < 1:
            raise ValueError(f"channels must be at least 1, not {self.channels}")

    def build(self, channels: int, size: int) -> nn.Module:
        """Return a discriminator that maps N,channels,size,size in [0, 1] to N logits, high for sharp ones.

        Raises:
            RestorekitError: ``size`` is not 4, 5, 6 or 7 times a power of two from 2 on.
        """
        from restorekit_losses.discriminator_module import Discriminator

        stages, side = 0, size
        while side >= 8 and side % 2 == 0:
            stages, side = stages + 1, side // 2
        if stages == 0 or side >= 8:
            raise RestorekitError(
                f"the dcgan discriminator cannot halve {size} px down to 4 ... 7 px",
                "choose a size that is 4, 5, 6 or 7 times a power of two, such as 64, 96, 128 or 256",
            )
        widths = [self.channels * min(2**stage, 8) for stage in range(stages)]
        return Discriminator(channels, widths, side, self.norm)

    def discriminator_loss(
        self, discriminator: nn.Module, real: Tensor, fake: Tensor, batch: Batch
    ) -> Tensor:
        """Return the cross-entropy of calling the real real, plus that of calling the fake fake."""
        from torch.nn.functional import softplus

        return softplus(-discriminator(real).float()).mean() + softplus(discriminator(fake).float()).mean()

    def generator_loss(self, discriminator: nn.Module, fake: Tensor, batch: Batch) -> Tensor:
        """Return the cross-entropy of calling the fake real."""
        from torch.nn.functional import softplus

        return softplus(-discriminator(fake).float()).mean()
