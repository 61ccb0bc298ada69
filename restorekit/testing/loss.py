"""The contracts of losses, with and without a discriminator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorekit.contracts import AdversarialLoss, Batch, Loss
from restorekit.testing.component import check_component
from restorekit.testing.lesson import demand, demanding, described

if TYPE_CHECKING:
    from torch import Tensor

_LOSS = "def __call__(self, prediction, target, batch):\n    return (prediction - target).abs().mean()"
_BUILD = (
    "def build(self):\n    from restorekit_mine.module import Features\n\n"
    "    return Features()  # a module whose forward takes prediction, target and batch"
)
_GENERATOR = (
    "def generator_loss(self, discriminator, fake, batch):\n"
    "    return torch.nn.functional.softplus(-discriminator(fake)).mean()"
)
_DISCRIMINATOR = (
    "def discriminator_loss(self, discriminator, real, fake, batch):\n"
    "    softplus = torch.nn.functional.softplus\n"
    "    return softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()"
)


def check_loss(loss: Loss, size: int = 32) -> None:
    """Check a loss: a finite scalar with a gradient, smallest where the prediction is right.

    Args:
        loss: The component.
        size: Side of the images to try, pixels.

    Raises:
        AssertionError: It breaks the contract.
    """
    import torch

    check_component(loss, Loss)
    name = type(loss).__name__
    rng = torch.Generator().manual_seed(0)
    target = torch.rand(2, 3, size, size, generator=rng)
    prediction = torch.rand(2, 3, size, size, generator=rng).requires_grad_()
    batch = Batch(sharp=target, degraded=target, task="image", scale=0)
    with demanding(
        f"{name} cannot be built", "build returns what compares, by default the loss itself", _BUILD
    ):
        criterion = loss.build()
    with demanding(f"{name} failed on a pair of images", "it compares N,C,H,W with N,C,H,W", _LOSS):
        value = criterion(prediction, target, batch)
    _check_scalar(name, value, _LOSS)
    gradient = torch.autograd.grad(value, prediction)[0] if value.requires_grad else torch.zeros(1)
    demand(
        bool(gradient.isfinite().all()) and bool(gradient.any()),
        f"{name} gives the prediction no gradient, or one that is not finite",
        "a network learns from the gradient; detach(), round() and item() cut it off, and sqrt(0) has none",
        _LOSS,
    )
    right = float(criterion(target, target, batch))
    demand(
        right < value.item(),
        f"{name} is {right:.3g} for a prediction that is right, and {value.item():.3g} for a random one",
        "a loss is smaller where the prediction is right",
        _LOSS,
    )


def check_adversarial_loss(loss: AdversarialLoss, size: int = 64) -> None:
    """Check an adversarial loss: its discriminator takes the size, and both sides have gradients.

    Args:
        loss: The component.
        size: Side of the images to try, pixels.

    Raises:
        AssertionError: It breaks the contract.
    """
    import torch

    check_component(loss, AdversarialLoss)
    name = type(loss).__name__
    torch.manual_seed(0)
    discriminator = loss.build(3, size)
    real, fake = torch.rand(4, 3, size, size), torch.rand(4, 3, size, size, requires_grad=True)
    batch = Batch(sharp=real, degraded=real, task="image", scale=0)
    value = loss.discriminator_loss(discriminator, real, fake.detach(), batch)
    _check_scalar(f"{name}.discriminator_loss", value, _DISCRIMINATOR)
    if value.requires_grad:
        value.backward()
    demand(
        any(parameter.grad is not None for parameter in discriminator.parameters()),
        f"no parameter of the discriminator of {name} has a gradient",
        "the discriminator learns from its loss, which depends on what it says of real and fake",
        _DISCRIMINATOR,
    )
    value = loss.generator_loss(discriminator, fake, batch)
    _check_scalar(f"{name}.generator_loss", value, _GENERATOR)
    if value.requires_grad:
        value.backward()
    demand(
        fake.grad is not None and bool(fake.grad.any()),
        f"{name}.generator_loss gives the generator no gradient",
        "the generator learns through the discriminator; the fake is not detached here",
        _GENERATOR,
    )


def _check_scalar(name: str, value: Tensor, example: str) -> None:
    shape = getattr(value, "shape", None)
    demand(
        shape == () and bool(value.isfinite()),
        f"{name} returned {value.item() if shape == () else described(value)}",
        "a loss is a finite scalar tensor, the mean over the batch",
        example,
    )
