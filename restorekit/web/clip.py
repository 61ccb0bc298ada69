"""A clip on the page: restored as ``restorekit deblur`` does, and played beside its source."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from restorekit.contracts import Clip, ClipResult, FrameRestorer
from restorekit.errors import brief
from restorekit.web.photo import Photo
from restorekit.web.work import Course, Pace

_PLAYED = {
    ".mov": "video/mp4",
    ".m4v": "video/mp4",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mkv": "video/webm",
}
_PICTURES = {".gif": "image/gif", ".png": "image/png", ".apng": "image/apng", ".webp": "image/webp"}


def kind_of(path: Path) -> str:
    """Return as what a browser may play a clip; of some others it plays none."""
    suffix = path.suffix.lower()
    return _PICTURES.get(suffix) or _PLAYED.get(suffix, "application/octet-stream")


def restore_clip(photo: Photo, start: Callable[[], FrameRestorer], check: Callable[[], None]) -> None:
    """Restore a clip, in full strength.

    Args:
        photo: The clip.
        start: Gives what restores its frames.
        check: Raises an error as soon as nobody wants it any more.

    Raises:
        RestorekitError: It cannot be read, restored or written.
    """
    assert photo.container is not None
    path = photo.path.with_name(f"{photo.path.stem}.deblurred{photo.path.suffix}")
    clip = Clip(photo.path, path)
    photo.container.check(clip)
    photo.course = course = Course(1, Pace(), time.monotonic())
    photo.phase = "restoring"

    def tell(done: int, count: int | None) -> None:
        check()
        course.tell(done, max(count or 2 * done, done), time.monotonic())

    result = photo.container.restore(clip, start, tell)
    with photo.lock:
        check()
        photo.written, photo.said = {1.0: path}, _said(result)
        photo.version += 1
        photo.task, photo.course, photo.phase = None, None, "done"


def _said(result: ClipResult) -> list[str]:
    if not result.restored:
        lines = ["The clip is left as it was.", *result.notes]
    else:
        lines = [f"{result.restored} of {result.frames} frames were restored.", *result.notes]
    return [brief(f"{line[:1].upper()}{line[1:]}", 500) for line in lines]
