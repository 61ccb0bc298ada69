"""The frames of a clip as pictures in a folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from restorekit import Clip, ClipProgress, ClipResult, FrameRestorer, RestorekitError, write_image
from restorekit_video.course import Course
from restorekit_video.pixels import Pixels
from restorekit_video.probe import Facts
from restorekit_video.source import Source


def write_frames(
    clip: Clip, facts: Facts, start: Callable[[], FrameRestorer], tell: ClipProgress | None
) -> ClipResult:
    """Write every frame that is wanted as a PNG, named by its number in the part that is wanted.

    Those of more than 8 bits have 16. The folder appears when all of them are there.

    Raises:
        RestorekitError: The clip cannot be read, a frame not be restored, or there is no room.
    """
    restorer, pixels = start(), Pixels(facts)
    course = Course(restorer)
    draft: Path | None = None
    try:
        clip.output.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=f".{clip.output.name}.", dir=clip.output.parent))
        for timed in Source(clip, facts).frames():
            made = course(pixels.rgb(timed.frame))
            write_image(draft / f"{(course.frames - 1) * clip.every:06d}.png", made)
            if tell is not None:
                tell(course.frames, facts.frames if clip.whole else None)
        if not course.frames:
            raise RestorekitError(
                f"{clip.input}: has no frame in the part that is wanted", "name another part"
            )
        clip.output.mkdir(exist_ok=True)
        for each in draft.iterdir():
            each.replace(clip.output / each.name)
    except OSError as error:
        raise RestorekitError(
            f"{clip.output}: cannot be written ({error.strerror})", "check its folder's permissions and space"
        ) from None
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
    return ClipResult(course.frames, course.restored, True, course.figure, restorer.notes())
