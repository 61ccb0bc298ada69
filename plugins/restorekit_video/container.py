"""The container ``video``: what FFmpeg reads and writes, by PyAV."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from restorekit import Clip, ClipProgress, ClipResult, Container, FrameRestorer, RestorekitError

if TYPE_CHECKING:
    from restorekit_video.probe import Facts


class Video(Container):
    """Videos, by PyAV, which carries FFmpeg."""

    suffixes: ClassVar[tuple[str, ...]] = (
        *(".mp4", ".m4v", ".mov", ".3gp"),
        *(".mkv", ".webm"),
        *(".avi", ".mpg", ".mpeg", ".mts", ".m2ts", ".flv"),
    )

    def check(self, clip: Clip) -> None:
        """Look at the file, and at what the output can hold.

        Raises:
            RestorekitError: PyAV is not installed, the file is no video that can be restored, or the output cannot
                hold what it has.
        """
        self._facts(clip)

    def restore(
        self, clip: Clip, start: Callable[[], FrameRestorer], tell: ClipProgress | None = None
    ) -> ClipResult:
        """Restore a video, in segments that a later run goes on from if this one is interrupted.

        Raises:
            RestorekitError: It cannot be read, restored or written.
        """
        facts = self._facts(clip)
        if clip.frames:
            from restorekit_video.folder import write_frames

            return write_frames(clip, facts, start, tell)
        from restorekit_video.restore import restore_video

        return restore_video(clip, facts, start, tell)

    def _facts(self, clip: Clip) -> Facts:
        try:
            import av  # noqa: F401
        except ImportError:
            raise RestorekitError(
                f"{clip.input}: videos need an extra", "pip install 'restorekit[video]'"
            ) from None
        from restorekit_video.encoder import check_output
        from restorekit_video.probe import probe

        facts = probe(clip.input)
        if not clip.frames and clip.output.suffix.lower() not in self.suffixes:
            raise RestorekitError(
                f"{clip.output}: a clip cannot be written as {clip.output.suffix}",
                f"end it in {', '.join(self.suffixes)}",
            )
        if not clip.frames:
            check_output(clip, facts)
        return facts
