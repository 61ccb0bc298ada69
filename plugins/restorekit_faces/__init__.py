"""Faces in photos: found, turned to what a network was trained on, restored, and put back."""

from restorekit import Register, hookimpl


@hookimpl
def register_framings(register: Register) -> None:
    """The faces of a picture, or the whole of one without."""
    register("faces", "restorekit_faces.framing:Faces")


@hookimpl
def register_sources(register: Register) -> None:
    """CelebA in its own layout, and scenes to train a face finder on."""
    register("celeba", "restorekit_faces.celeba_source:CelebA")
    register("face_scenes", "restorekit_faces.finder.scenes:Scenes")


@hookimpl
def register_crops(register: Register) -> None:
    """The face of CelebA's alignment."""
    register("celeba", "restorekit_faces.celeba:CelebACrop")


@hookimpl
def register_tasks(register: Register) -> None:
    """Where faces are."""
    register("face_maps", "restorekit_faces.finder.task:FaceMaps")


@hookimpl
def register_losses(register: Register) -> None:
    """How far maps of faces are off."""
    register("face_maps", "restorekit_faces.finder.loss:FaceMapsLoss")


@hookimpl
def register_networks(register: Register) -> None:
    """What finds faces."""
    register("face_finder", "restorekit_faces.finder.network:FaceFinder")


@hookimpl
def register_commands(register: Register) -> None:
    """Photos deblurred, faces cut out for training, and detectors that were trained."""
    register("deblur", "restorekit_faces.command:deblur")
    register("faces", "restorekit_faces.command:faces")
    register("detector", "restorekit_faces.finder.command:detector")
