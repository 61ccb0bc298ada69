"""How fast a 720p clip goes through ``restorekit deblur``, in how much memory, and what killing it twice changes.

``python tests/benchmarks/video_speed.py FACES BACKGROUND DETECTOR [SECONDS] [RATE]`` draws a clip of 1280 x 720 pixels
(300 seconds at 25 frames a second by default): two faces in CelebA's alignment, enlarged, move over a photo; two
seconds of every six are blurred. It restores the clip, prints frames a second and the peak memory, then restores it
again, killed (SIGKILL) within the segments after a third and two thirds of all, and compares the two files.
``taskset -c 0,1`` before it gives it two cores.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from restorekit.images import read_rgb
from restorekit_video.segments import LENGTH

HEIGHT, WIDTH, CYCLE, BLURRED = 720, 1280, 6, 2


def make(path: Path, faces: list[np.ndarray], background: np.ndarray, frames: int, rate: int) -> None:
    """Write the clip, with sound."""
    ground = cv2.resize(background, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    large = [cv2.resize(face, None, fx=1.6, fy=1.6, interpolation=cv2.INTER_CUBIC) for face in faces]
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate, options={"crf": "18", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = file.add_stream("aac", 48000, layout="mono")
        for number in range(frames):
            frame, now = ground.copy(), number / rate
            for which, face in enumerate(large):
                left = round(200 + 550 * which + 60 * np.sin(0.6 * now + which))
                frame[150 : 150 + face.shape[0], left : left + face.shape[1]] = face
            if now % CYCLE < BLURRED:
                kernel = cv2.getRotationMatrix2D((10, 10), 180 * np.sin(now), 1)
                line = np.zeros((21, 21), np.float32)
                line[10, 2:19] = 1
                line = cv2.warpAffine(line, kernel, (21, 21))
                frame = cv2.filter2D(frame, -1, line / line.sum())
            file.mux(video.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        file.mux(video.encode(None))
        samples = frames * 48000 // rate
        for start in range(0, samples, 1024):
            wave = np.sin(np.arange(start, min(start + 1024, samples)) / 20).astype(np.float32)[None]
            part = av.AudioFrame.from_ndarray(wave, "fltp", "mono")
            part.sample_rate, part.pts, part.time_base = 48000, start, Fraction(1, 48000)
            file.mux(sound.encode(part))
        file.mux(sound.encode(None))


def command(source: Path, output: Path, detector: str) -> list[str]:
    """The command that restores it."""
    program = [sys.executable, "-m", "restorekit", "deblur"]
    return [*program, str(source), "-o", str(output), "--detector", detector]


def killed_after(segments: int, run: list[str], output: Path) -> None:
    """Start the command, and kill it a moment after it has written so many segments."""
    process = subprocess.Popen(run)
    folder = output.with_name(f".{output.name}.segments")
    while process.poll() is None and not (folder / f"{segments - 1:06d}").exists():
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    print(f"killed with {len(list(folder.glob('0*')))} segments", flush=True)


if __name__ == "__main__":
    people, photo, detector, *rest = sys.argv[1:]
    duration, rate = (int(each) for each in (*rest, *("300", "25")[len(rest) :]))
    frames = rate * duration
    files = sorted(Path(people).iterdir())[:2]
    with tempfile.TemporaryDirectory() as name:
        clip, whole, parts = (Path(name, each) for each in ("clip.mp4", "whole.mp4", "parts.mp4"))
        make(clip, [read_rgb(file) for file in files], read_rgb(photo), frames, rate)
        since, spent = time.perf_counter(), os.times()
        subprocess.run(command(clip, whole, detector), check=True)
        seconds, now = time.perf_counter() - since, os.times()
        computed = now.children_user + now.children_system - spent.children_user - spent.children_system
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        print(
            f"{frames} frames, {clip.stat().st_size / 1e6:.1f} MB -> {whole.stat().st_size / 1e6:.1f} MB: "
            f"{frames / seconds:.2f} frames/s by the clock, {frames / computed:.2f} a second of processor time, "
            f"peak {peak:.2f} GiB",
            flush=True,
        )
        for third in (1, 2):
            killed_after(max(third * frames // (3 * LENGTH), third), command(clip, parts, detector), parts)
        subprocess.run(command(clip, parts, detector), check=True)
        same = whole.read_bytes() == parts.read_bytes()
        print(f"killed twice and resumed: {'the same bytes' if same else 'OTHER BYTES'}")
