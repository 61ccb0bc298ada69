"""Videos, by a restorer that lightens a box: what is kept, what is resumed, what is refused."""

import subprocess
import sys
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from restorekit import Clip, RestorekitError
from restorekit_video import segments
from restorekit_video.container import Video
from restorekit_video.pixels import Pixels
from restorekit_video.probe import probe
from restorekit_video.source import Source

from .clips import Lighter, facts_of, make, picture

KINDS = {
    "constant.mp4": {},
    "varying.mp4": {"varying": True, "audio": "aac", "chapters": True},
    "ten_bits.mp4": {
        "codec": "libx265",
        "pixel_format": "yuv420p10le",
        "options": {"x265-params": "log-level=none"},
        "colours": (1, 9, 9, 1),
    },
    "turned.mov": {"turned": 90, "audio": "aac"},
    "vp9.webm": {"codec": "libvpx-vp9", "audio": "libopus", "varying": True},
    "full_range.mp4": {"pixel_format": "yuvj420p", "colours": (2, 5, 5, 6)},
    "odd.mkv": {"codec": "ffv1", "size": (65, 97), "audio": "flac", "subtitles": True},
    "old.mpg": {"codec": "mpeg2video", "audio": "mp2", "parts": 1},
    "camera.mts": {"audio": "aac", "format": "mpegts"},
    "motion_jpeg.mov": {"codec": "mjpeg", "pixel_format": "yuvj420p", "audio": "pcm_s16le"},
    "studio.mov": {"codec": "prores_ks", "pixel_format": "yuv422p10le"},
    "slow.mp4": {"rate": 1, "frames": 3},
    "fast.mp4": {"rate": 10_000, "frames": 30},
}


def restore(clip, restorer):
    video = Video()
    video.check(clip)
    return video.restore(clip, lambda: restorer)


@pytest.mark.parametrize("name", KINDS)
def test_all_but_the_pixels_is_kept(tmp_path, name):
    source, output = make(tmp_path / name, **KINDS[name]), tmp_path / f"out.{name}"
    result = restore(Clip(source, output), Lighter(left={2}))
    before, after = facts_of(source), facts_of(output)
    assert after == before
    assert (result.frames, result.restored) == (len(before["times"]), len(before["times"]) - 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, output.name])


def decoded(path):
    clip = Clip(path, path)
    facts = probe(path)
    pixels = Pixels(facts)
    return [pixels.rgb(each.frame) for each in Source(clip, facts).frames()]


def test_only_what_a_restorer_changed_differs_and_sharp_frames_are_equal(tmp_path):
    source = make(tmp_path / "clip.mkv", codec="ffv1", frames=4)
    restore(Clip(source, tmp_path / "out.mkv"), Lighter(left={1, 3}))
    pairs = list(zip(decoded(source), decoded(tmp_path / "out.mkv"), strict=True))
    assert all(np.array_equal(*pairs[number]) for number in (1, 3))
    for before, after in (pairs[0], pairs[2]):
        assert (after[21:39, 21:39].mean() - before[21:39, 21:39].mean()) > 5
        after[14:46, 14:46] = before[14:46, 14:46]  # a few more, as colours are stored at half the size
        assert np.array_equal(before, after)


def test_a_turned_frame_is_shown_upright_to_the_restorer(tmp_path):
    restorer = Lighter()
    source = make(tmp_path / "clip.mov", turned=90, frames=2, size=(64, 96), options={"crf": "5"})
    restore(Clip(source, tmp_path / "out.mov"), restorer)
    assert restorer.seen[0][1] == (96, 64, 3)
    assert np.abs(decoded(source)[0].astype(int) - np.rot90(picture(0, 64, 96))).mean() < 4


