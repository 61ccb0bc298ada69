"""Which encoder takes the place of a source's codec, and how it is set."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit import RestorekitError

if TYPE_CHECKING:
    from av import VideoFrame

    from restorekit import Clip
    from restorekit_video.probe import Facts

_GLOBAL_HEADER = 1 << 22
_CONTAINER_WANTS_HEADER = 0x0040


@dataclass(frozen=True)
class Family:
    """An encoder, and how it is told what quality to keep.

    Attributes:
        encoder: FFmpeg's name for it.
        crf: The rate factor that loses little; None where it takes none.
        options: What else it is told, always.
    """

    encoder: str
    crf: float | None = None
    options: Mapping[str, str] = field(default_factory=dict)


H264 = Family("libx264", 18, {"preset": "medium", "x264-params": "mbtree=0"})
"""Without the macroblock tree: with it FFmpeg's builds write other bytes each time (seen with 8.1.2 on AVX-512)."""

LOSSLESS = Family("ffv1")
FAMILIES = {
    "h264": H264,
    "hevc": Family("libx265", 20, {"preset": "fast", "x265-params": "log-level=none"}),
    "vp8": Family("libvpx", 8, {"b": "0", "qmin": "4", "qmax": "48", "cpu-used": "3"}),
    "vp9": Family("libvpx-vp9", 24, {"b": "0", "cpu-used": "4", "row-mt": "1"}),
    "av1": Family("libsvtav1", 24, {"preset": "8"}),
    "mpeg4": Family("mpeg4", None, {"qscale": "2"}),
    "mpeg2video": Family("mpeg2video", None, {"qscale": "2"}),
    "mjpeg": Family("mjpeg", None, {"qscale": "2"}),
    "prores": Family("prores_ks"),
    "ffv1": LOSSLESS,
    "huffyuv": LOSSLESS,
    "utvideo": LOSSLESS,
    "rawvideo": LOSSLESS,
}
"""What encodes again each codec."""

_NAMES = {"libx264": "H.264", "ffv1": "FFV1", "libvpx-vp9": "VP9", "libsvtav1": "AV1"}


@dataclass(frozen=True)
class Setting:
    """How a clip is encoded.

    Attributes:
        family: The encoder.
        format: The container that is written, as FFmpeg calls it.
        holds: The codecs that it can hold, by FFmpeg's names.
        note: Why it is another codec than the source's; empty if it is not.
    """

    family: Family
    format: str
    holds: frozenset[str]
    note: str = ""


def check_output(clip: Clip, facts: Facts) -> Setting:
    """Choose the encoder for what a clip is and where it goes.

    Raises:
        RestorekitError: No encoder keeps its pixels in a file that ends so.
    """
    import av

    name, holds = _container(clip.output)
    same = FAMILIES.get(facts.codec)
    for family in (same, H264, FAMILIES["vp9"], LOSSLESS):
        if family is None:
            continue
        codec, other = av.Codec(family.encoder, "w"), ""
        if codec.canonical_name != facts.codec:
            other = f"{facts.codec} is not written here, encoded as {_NAMES[family.encoder]}"
        setting = Setting(family, name, holds, other)
        if codec.canonical_name in holds and _opens(codec, setting, clip, facts):
            return setting
    raise RestorekitError(
        f"{clip.output}: no encoder keeps {facts.codec} of {facts.pixel_format} in such a file",
        "end the output in .mkv",
    )


def _container(path: Path) -> tuple[str, frozenset[str]]:
    """Return what FFmpeg calls the container of a file, and the codecs that it can hold."""
    import av

    with av.open(os.devnull, "w", format=FORMATS[path.suffix.lower()]) as file:
        name = file.format.name
        return name, frozenset(file.supported_codecs | _BESIDES.get(name, set()))


