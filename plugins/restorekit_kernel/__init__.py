"""The blur kernel as a task beside the image, its loss, and a generator that estimates and uses it."""

from collections.abc import Callable

from restorekit import hookimpl

Register = Callable[[str, str | type], None]


@hookimpl
def register_tasks(register: Register) -> None:
    """Register the task ``kernel``."""
    register("kernel", "restorekit_kernel.task:KernelTask")


@hookimpl
def register_losses(register: Register) -> None:
    """Register the loss ``kernel_l1``."""
    register("kernel_l1", "restorekit_kernel.loss:KernelL1")


@hookimpl
def register_networks(register: Register) -> None:
    """Register the network ``kernel_unet``."""
    register("kernel_unet", "restorekit_kernel.network:KernelUNet")
