"""The face detector of the Hub: one file of one commit, with a digest that is known beforehand."""

from __future__ import annotations

from pathlib import Path

from restorekit import __version__
from restorekit.hub.digest import check_digest
from restorekit.hub.errors import hub_errors

REPO = "opencv/face_detection_yunet"
FILE = "face_detection_yunet_2023mar.onnx"
REVISION = "3cc26e7f1014a5ee5d74a42acee58bafc9d0a310"
SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
"""What the file of that commit is, and in OpenCV's model zoo as well: 232,589 bytes, MIT licence."""

_PATIENCE = 10
"""Seconds to wait for a Hub that does not answer."""


def fetch_detector() -> Path:
    """Return the file of YuNet in the Hub's cache, fetched if it is not there; its digest is checked each time.

    Raises:
        BundleError: It cannot be fetched, or is not the file that is known.
    """
    from huggingface_hub import model_info
    from huggingface_hub.errors import LocalEntryNotFoundError

    with hub_errors(REPO, REVISION):
        try:
            file = _download(local_files_only=True)
        except LocalEntryNotFoundError:
            model_info(REPO, revision=REVISION, timeout=_PATIENCE)  # a download knocks for half a minute
            file = _download()
        check_digest(file, SHA256, REPO)
    return file


def _download(local_files_only: bool = False) -> Path:
    from huggingface_hub import hf_hub_download

    return Path(
        hf_hub_download(
            REPO,
            FILE,
            revision=REVISION,
            library_name="restorekit",
            library_version=__version__,
            local_files_only=local_files_only,
        )
    )
