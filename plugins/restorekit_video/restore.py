"""A video through a restorer, segment by segment."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from restorekit import Clip, ClipProgress, ClipResult, FrameRestorer, RestorekitError
from restorekit_video import segments as parts
from restorekit_video.course import Course, figure
from restorekit_video.encoder import Encoder, Setting, check_output
from restorekit_video.join import join
from restorekit_video.pixels import Pixels
from restorekit_video.probe import Facts
from restorekit_video.segments import Segment, Segments
from restorekit_video.source import Source, Timed

if TYPE_CHECKING:
    from av import VideoFrame

    from restorekit import Array


def restore_video(
    clip: Clip, facts: Facts, start: Callable[[], FrameRestorer], tell: ClipProgress | None
) -> ClipResult:
    """Restore a video.

    Frames that nothing is restored of go to the encoder as they were decoded. A video of which no frame is restored,
    and all of which is wanted, is copied as it is.

    Raises:
        RestorekitError: It cannot be read, restored or written.
    """
    setting = check_output(clip, facts)
    restorer = start()
    work = Segments(clip.output, _about(clip, restorer, setting))
    try:
        ended = Work(clip, facts, setting, restorer, work, tell).run()
        frames, restored = sum(len(each.times) for each in ended), sum(each.restored for each in ended)
        if not frames:
            raise RestorekitError(
                f"{clip.input}: has no frame in the part that is wanted", "name another part"
            )
        notes = [setting.note] * (restored > 0 and bool(setting.note))
        written = bool(restored) or not clip.only_changed
        if not written:
            pass
        elif not restored and clip.whole and clip.input.suffix.lower() == clip.output.suffix.lower():
            with work.writing():
                shutil.copyfile(clip.input, work.folder / "copy")
                (work.folder / "copy").replace(clip.output)
        else:
            notes += join(clip, facts, setting, work)
        work.remove()
    except BaseException:
        work.drop_if_empty()
        raise
    total, pixels = (sum(each.flicker[i] for each in ended) for i in (0, 1))
    return ClipResult(
        frames,
        restored,
        written,
        figure(total, pixels),
        (*notes, *_faults(ended[-1]), *restorer.notes()),
    )


def _about(clip: Clip, restorer: FrameRestorer, setting: Setting) -> dict[str, Any]:
    state = clip.input.stat()
    return {
        "input": [str(clip.input.resolve()), state.st_size, state.st_mtime_ns],
        "part": [clip.start, clip.end, clip.every],
        "quality": [clip.crf, clip.bitrate, setting.family.encoder, setting.format],
        "restorer": dict(restorer.about),
    }


def _faults(last: Segment) -> Iterator[str]:
    if last.broken:
        yield f"{last.broken} packets could not be decoded; the file may be damaged or cut off"
    if last.repaired:
        yield f"{last.repaired} time stamps were missing or went back, and were set right"


class Work:
    """Makes the segments that are not there yet.

    Args:
        clip: What is wanted.
        facts: What it is.
        setting: How it is encoded.
        restorer: What restores.
        segments: Where they are kept.
        tell: Told of every frame.
    """

    def __init__(
        self,
        clip: Clip,
        facts: Facts,
        setting: Setting,
        restorer: FrameRestorer,
        segments: Segments,
        tell: ClipProgress | None,
    ) -> None:
        self._clip, self._facts, self._setting = clip, facts, setting
        self._restorer, self._segments, self._tell = restorer, segments, tell
        self._pixels = Pixels(facts)

    def run(self) -> list[Segment]:
        """Make them all, and return what is known of each.

        Raises:
            RestorekitError: A frame cannot be restored, or a segment not be written.
        """
        ended = [self._segments.read(number, packets=False) for number in range(len(self._segments))]
        if ended:
            self._restorer.resume(ended[-1].state)
        done = sum(len(each.times) for each in ended)
        source = Source(self._clip, self._facts)
        frames = source.frames(done)
        while not ended or len(ended[-1].times) == parts.LENGTH:
            segment = self._segment(frames, done)
            if not segment.times:
                break
            segment.state = dict(self._restorer.state())
            segment.broken, segment.repaired = source.broken, source.repaired
            self._segments.add(segment)
            segment.packets = []
            ended.append(segment)
            done += len(segment.times)
        return ended

    def _segment(self, frames: Iterator[Timed], done: int) -> Segment:
        segment, course = Segment(), Course(self._restorer)  # which remembers no frame of another segment
        encoder: Encoder | None = None
        for timed in frames:
            before = self._pixels.rgb(timed.frame)
            after = course(before)
            encoder = encoder or Encoder(self._setting, self._clip, self._facts)
            segment.packets += encoder.encode(self._frame(timed, before, after))
            segment.times.append(timed.time)
            segment.durations.append(timed.duration)
            if self._tell is not None:
                self._tell(done + len(segment.times), self._expected())
            if len(segment.times) == parts.LENGTH:
                break
        if encoder is not None:
            segment.packets += encoder.encode(None)
        segment.restored, segment.flicker = course.restored, (course.flicker.total, course.flicker.pixels)
        return segment

    def _frame(self, timed: Timed, before: Array, after: Array) -> VideoFrame:
        return timed.frame if after is before else self._pixels.changed(timed.frame, before, after)

    def _expected(self) -> int | None:
        if self._facts.frames is None or not self._clip.whole:
            return None
        return self._facts.frames
