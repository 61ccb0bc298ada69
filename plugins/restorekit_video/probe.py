"""What a video file holds, and what of it cannot be restored."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit import RestorekitError

if TYPE_CHECKING:
    from av.container import InputContainer

FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,flv"
"""What FFmpeg may take a file for: none of these opens another file, as a playlist does."""

MOST_PIXELS = 10_000_000
"""Of a frame: an encoder keeps dozens of them in memory."""

LEAST_SIDE = 16
_HDR = {16: "PQ", 18: "HLG"}


@dataclass(frozen=True)
class Facts:
    """What matters of a video stream.

    Attributes:
        index: Which stream of its file it is.
        codec: Its codec, as FFmpeg calls it.
        width: Of a frame as it is stored, pixels.
        height: The same.
        pixel_format: How its pixels are stored, as FFmpeg calls it.
        depth: Bits of a channel.
        rate: Frames a second, about.
        time_base: The unit of its time stamps, seconds.
        first: The time stamp at which it begins.
        bit_rate: Bits a second; None if nobody knows.
        frames: How many there are, about; None if nobody knows.
        colours: Range, matrix, primaries and transfer, as FFmpeg numbers them.
        aspect: Width over height of a pixel; None for 1.
        matrix: The nine numbers by which players turn it; None if it is upright.
    """

    index: int
    codec: str
    width: int
    height: int
    pixel_format: str
    depth: int
    rate: Fraction
    time_base: Fraction
    first: int
    bit_rate: int | None
    frames: int | None
    colours: tuple[int, int, int, int]
    aspect: Fraction | None
    matrix: tuple[int, ...] | None

    @property
    def turns(self) -> int:
        """Quarter turns counter-clockwise that make a stored frame upright."""
        if self.matrix is None:
            return 0
        across, down = self.matrix[3], self.matrix[4]  # where the stored picture's down points to
        if abs(down) >= abs(across):
            return 0 if down > 0 else 2
        return 1 if across > 0 else 3


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """Open a video file; it is read by this process alone, and what it names is never opened.

    Raises:
        RestorekitError: It cannot be read, or is no video.
    """
    import av

    try:
        state = os.stat(path)
        if not stat.S_ISREG(state.st_mode) or not state.st_size:
            raise RestorekitError(
                f"{path}: cannot be read as a video ({'it is empty' if not state.st_size else 'it is no file'})",
                "name another file",
            )
        with (
            open(path, "rb") as file,
            av.open(
                file, "r", container_options={"format_whitelist": FORMATS}, metadata_errors="replace"
            ) as found,
        ):
            yield found
    except RestorekitError:
        raise
    except av.error.FFmpegError as error:
        raise RestorekitError(
            f"{path}: cannot be read as a video ({_reason(error)})", "see whether a player plays it"
        ) from None
    except OSError as error:
        raise RestorekitError(f"{path}: cannot be read ({error.strerror})", "check its permissions") from None


def _reason(error: Any) -> str:
    return str(error.strerror or error).split(": '")[0].lower()


def probe(path: Path) -> Facts:
    """Look at a video's head and its first frame.

    Raises:
        RestorekitError: It is no video, has no frame, or one that cannot be restored as it is.
    """
    with opened(path) as file:
        stream = next((each for each in file.streams.video if not _is_cover(each)), None)
        if stream is None:
            raise RestorekitError(f"{path}: has no video stream", "name a video file")
        context = stream.codec_context
        if context is None or context.codec is None:
            raise RestorekitError(f"{path}: its codec is not known here", "convert it first")
        _check_size(path, context.width, context.height)
        stated = _colours(context)  # by the container; decoding puts what the codec says in their place
        stream.thread_type = "AUTO"
        context.options = {"max_pixels": str(MOST_PIXELS)}
        try:
            frame = next(file.decode(stream), None)
        except StopIteration:
            frame = None
        if frame is None:
            raise RestorekitError(
                f"{path}: has no frame that can be decoded", "see whether a player plays it"
            )
        _check_size(path, frame.width, frame.height)
        if frame.interlaced_frame:
            raise RestorekitError(f"{path}: is interlaced", "deinterlace it first, with ffmpeg -vf bwdif")
        depth = max(each.bits for each in frame.format.components)
        colours = _either(stated, _colours(context))
        transfer = colours[3]
        if transfer in _HDR:
            raise RestorekitError(
                f"{path}: is HDR ({_HDR[transfer]}), which models are not trained on",
                "convert it to SDR first",
            )
        if any(each.type.name == "DOVI_METADATA" for each in frame.side_data):
            raise RestorekitError(f"{path}: is Dolby Vision", "convert it to SDR first")
        if stream.metadata.get("alpha_mode") == "1" or len(frame.format.components) == 4:
            raise RestorekitError(
                f"{path}: has transparency, which would be lost", "convert it without alpha first"
            )
        if not frame.format.is_planar and not frame.format.is_rgb or depth > 16:
            raise RestorekitError(
                f"{path}: pixels of kind {frame.format.name} are not known here", "convert it first"
            )
        rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        return Facts(
            stream.index,
            context.codec.canonical_name,
            frame.width,
            frame.height,
            frame.format.name,
            depth,
            min(max(rate, Fraction(1, 100)), Fraction(100_000)),
            stream.time_base or 1 / rate,
            stream.start_time or 0,
            stream.bit_rate or (file.bit_rate or None),
            stream.frames or _estimate(file, rate),
            colours,
            stream.sample_aspect_ratio,
            _matrix(frame),
        )


def _colours(context: Any) -> tuple[int, int, int, int]:
    return (
        int(context.color_range),
        int(context.colorspace),
        int(context.color_primaries),
        int(context.color_trc),
    )


def _either(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Take the first where it says something."""
    unknown = (0, 2, 2, 2)
    first, second, third, fourth = (
        b if a == nothing else a for a, b, nothing in zip(one, other, unknown, strict=True)
    )
    return first, second, third, fourth


def _is_cover(stream: Any) -> bool:
    import av.stream

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise RestorekitError(
            f"{path}: frames of {width} x {height} pixels are too many for the memory",
            f"shrink it first to at most {MOST_PIXELS / 1e6:g} megapixels",
        )
    if min(width, height) < LEAST_SIDE:
        raise RestorekitError(
            f"{path}: frames of {width} x {height} pixels are too small", f"each side needs {LEAST_SIDE}"
        )


def _estimate(file: InputContainer, rate: Fraction) -> int | None:
    return round(file.duration / 1e6 * rate) if file.duration else None


def _matrix(frame: Any) -> tuple[int, ...] | None:
    for each in frame.side_data:
        if each.type.name == "DISPLAYMATRIX":
            data = bytes(each)
            return tuple(int.from_bytes(data[at : at + 4], "little", signed=True) for at in range(0, 36, 4))
    return None