def test_ten_bits_come_as_sixteen(tmp_path):
    restorer = Lighter()
    source = make(tmp_path / "clip.mkv", codec="ffv1", pixel_format="yuv420p10le", frames=2)
    restore(Clip(source, tmp_path / "out.mkv"), restorer)
    assert restorer.seen[0][2] == np.uint16


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9"])
def test_an_interrupted_run_goes_on_and_ends_alike(tmp_path, monkeypatch, codec):
    monkeypatch.setattr(segments, "LENGTH", 5)
    source = make(tmp_path / "clip.mkv", codec=codec, frames=18, varying=True, audio="flac")
    restore(Clip(source, tmp_path / "whole.mkv"), Lighter(left={4, 9}))
    clip = Clip(source, tmp_path / "out.mkv")
    for stop in (7, 13):
        with pytest.raises(KeyboardInterrupt):
            restore(clip, Lighter(left={4, 9}, stop=stop))
        assert not clip.output.exists()
    last = Lighter(left={4, 9})
    result = restore(clip, last)
    assert last.seen[0][0] == 10  # after two segments
    assert result.frames == 18 and result.restored == 16
    assert facts_of(clip.output) == facts_of(tmp_path / "whole.mkv")
    assert all(map(np.array_equal, decoded(clip.output), decoded(tmp_path / "whole.mkv")))
    assert len(list(tmp_path.iterdir())) == 3


def test_another_restorer_begins_again(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "LENGTH", 5)
    clip = Clip(make(tmp_path / "clip.mkv", codec="ffv1"), tmp_path / "out.mkv")
    with pytest.raises(KeyboardInterrupt):
        restore(clip, Lighter(stop=7))
    other = Lighter()
    other.about = {"model": "another"}
    restore(clip, other)
    assert other.seen[0][0] == 0


def test_a_video_left_alone_is_copied(tmp_path):
    source = make(tmp_path / "clip.mp4", frames=4)
    result = restore(Clip(source, tmp_path / "out.mp4"), Lighter(left=range(4)))
    assert (tmp_path / "out.mp4").read_bytes() == source.read_bytes()
    assert (result.restored, result.flicker) == (0, None)
    result = restore(Clip(source, tmp_path / "none.mp4", only_changed=True), Lighter(left=range(4)))
    assert not result.written and not (tmp_path / "none.mp4").exists()


def test_a_part_and_every_second_frame(tmp_path):
    source = make(tmp_path / "clip.mp4", frames=50, audio="aac", chapters=True)
    restore(Clip(source, tmp_path / "part.mp4", start=0.4, end=1.2), Lighter())
    part = facts_of(tmp_path / "part.mp4")
    assert len(part["times"]) == 20 and part["times"][0] == 0
    assert 0.7 * 48000 < part["samples"] < 0.9 * 48000
    result = restore(Clip(source, tmp_path / "some.mp4", every=10), Lighter())
    some = facts_of(tmp_path / "some.mp4")
    assert [float(each) for each in some["times"]] == [0, 0.4, 0.8, 1.2, 1.6]
    assert result.notes == ("other streams left out, as only some frames are taken",)


def test_a_codec_that_the_container_lacks_is_said(tmp_path):
    source = make(tmp_path / "clip.avi", codec="huffyuv", pixel_format="yuv422p", frames=3, audio="pcm_s16le")
    result = restore(Clip(source, tmp_path / "out.mp4"), Lighter())
    assert result.notes[0] == "huffyuv is not written here, encoded as FFV1"
    assert facts_of(tmp_path / "out.mp4")["pixels"] == "yuv422p"


def test_sound_that_the_container_lacks_is_said(tmp_path):
    source = make(tmp_path / "clip.mkv", frames=3, audio="pcm_s16le")
    result = restore(Clip(source, tmp_path / "out.webm"), Lighter())
    assert result.notes == (
        "h264 is not written here, encoded as VP9",
        "audio stream 1 cannot be kept in such a file, left out",
    )


def test_a_disk_that_fills_up_at_the_end_is_a_line_and_what_was_done_stays(tmp_path, monkeypatch):
    def full(*arguments):
        raise av.error.FFmpegError(28, "No space left on device")

    clip = Clip(make(tmp_path / "clip.mp4", frames=4), tmp_path / "out.mp4")
    with monkeypatch.context() as patched:
        patched.setattr("restorekit_video.join._write", full)
        with pytest.raises(RestorekitError, match="out.mp4: cannot be written .No space left"):
            restore(clip, Lighter())
    assert not clip.output.exists()
    again = Lighter()
    assert restore(clip, again).frames == 4 and not again.seen


def cut(path, share):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