_BESIDES = {
    "mpeg": {"mpeg2video", "ac3", "mp3"},
    "mpegts": {"h264", "hevc", "mpeg2video", "mpeg4", "aac", "ac3", "eac3", "mp2", "mp3", "opus"},
}
"""What a container holds, too, although FFmpeg does not say it."""

FORMATS = {
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mov": "mov",
    ".3gp": "3gp",
    ".mkv": "matroska",
    ".webm": "webm",
    ".avi": "avi",
    ".mpg": "mpeg",
    ".mpeg": "mpeg",
    ".mts": "mpegts",
    ".m2ts": "mpegts",
    ".flv": "flv",
}
"""The container of each ending."""


def _opens(codec: Any, setting: Setting, clip: Clip, facts: Facts) -> bool:
    """Whether an encoder takes frames of this size, rate and kind."""
    import av

    if facts.pixel_format not in {each.name for each in codec.video_formats or ()}:
        return False
    try:
        Encoder(setting, clip, facts).open()
    except (av.error.FFmpegError, ValueError, OverflowError):
        return False
    return True


class Encoder:
    """Encodes frames, numbered from 0, to packets.

    Args:
        setting: How.
        clip: What the user asks of its quality.
        facts: What the frames are.
    """

    def __init__(self, setting: Setting, clip: Clip, facts: Facts) -> None:
        import av

        os.environ.setdefault("SVT_LOG", "1")  # else it tells of itself
        context: Any = av.CodecContext.create(setting.family.encoder, "w")
        describe(context, setting, clip, facts)
        self._context, self._count = context, 0
        self._unit = 1 / whole_rate(facts)

    def open(self) -> None:
        """Set it up, with what FFmpeg raises if it does not take such frames."""
        self._context.open()

    def encode(self, frame: VideoFrame | None) -> list[tuple[int, bool, bytes]]:
        """Take the next frame, or None after the last one.

        Returns:
            Packets that are ready: the number of the frame, whether decoding may begin there, and the bytes.

        Raises:
            RestorekitError: The encoder gives up.
        """
        import av

        if frame is not None:
            frame.pts, frame.time_base, frame.pict_type = self._count, self._unit, 0
            self._count += 1
        try:
            packets = self._context.encode(frame)
        except av.error.FFmpegError as error:
            raise RestorekitError(
                f"{self._context.codec.name} cannot encode frame {self._count} ({error.strerror})",
                "end the output in .mkv, or write frames",
            ) from None
        return [(int(each.pts), bool(each.is_keyframe), bytes(each)) for each in packets]


def whole_rate(facts: Facts) -> Fraction:
    """Return the rate that encoders are told: of numbers that all of them take."""
    return (
        facts.rate.limit_denominator(1001) if facts.rate > 1 else 1 / (1 / facts.rate).limit_denominator(1001)
    )


def describe(context: Any, setting: Setting, clip: Clip, facts: Facts) -> None:
    """Set an encoder's context up; two that are set up alike write alike."""
    import av.format

    rate = whole_rate(facts)
    context.width, context.height, context.pix_fmt = facts.width, facts.height, facts.pixel_format
    context.time_base, context.framerate = 1 / rate, rate
    context.color_range, context.colorspace, context.color_primaries, context.color_trc = facts.colours
    if facts.aspect:
        context.sample_aspect_ratio = facts.aspect
    options = dict(setting.family.options)
    if clip.bitrate is not None:
        context.bit_rate = clip.bitrate or facts.bit_rate or 4_000_000
        options = {key: value for key, value in options.items() if key not in ("qscale", "b")}
    elif "qscale" in options:
        context.flags |= 2
        context.global_quality = round(float(options.pop("qscale")) * 118)
    elif setting.family.crf is not None:
        options["crf"] = f"{setting.family.crf if clip.crf is None else clip.crf:g}"
    context.options = options
    if av.format.ContainerFormat(setting.format, "w").flags & _CONTAINER_WANTS_HEADER:
        context.flags |= _GLOBAL_HEADER
