"""The face detector of the Hub: one file of one commit, with a digest that is known beforehand."""

from __future__ import annotations

from pathlib import Path

from restorekit.hub.fetch import fetch

REPO = "opencv/face_detection_yunet"
FILE = "face_detection_yunet_2023mar.onnx"
REVISION = "3cc26e7f1014a5ee5d74a42acee58bafc9d0a310"
SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
"""What the file of that commit is, and in OpenCV's model zoo as well: 232,589 bytes, MIT licence."""


def fetch_detector() -> Path:
    """Return the file of YuNet in the Hub's cache, fetched if it is not there; its digest is checked each time.

    Raises:
        RestorekitError: It cannot be fetched, or is not the file that is known.
    """
    return fetch(REPO, FILE, REVISION, SHA256)
