"""Adversarial losses: one game, two discriminators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from restorekit import AdversarialLoss, Batch, RestorekitError

if TYPE_CHECKING:
    from torch import Tensor, nn


class NonSaturating(AdversarialLoss):
    """The non-saturating game of Goodfellow et al. (2014) against a discriminator of logits, high for sharp ones."""

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


@dataclass(frozen=True)
class DCGAN(NonSaturating):
    """The game with the discriminator of DCGAN (Radford et al., 2016).

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


@dataclass(frozen=True)
class NahGAN(NonSaturating):
    """The game with the discriminator of Nah, Kim and Lee, CVPR 2017, whose generator is the network ``nah2017``.

    Ten convolutions without bias: nine of 5x5 with strides 1, 2, 1, 2, 1, 4, 1, 4 and 1, and one over all that is left
    of the picture, each before a leaky ReLU 0.2; then one logit. There are 32 channels at first and 512 at last. They
    weigh it by 1e-4, beside a squared content loss.

    Attributes:
        channels: Channels of the first convolution; the greatest number is 16 times as many.
    """

    channels: int = 32

    def __post_init__(self) -> None:
        if self.channels < 1:
            raise ValueError(f"channels must be at least 1, not {self.channels}")

    def build(self, channels: int, size: int) -> nn.Module:
        """Return a discriminator that maps N,channels,size,size in [0, 1] to N logits, high for sharp ones.

        Raises:
            RestorekitError: ``size`` is not a multiple of 64; theirs is 256.
        """
        from restorekit_losses.nah_module import NahDiscriminator

        if size % 64:
            raise RestorekitError(
                f"the nah_gan discriminator reduces by 64, and {size} px is no multiple of that",
                "choose a size of 64, 128, 192 or 256",
            )
        return NahDiscriminator(channels, self.channels, size // 64)
