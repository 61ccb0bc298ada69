"""Blur of moving cameras and of lenses: kernels from stated laws, applied as exact convolutions."""

from restorekit import Register, hookimpl


@hookimpl
def register_degradations(register: Register) -> None:
    """Register the laws of motion, camera shake that varies over the picture, and blur of the lens."""
    register("trajectory_blur", "restorekit_motion_blur.trajectory_blur:TrajectoryBlur")
    register("gaussian_process_blur", "restorekit_motion_blur.gaussian_process_blur:GaussianProcessBlur")
    register("spline_blur", "restorekit_motion_blur.spline_blur:SplineBlur")
    register("linear_blur", "restorekit_motion_blur.linear_blur:LinearBlur")
    register("camera_shake", "restorekit_motion_blur.camera_shake:CameraShake")
    register("defocus_blur", "restorekit_motion_blur.lens:DefocusBlur")
    register("gaussian_blur", "restorekit_motion_blur.lens:GaussianBlur")
