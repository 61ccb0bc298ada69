"""Segments and everything else of the source in one file, nothing of it encoded again."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from restorekit_video.encoder import Setting, describe, whole_rate
from restorekit_video.probe import Facts, opened
from restorekit_video.segments import Segments

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer, OutputContainer

    from restorekit import Clip

_OF_THE_FILE = ("major_brand", "minor_version", "compatible_brands", "encoder", "ENCODER")
"""What a muxer says of its own work."""


def join(clip: Clip, facts: Facts, setting: Setting, segments: Segments) -> list[str]:
    """Write the output from the segments, with the source's other streams, chapters, rotation and texts.

    Returns:
        What could not be kept, in sentences.

    Raises:
        RestorekitError: The source cannot be read any more, or there is no room.
    """
    import av

    draft = segments.folder / "joined"
    with opened(clip.input) as source, segments.writing():
        options = {"movflags": "use_metadata_tags"} if _has_own_tags(source) else {}
        try:
            with av.open(str(draft), "w", format=setting.format, options=options) as file:
                notes = _write(clip, facts, setting, segments, source, file)
            os.replace(draft, clip.output)
        finally:
            draft.unlink(missing_ok=True)
    return notes


def _has_own_tags(source: InputContainer) -> bool:
    return any(key.startswith("com.") for key in source.metadata)


def _write(
    clip: Clip,
    facts: Facts,
    setting: Setting,
    segments: Segments,
    source: InputContainer,
    file: OutputContainer,
) -> list[str]:
    theirs: Any = source.streams[facts.index]
    file.metadata.update({k: v for k, v in source.metadata.items() if k not in _OF_THE_FILE})
    ours: dict[int, Any] = {}
    notes: list[str] = []
    for stream in source.streams:
        if stream.index == facts.index:
            video: Any = file.add_stream(setting.family.encoder, whole_rate(facts))
            describe(video.codec_context, setting, clip, facts)
            video.time_base = facts.time_base
            if facts.matrix is not None:
                video.set_display_matrix(facts.matrix)
            _tell(theirs, video)
        elif clip.every > 1:
            continue
        elif (made := _kept(stream, file, setting)) is not None:
            ours[stream.index] = made
        elif stream.type != "data" or not source.chapters():  # in an MP4 chapters have a stream
            notes.append(f"{stream.type} stream {stream.index} cannot be kept in such a file, left out")
    if clip.every > 1 and len(source.streams) > 1:
        notes.append("other streams left out, as only some frames are taken")
    shift = Fraction(clip.start).limit_denominator(10**6)
    chapters = _chapters(source, clip, shift)
    if chapters:
        file.set_chapters(chapters)
    file.start_encoding()
    both = heapq.merge(
        _of_video(segments, facts, video, shift),
        _of_others(source, ours, clip, facts, shift),
        key=lambda each: each[0],
    )
    for _, packet in both:
        file.mux_one(packet)
    return notes


def _tell(source: Any, ours: Any) -> None:
    ours.metadata.update({k: v for k, v in source.metadata.items() if k not in _OF_THE_FILE})
    ours.disposition = source.disposition


def _kept(stream: Any, file: OutputContainer, setting: Setting) -> Any:
    """Add a stream whose packets are copied; None if the file cannot hold it."""
    if stream.type not in ("audio", "subtitle", "video"):
        return None
    context = stream.codec_context
    if context is None or context.codec.canonical_name not in setting.holds:
        return None
    try:
        made = file.add_stream_from_template(stream)
    except (ValueError, RuntimeError):
        return None
    made.time_base = stream.time_base
    _tell(stream, made)
    return made


def _chapters(source: InputContainer, clip: Clip, shift: Fraction) -> list[Any]:
    kept = []
    for each in source.chapters():
        unit = each["time_base"] or Fraction(1, 1000)
        start, end = each["start"] * unit - shift, each["end"] * unit - shift
        last = None if clip.end is None else Fraction(clip.end) - shift
        if end > 0 and (last is None or start < last):
            start, end = max(start, Fraction(0)), end if last is None else min(end, last)
            kept.append(each | {"start": round(start / unit), "end": round(end / unit)})
    return kept


def _of_video(
    segments: Segments, facts: Facts, stream: Any, shift: Fraction
) -> Iterator[tuple[Fraction, Packet]]:
    """Give the packets of the segments; a packet's decoding time is the time stamp of a frame some places before.

    Where frames are stored in another order than shown, decoding runs ahead by as many places as any frame comes late.
    """
    import av

    heads = [segments.read(number, packets=False) for number in range(len(segments))]
    times = [time for head in heads for time in head.times]
    late, done, order = 0, 0, 0
    for head in heads:
        for index, _, _ in head.packets:
            late, order = max(late, order - (done + index)), order + 1
        done += len(head.times)
    step = times[1] - times[0] if len(times) > 1 else 1
    offset, order, first = round(shift / facts.time_base), 0, 0
    for segment in segments:
        for index, key, data in segment.packets:
            packet = av.Packet(data)
            packet.stream, packet.time_base, packet.is_keyframe = stream, facts.time_base, key
            packet.pts, packet.duration = segment.times[index] - offset, segment.durations[index]
            decoded = times[order - late] if order >= late else times[0] - (late - order) * step
            packet.dts = decoded - offset
            order += 1
            yield packet.dts * facts.time_base, packet
        first += len(segment.times)


def _of_others(
    source: InputContainer, ours: dict[int, Any], clip: Clip, facts: Facts, shift: Fraction
) -> Iterator[tuple[Fraction, Packet]]:
    """Give the packets of the streams that are copied, of the part that is wanted."""
    if not ours:
        return
    wanted = [source.streams[index] for index in ours]
    begin = facts.first * facts.time_base
    if clip.start > 0:
        source.seek(int((begin + shift) * 1_000_000))
    last: dict[int, int] = {}
    for packet in source.demux(wanted):
        if packet.dts is None or packet.time_base is None:
            continue
        at = packet.dts * packet.time_base - begin
        index = packet.stream.index
        if at < shift and clip.start > 0 or clip.end is not None and at >= clip.end:
            continue
        offset = round(shift / packet.time_base)
        early = last[index] - (packet.dts - offset) + 1 if index in last else 0
        packet.dts = packet.dts - offset + max(early, 0)
        packet.pts = max(packet.dts, (packet.pts if packet.pts is not None else packet.dts + offset) - offset)
        last[index] = packet.dts
        if not packet.duration and packet.stream.type == "audio":  # some containers do not store it
            packet.duration = _length(packet)
        packet.stream = ours[index]
        yield packet.dts * packet.time_base, packet


def _length(packet: Packet) -> int:
    context: Any = packet.stream.codec_context
    size, rate = context.frame_size, context.sample_rate
    return round(Fraction(size, rate) / packet.time_base) if size and rate and packet.time_base else 0
