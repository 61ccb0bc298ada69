"""Faces in photos: found, turned to what a network was trained on, restored, and put back."""

from restorekit import Register, hookimpl


@hookimpl
def register_framings(register: Register) -> None:
    """The faces of a picture, or the whole of one without."""
    register("faces", "restorekit_faces.framing:Faces")


@hookimpl
def register_sources(register: Register) -> None:
    """CelebA in its own layout."""
    register("celeba", "restorekit_faces.celeba_source:CelebA")


@hookimpl
def register_crops(register: Register) -> None:
    """The face of CelebA's alignment."""
    register("celeba", "restorekit_faces.celeba:CelebACrop")


@hookimpl
def register_commands(register: Register) -> None:
    """Photos deblurred, and faces cut out for training."""
    register("deblur", "restorekit_faces.command:deblur")
    register("faces", "restorekit_faces.command:faces")
