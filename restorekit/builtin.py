"""What the core itself registers, through the same hooks as any plugin."""

from restorekit.hookspecs import Register, hookimpl


@hookimpl
def register_sources(register: Register) -> None:
    """Folders of images, CelebA's own layout, and the samples that scikit-image ships."""
    register("folder", "restorekit.data.sources:Folder")
    register("celeba", "restorekit.data.sources:CelebA")
    register("samples", "restorekit.data.sources:SampleImages")


@hookimpl
def register_tasks(register: Register) -> None:
    """The image itself."""
    register("image", "restorekit.data.image_task:ImageTask")


@hookimpl
def register_metrics(register: Register) -> None:
    """PSNR and two definitions of SSIM."""
    register("psnr", "restorekit.evaluate.metrics:PSNR")
    register("ssim_rgb", "restorekit.evaluate.metrics:SSIM")
    register("ssim_matlab3d", "restorekit.evaluate.metrics:VolumetricSSIM")
