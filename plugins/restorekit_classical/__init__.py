"""Deblurring without learning: methods that find the kernel, and methods that are told it."""

from restorekit import Register, hookimpl


@hookimpl
def register_restorers(register: Register) -> None:
    """Register the methods."""
    register("wiener", "restorekit_classical.wiener:Wiener")
    register("hyper_laplacian", "restorekit_classical.hyper_laplacian:HyperLaplacian")
    register("tv", "restorekit_classical.tv:TotalVariation")
    register("richardson_lucy", "restorekit_classical.richardson_lucy:RichardsonLucy")
