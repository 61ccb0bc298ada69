"""The multi-task, multi-scale face deblurring generators: the paper's, and a fast encoder-decoder."""

from restorekit import Register, hookimpl


@hookimpl
def register_networks(register: Register) -> None:
    """Register both generators."""
    register("face_multitask", "restorekit_face_multitask.generator:FaceMultitask")
    register("face_multitask_unet", "restorekit_face_multitask.unet:FaceMultitaskUNet")
