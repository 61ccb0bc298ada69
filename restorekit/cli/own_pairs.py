"""``restorekit evaluate --pairs``: pairs of pictures of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from restorekit.evaluation.protocol import Protocol


def protocol_of(
    folders: tuple[Path, Path],
    names: tuple[str, str] | None,
    border: int | None,
    channels: str | None,
    others: Mapping[str, object],
) -> Protocol:
    """Make the test set of two folders.

    Args:
        folders: Of the degraded and the sharp pictures.
        names: What both are called.
        border: Pixels that are cut off on each side.
        channels: ``rgb`` or ``y``.
        others: Options of other test sets, by their names.

    Raises:
        RestorekitError: One of those was given, the channels are unknown, or the pairs cannot be used.
    """
    from restorekit.data.sources.naming import ANY
    from restorekit.evaluation.own_pairs import own_pairs
    from restorekit.extras import need

    refuse(others, "has no use beside --pairs")
    if channels not in (None, "rgb", "y"):
        raise RestorekitError(f"--channels {channels}: is not known", "give rgb or y")
    need("train", "evaluation")
    return own_pairs(*folders, names or (ANY, ANY), border or 0, "y" if channels == "y" else "rgb")


def refuse(options: Mapping[str, object], why: str) -> None:
    """Refuse options that were given.

    Raises:
        RestorekitError: One was.
    """
    for name, value in options.items():
        if value is not None and value != []:
            raise RestorekitError(f"{name} {why}", "leave it out")
