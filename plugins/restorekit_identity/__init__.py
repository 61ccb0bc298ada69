"""Whether a restored face is still found, still that person, and still distinct from other people."""

from restorekit import Register, hookimpl


@hookimpl
def register_sources(register: Register) -> None:
    """Pictures of people, with who they are."""
    register("people", "restorekit_identity.people:People")


@hookimpl
def register_metrics(register: Register) -> None:
    """What YuNet and SFace say of a face."""
    register("face_detection", "restorekit_identity.metrics:FaceDetection")
    register("identity_distance", "restorekit_identity.metrics:IdentityDistance")
    register("recognition", "restorekit_identity.recognition:Recognition")
