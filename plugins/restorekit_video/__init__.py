"""Clips in and out: decoded, restored frame by frame, and encoded again with all that their file holds."""

from restorekit import Register, hookimpl


@hookimpl
def register_containers(register: Register) -> None:
    """Videos, and animated pictures."""
    register("video", "restorekit_video.container:Video")
    register("animation", "restorekit_video.animation:Animation")