REFUSED = {
    "empty": (lambda p: p.write_bytes(b""), "cannot be read as a video"),
    "words": (lambda p: p.write_text("words, and no video" * 50), "cannot be read as a video"),
    "playlist": (lambda p: p.write_text("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"), "cannot be read as a video"),
    "picture": (lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100)), "cannot be read as a video"),
    "cut off": (lambda p: cut(make(p), 0.5), "cannot be read as a video"),
    "sound": (lambda p: sound(p), "no video stream"),
    "HDR": (
        lambda p: make(p, codec="ffv1", pixel_format="yuv420p10le", colours=(1, 9, 9, 16), format="matroska"),
        "is HDR",
    ),
    "large": (
        lambda p: make(p, codec="mjpeg", pixel_format="yuvj420p", frames=1, size=(4320, 7680)),
        "too many",
    ),
    "small": (lambda p: make(p, codec="ffv1", frames=1, size=(8, 64), format="matroska"), "too small"),
    "transparent": (
        lambda p: make(p, codec="ffv1", pixel_format="yuva420p", format="matroska", frames=1),
        "transparency",
    ),
}


def sound(path):
    with av.open(str(path), "w") as file:
        stream = file.add_stream("aac", 48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48000
        file.mux([*stream.encode(frame), *stream.encode(None)])


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_restored_is_a_line_and_nothing_is_written(tmp_path, kind):
    write, said = REFUSED[kind]
    write(tmp_path / "clip.mp4")
    with pytest.raises(RestorekitError, match=said) as error:
        restore(Clip(tmp_path / "clip.mp4", tmp_path / "out.mp4"), Lighter())
    assert error.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_cut_off_video_gives_what_there_is(tmp_path):
    source = cut(make(tmp_path / "clip.mkv", codec="mjpeg", pixel_format="yuvj420p", frames=30), 0.6)
    result = restore(Clip(source, tmp_path / "out.mkv"), Lighter())
    assert 10 < result.frames < 25
    assert len(facts_of(tmp_path / "out.mkv")["times"]) == result.frames


def test_a_disk_that_fills_up_is_a_line(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    clip = Clip(make(tmp_path / "clip.mp4"), tmp_path / "out.mp4")
    monkeypatch.setattr(segments, "write_whole", full)
    with pytest.raises(RestorekitError, match="cannot be written .No space left"):
        restore(clip, Lighter())
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_time_stamps_that_go_back_are_set_right(tmp_path, monkeypatch):
    source = make(tmp_path / "clip.mkv", codec="ffv1", frames=8)
    plain = Source._decoded

    def jumping(self):
        for number, frame in enumerate(plain(self)):
            frame.pts = {3: None, 5: -7000}.get(number, frame.pts)
            yield frame

    monkeypatch.setattr(Source, "_decoded", jumping)
    result = restore(Clip(source, tmp_path / "out.mkv"), Lighter())
    assert result.notes == ("2 time stamps were missing or went back, and were set right",)
    times = facts_of(tmp_path / "out.mkv")["times"]
    assert len(times) == 8 and sorted(set(times)) == times


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="where Linux tells the memory")
def test_a_frame_far_larger_than_the_others_is_not_decoded(tmp_path):
    """A file of 300 KB, whose fourth frame takes 216 MB."""
    frames = []
    for side in ((64, 48), (64, 48), (64, 48), (9000, 8000)):
        stream = BytesIO()
        Image.new("RGB", side).save(stream, "PNG")
        frames.append(stream.getvalue())
    with av.open(str(tmp_path / "a.mov"), "w") as file:
        stream = file.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        file.start_encoding()
        for number, data in enumerate(frames):
            packet = av.Packet(data)
            packet.stream, packet.pts, packet.dts = stream, number, number
            packet.time_base, packet.is_keyframe = Fraction(1, 25), True
            file.mux_one(packet)
    code = (
        "import sys; from pathlib import Path; from restorekit import Clip;"
        "from restorekit_video.probe import probe; from restorekit_video.source import Source;"
        "most = lambda: int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]) // 1024;"
        "clip = Clip(Path(sys.argv[1]), Path('frames'), frames=True);"
        "before = most(); print(len(list(Source(clip, probe(clip.input)).frames())), most() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.mov"], capture_output=True, text=True, check=True
    )
    frames, grown = map(int, done.stdout.split())
    assert frames == 3 and grown < 60
