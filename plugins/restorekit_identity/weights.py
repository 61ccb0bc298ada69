"""The files of YuNet and SFace: named by the user, or the Hub's, of one commit each and with known digests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from restorekit import RestorekitError, fetch


@dataclass(frozen=True)
class Weights:
    """A file of OpenCV's model zoo on the Hub."""

    name: str
    repo: str
    file: str
    revision: str
    sha256: str

    def path(self, own: Path | None) -> Path:
        """Return a file of one's own, or the Hub's, from the cache if it is there.

        Raises:
            RestorekitError: It is not there, or cannot be fetched.
        """
        if own is not None:
            if not own.is_file():
                raise RestorekitError(f"{own}: no such file", f"give the ONNX file of {self.name}")
            return own
        try:
            return fetch(self.repo, self.file, self.revision, self.sha256)
        except RestorekitError as error:
            raise RestorekitError(
                f"no {self.name}: {error.message}",
                f"connect to the Hub once, or take {self.file} from {self.repo} by other means and name it",
            ) from error


YUNET = Weights(
    "YuNet",
    "opencv/face_detection_yunet",
    "face_detection_yunet_2023mar.onnx",
    "3cc26e7f1014a5ee5d74a42acee58bafc9d0a310",
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
)
"""232,589 bytes, MIT licence (Wu et al., 2023)."""

SFACE = Weights(
    "SFace",
    "opencv/face_recognition_sface",
    "face_recognition_sface_2021dec.onnx",
    "3d7082438a6e4551e840c9b2bb60b71e8da4b524",
    "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
)
"""38,696,353 bytes, Apache-2.0 (Zhong et al., IEEE TIP 2021)."""
