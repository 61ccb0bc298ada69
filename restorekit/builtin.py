"""What the core itself registers, through the same hooks as any plugin."""

from restorekit.hookspecs import Register, hookimpl


@hookimpl
def register_sources(register: Register) -> None:
    """Folders, alone and in pairs, sets read in chunks, and what scikit-image ships."""
    register("folder", "restorekit.data.sources.folder:Folder")
    register("paired", "restorekit.data.sources.paired:Paired")
    register("versions", "restorekit.data.sources.versions:Versions")
    register("hub", "restorekit.data.sources.hub:HubImages")
    register("webdataset", "restorekit.data.sources.webdataset:Shards")
    register("mixed", "restorekit.data.sources.mixed:Mixed")
    register("samples", "restorekit.data.sources.samples:SampleImages")


@hookimpl
def register_degradations(register: Register) -> None:
    """What the shipped test sets are made by, the same to the byte everywhere."""
    register("kernel_set", "restorekit.evaluation.degradations:FixedKernels")
    register("fixed_noise", "restorekit.evaluation.degradations:FixedNoise")


@hookimpl
def register_crops(register: Register) -> None:
    """Anywhere, the middle, and a fixed box."""
    register("random", "restorekit.data.crop:Random")
    register("center", "restorekit.data.crop:Center")
    register("box", "restorekit.data.crop:Box")


@hookimpl
def register_tasks(register: Register) -> None:
    """The image itself."""
    register("image", "restorekit.data.image_task:ImageTask")


@hookimpl
def register_framings(register: Register) -> None:
    """The whole picture."""
    register("whole", "restorekit.restore.whole:Whole")


@hookimpl
def register_metrics(register: Register) -> None:
    """PSNR, two definitions of SSIM, and what can be said without the truth."""
    register("psnr", "restorekit.evaluation.metrics:PSNR")
    register("psnr_shifted", "restorekit.evaluation.metrics:ShiftedPSNR")
    register("ssim_rgb", "restorekit.evaluation.metrics:SSIM")
    register("ssim_matlab3d", "restorekit.evaluation.metrics:VolumetricSSIM")
    register("colour_shift", "restorekit.evaluation.input_metrics:ColourShift")
    register("reblur", "restorekit.evaluation.input_metrics:Reblur")


@hookimpl
def register_optimisers(register: Register) -> None:
    """Those of timm, by their names there."""
    from restorekit.optimisation.optimisers import BASES

    for name in BASES:
        register(name, f"restorekit.optimisation.optimisers:{name}")


@hookimpl
def register_schedules(register: Register) -> None:
    """A constant rate, and half a cosine."""
    register("constant", "restorekit.optimisation.schedules:Constant")
    register("cosine", "restorekit.optimisation.schedules:Cosine")


@hookimpl
def register_trackers(register: Register) -> None:
    """TensorBoard, Trackio, and Weights & Biases."""
    register("tensorboard", "restorekit.training.trackers.tensorboard:TensorBoard")
    register("trackio", "restorekit.training.trackers.trackio:Trackio")
    register("wandb", "restorekit.training.trackers.wandb:WandB")


@hookimpl
def register_engines(register: Register) -> None:
    """ONNX Runtime."""
    register("onnx", "restorekit.restore.onnx_engine:Onnx")
