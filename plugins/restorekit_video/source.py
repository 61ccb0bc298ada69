"""The frames of a video, in order, each with its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from restorekit_video.probe import MOST_PIXELS, Facts, opened

if TYPE_CHECKING:
    from av import VideoFrame

    from restorekit import Clip

_MOST_BROKEN = 1000
"""Packets in a row that cannot be decoded, after which nothing more is expected."""


@dataclass(frozen=True)
class Timed:
    """A frame and its time.

    Attributes:
        frame: As it was decoded.
        time: Its time stamp, in units of the stream's time base; higher than that of the frame before.
        duration: How long it is shown, in the same units.
    """

    frame: VideoFrame
    time: int
    duration: int


class Source:
    """The frames of a clip that are wanted.

    Args:
        clip: The file, and what of it is wanted.
        facts: What it holds.

    Attributes:
        broken: How many packets could not be decoded.
        repaired: How many time stamps were missing or went back.
    """

    def __init__(self, clip: Clip, facts: Facts) -> None:
        self._clip, self._facts = clip, facts
        self.broken = self.repaired = 0

    def frames(self, skip: int = 0) -> Iterator[Timed]:
        """Give the frames, without the first ``skip``; every one is decoded only once at the same place of the file.

        Raises:
            RestorekitError: The file cannot be read.
        """
        wanted = self._wanted()
        for _ in range(skip):
            next(wanted, None)
        yield from wanted

    def _wanted(self) -> Iterator[Timed]:
        unit, count = self._facts.time_base, 0
        for each in self._timed():
            at = (each.time - self._facts.first) * unit
            if self._clip.end is not None and at >= self._clip.end:
                return
            if at >= self._clip.start - unit:
                if count % self._clip.every == 0:
                    yield each
                count += 1

    def _timed(self) -> Iterator[Timed]:
        usual = max(round(1 / self._facts.rate / self._facts.time_base), 1)
        last: int | None = None
        for frame in self._decoded():
            time = frame.pts
            if time is None or (last is not None and time <= last):
                self.repaired += 1
                time = 0 if last is None else last + usual
            last = time
            yield Timed(frame, time, int(frame.duration or usual))

    def _decoded(self) -> Iterator[VideoFrame]:
        import av

        kind = self._facts.width, self._facts.height, self._facts.pixel_format
        with opened(self._clip.input) as file:
            stream: Any = file.streams[self._facts.index]
            stream.thread_type = "SLICE"  # by frames, one that is broken would cost those before it
            stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}  # also of a later, larger frame
            if self._clip.start > 0:
                file.seek(self._facts.first + int(self._clip.start / self._facts.time_base), stream=stream)
            row = 0
            packets = file.demux(stream)
            while True:
                try:
                    packet = next(packets)
                    for frame in packet.decode():
                        row = 0
                        if (frame.width, frame.height, frame.format.name) != kind:
                            self.broken += 1  # of another size or kind than the first
                            continue
                        yield frame
                except StopIteration:
                    return
                except av.error.EOFError:
                    return
                except av.error.FFmpegError:
                    self.broken += 1
                    row += 1
                    if row > _MOST_BROKEN:
                        return
