"""Losses: content, perceptual and adversarial."""

from restorekit import Register, hookimpl


@hookimpl
def register_losses(register: Register) -> None:
    """Register the losses."""
    register("l1", "restorekit_losses.content:L1")
    register("mse", "restorekit_losses.content:MSE")
    register("charbonnier", "restorekit_losses.content:Charbonnier")
    register("gradient_l1", "restorekit_losses.content:GradientL1")
    register("vgg19", "restorekit_losses.perceptual:VGGPerceptual")
    register("dcgan", "restorekit_losses.adversarial:DCGAN")
    register("nah_gan", "restorekit_losses.adversarial:NahGAN")
