"""YuNet's file: named by the user, or the Hub's, of one commit and with a digest that is known beforehand."""

from __future__ import annotations

from pathlib import Path

from restorekit import RestorekitError, fetch
from restorekit_faces.detect import Detector

REPO = "opencv/face_detection_yunet"
FILE = "face_detection_yunet_2023mar.onnx"
REVISION = "3cc26e7f1014a5ee5d74a42acee58bafc9d0a310"
SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
"""What the file of that commit is, and in OpenCV's model zoo as well: 232,589 bytes, MIT licence."""


class DetectorMissing(RestorekitError):
    """The detector is not on this machine and cannot be fetched."""


def load_detector(path: Path | None = None) -> Detector:
    """Load YuNet.

    Args:
        path: Its ONNX file; None takes the Hub's, from the cache if it is there.

    Raises:
        DetectorMissing: No path is given and the Hub's file cannot be fetched.
        RestorekitError: The file cannot be read, or is no YuNet.
    """
    if path is None:
        try:
            path = fetch(REPO, FILE, REVISION, SHA256)
        except RestorekitError as error:
            raise DetectorMissing(
                f"no face detector: {error.message}",
                f"connect to the Hub once, or take {FILE} from {REPO} there by other means and give detector=FILE",
            ) from error
    hint = "give the ONNX file of YuNet"
    try:
        return Detector(path.read_bytes())
    except OSError as error:
        raise RestorekitError(f"{path}: cannot be read ({error.strerror})", hint) from None
    except ValueError:
        raise RestorekitError(f"{path}: is not a face detector", hint) from None


def cached_detector() -> str:
    """Say where the Hub's file lies on this machine, or that it will be fetched."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(REPO, FILE, revision=REVISION)
    return (
        found if isinstance(found, str) else f"not here yet; {FILE} is fetched from {REPO} at its first use"
    )
