"""Small clips, made here."""

from fractions import Fraction

import av
import numpy as np

from restorekit.contracts import FrameRestorer


def picture(number, height, width):
    """H,W,3 uint8: a soft pattern that moves, with a still part."""
    y, x = np.mgrid[:height, :width]
    waves = np.stack([np.sin((x + 3 * number) / 9), np.cos(y / 7), np.sin((x + y - number) / 11)], axis=2)
    waves[: height // 3] = np.sin(x[: height // 3, :, None] / 5)
    return np.rint(110 + 80 * waves).astype(np.uint8)


def make(
    path,
    frames=12,
    size=(64, 96),
    codec="libx264",
    pixel_format="yuv420p",
    rate=25,
    parts=100,
    varying=False,
    audio="",
    turned=0,
    colours=(1, 1, 1, 1),
    chapters=False,
    subtitles=False,
    options=None,
    format=None,
):
    """Write a clip with ``frames`` frames of H,W ``size``."""
    with av.open(str(path), "w", format=format) as file:
        video = file.add_stream(codec, rate, options=options or {})
        video.height, video.width = size
        video.pix_fmt = pixel_format
        context = video.codec_context
        context.color_range, context.colorspace, context.color_primaries, context.color_trc = colours
        unit = Fraction(1, rate * parts)
        context.time_base = unit
        if turned:
            video.set_display_rotation(turned)
        sound = file.add_stream(audio, 48000, layout="mono") if audio else None
        text = file.add_mux_stream("subrip") if subtitles else None
        file.metadata["title"] = "a clip"
        if chapters:
            half = round(500 * frames / rate)
            file.set_chapters(
                [
                    {"id": n, "start": n * half, "end": (n + 1) * half, "time_base": Fraction(1, 1000)}
                    | {"metadata": {"title": f"part {n}"}}
                    for n in range(2)
                ]
            )
        time = 0
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(number, *size), "rgb24")
            frame = frame.reformat(format=pixel_format, dst_colorspace=1, dst_color_range=colours[0])
            frame.pts, frame.time_base = time, unit
            time += parts * (1 + (number % 3 if varying else 0))
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        if sound is not None:
            length = round(time * unit * 48000)
            wave = np.sin(np.arange(length) / 20).astype(np.float32)[None] / 2
            for start in range(0, length, 960):
                part = av.AudioFrame.from_ndarray(wave[:, start : start + 960], "fltp", "mono")
                part.sample_rate, part.pts, part.time_base = 48000, start, Fraction(1, 48000)
                for each in resampled(part, sound):
                    file.mux(sound.encode(each))
            file.mux(sound.encode(None))
        if text is not None:
            packet = av.Packet(b"words")
            packet.stream, packet.time_base = text, Fraction(1, 1000)
            packet.pts = packet.dts = 100
            packet.duration = 200
            file.mux(packet)
    return path


def resampled(part, sound):
    kind = sound.codec_context.format.name
    if kind == "fltp":
        return [part]
    return av.AudioResampler(kind, "mono", 48000).resample(part)


def facts_of(path):
    """What a table says of a clip."""
    with av.open(str(path)) as file:
        video = file.streams.video[0]
        context = video.codec_context
        found = {
            "codec": context.codec.canonical_name,
            "pixels": context.pix_fmt,
            "colours": (
                int(context.color_range),
                int(context.colorspace),
                int(context.color_primaries),
                int(context.color_trc),
            ),
            "chapters": [(each["start"] * each["time_base"], each["metadata"]) for each in file.chapters()],
            "title": file.metadata.get("title"),
        }
        frames = list(file.decode(video))
        found["times"] = [frame.pts * frame.time_base for frame in frames]
        found["turned"] = frames[0].rotation
    with av.open(str(path)) as file:
        found["audio"] = [
            b"".join(bytes(packet) for packet in file.demux(stream)) if file.seek(0) is None else b""
            for stream in file.streams.audio
        ]
    with av.open(str(path)) as file:
        found["samples"] = (
            sum(frame.samples for frame in file.decode(file.streams.audio[0])) if file.streams.audio else 0
        )
    with av.open(str(path)) as file:
        found["duration"] = round((file.duration or 0) / 1e6, 3)
        found["subtitles"] = [bytes(p) for s in file.streams.subtitles for p in file.demux(s) if p.size]
    return found


class Lighter(FrameRestorer):
    """Lightens a box of each frame, but of those whose numbers are in ``left``."""

    def __init__(self, left=(), box=np.s_[20:40, 20:40], stop=None):
        self.count, self.left, self.box, self.stop = 0, left, box, stop
        self.seen = []

    about = {"model": "lighter"}

    def __call__(self, pixels):
        number, self.count = self.count, self.count + 1
        self.seen.append((number, pixels.shape, pixels.dtype))
        if number == self.stop:
            raise KeyboardInterrupt
        if number in self.left:
            return pixels
        made = pixels.copy()
        made[self.box] = np.minimum(made[self.box].astype(int) + made.max() // 12, np.iinfo(made.dtype).max)
        return made

    def notes(self):
        return ()

    def state(self):
        return {"count": self.count}

    def resume(self, state):
        self.count = state["count"]
