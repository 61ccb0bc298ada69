"""The container ``animation``: animated GIF, PNG and WebP, by Pillow."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restorekit import Clip, ClipProgress, ClipResult, Container, FrameRestorer, RestorekitError, write_whole
from restorekit_video.course import Course
from restorekit_video.heads import gif_fault, is_animated, is_lossless, png_depth

if TYPE_CHECKING:
    from PIL.Image import Image

    from restorekit import Array

MOST_PIXELS = 250_000_000
"""Of all frames together, as they are in memory until they are written."""

_MOST_BYTES = 4 * MOST_PIXELS
"""Of a file, each of whose pixels takes four bytes at most."""

_KINDS = {".gif": "GIF", ".apng": "PNG", ".png": "PNG", ".webp": "WEBP"}
_LONGEST = {"GIF": 655_350, "PNG": 65_535, "WEBP": 2**24 - 1}
"""Milliseconds for which a frame can be shown; one that is to be shown for longer is shown for these."""

_LOOPS = 65_535
_SIDES = {".gif": 65_535, ".webp": 16_383}
"""Pixels of a side at most."""
_LEAST_SIDE = 16


class Animation(Container):
    """Animated GIF, PNG and WebP, in and out; their transparency, durations and number of loops stay."""

    suffixes: ClassVar[tuple[str, ...]] = tuple(_KINDS)

    def holds(self, path: Path) -> bool:
        """Whether it has several frames."""
        return is_animated(path)

    def check(self, clip: Clip) -> None:
        """Look at the file, and at where it goes.

        Raises:
            RestorekitError: It cannot be read, its frames are too many, too small or of 16 bits, or the output is of
                another kind.
        """
        if not clip.frames and clip.output.suffix.lower() not in self.suffixes:
            raise RestorekitError(
                f"{clip.output}: an animation cannot be written as {clip.output.suffix}",
                f"end it in {', '.join(self.suffixes)}",
            )
        if clip.crf is not None or clip.bitrate is not None:
            raise RestorekitError(f"{clip.input}: rates are for videos", "leave the rate out")
        with _opened(clip.input) as image:
            width, height = image.size
            count = getattr(image, "n_frames", 1)
            if min(width, height) < _LEAST_SIDE:
                raise RestorekitError(
                    f"{clip.input}: frames of {width} x {height} pixels are too small",
                    f"each side needs {_LEAST_SIDE}",
                )
            longest = _SIDES.get(clip.output.suffix.lower(), max(width, height))
            if not clip.frames and max(width, height) > longest:
                raise RestorekitError(
                    f"{clip.output}: frames of {width} x {height} pixels are too large for such a file",
                    "end it in .png",
                )
            if width * height * count > MOST_PIXELS:
                raise RestorekitError(
                    f"{clip.input}: {count} frames of {width} x {height} pixels are too many for the memory",
                    "make a video of it first",
                )
            if image.format == "PNG" and png_depth(clip.input) > 8:
                raise RestorekitError(
                    f"{clip.input}: has 16 bits, which would be lost", "convert it to 8 bits"
                )

    def restore(
        self, clip: Clip, start: Callable[[], FrameRestorer], tell: ClipProgress | None = None
    ) -> ClipResult:
        """Restore an animation.

        Raises:
            RestorekitError: It cannot be read, restored or written.
        """
        restorer = start()
        course = Course(restorer)
        frames: list[Image] = []
        durations: list[float] = []
        with _opened(clip.input) as image:
            for frame, duration in _wanted(clip, image):
                made = course(np.ascontiguousarray(frame[..., :3]))
                frames.append(_picture(made, frame[..., 3]))
                durations.append(duration)
                if tell is not None:
                    tell(len(frames), getattr(image, "n_frames", None))
            if not frames:
                raise RestorekitError(
                    f"{clip.input}: has no frame in the part that is wanted", "name another part"
                )
            written = self._write(clip, image, frames, durations, course.restored)
        return ClipResult(len(frames), course.restored, written, course.figure, restorer.notes())

    def _write(
        self, clip: Clip, image: Image, frames: list[Image], durations: list[float], restored: int
    ) -> bool:
        if not restored and clip.only_changed:
            return False
        try:
            if clip.frames:
                for number, frame in enumerate(frames):
                    write_whole(clip.output / f"{number * clip.every:06d}.png", _encoded(frame, "PNG", {}))
            elif not restored and clip.whole and clip.input.suffix.lower() == clip.output.suffix.lower():
                with clip.input.open("rb") as file:
                    write_whole(clip.output, iter(lambda: file.read(2**20), b""))
            else:
                kind = _KINDS[clip.output.suffix.lower()]
                if kind == "GIF":
                    frames = [_of_256(frame) for frame in frames]
                options = _kept(clip.input, image, kind)
                options |= {"save_all": True, "duration": _shown(frames, durations, kind)}
                write_whole(clip.output, _encoded(frames[0], kind, options | {"append_images": frames[1:]}))
        except OSError as error:
            raise RestorekitError(
                f"{clip.output}: cannot be written ({error.strerror or error})",
                "check its folder's permissions and space",
            ) from None
        return True


@contextmanager
def _opened(path: Path) -> Iterator[Image]:
    from PIL import Image, UnidentifiedImageError

    try:
        if not path.is_file():
            raise RestorekitError(f"{path}: is no regular file", "name another file")  # a pipe is waited for
        if (size := path.stat().st_size) > _MOST_BYTES:
            raise RestorekitError(
                f"{path}: is {size / 2**30:.1f} GiB, far more than its frames can need",
                "copy it again from where it came from",
            )
        if fault := gif_fault(path):
            raise RestorekitError(f"{path}: {fault}", "save it again with another program")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large frames, whose number counts, too
            image = Image.open(path, formats=("GIF", "PNG", "WEBP"))
        with image:
            yield image
    except (UnidentifiedImageError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        raise RestorekitError(
            f"{path}: cannot be read as an animation", "see whether a browser shows it"
        ) from None
    except OSError as error:
        raise RestorekitError(
            f"{path}: cannot be read ({error.strerror or error})", "name another file"
        ) from None


def _wanted(clip: Clip, image: Image) -> Iterator[tuple[Array, float]]:
    """Give H,W,4 and the milliseconds of each frame that is wanted; those that are left out lengthen the one before."""
    at, count = 0.0, 0
    waiting: tuple[Array, float] | None = None
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        frame = np.asarray(image.convert("RGBA"))
        duration = float(image.info.get("duration", 0))
        if at >= clip.start * 1000 and (clip.end is None or at < clip.end * 1000):
            if count % clip.every == 0:
                if waiting is not None:
                    yield waiting
                waiting = frame, duration
            elif waiting is not None:
                waiting = waiting[0], waiting[1] + duration
            count += 1
        at += duration
    if waiting is not None:
        yield waiting


def _shown(frames: list[Image], durations: list[float], kind: str) -> list[float]:
    """Give durations that a file can hold, also where its writer joins frames that are alike."""
    longest = _LONGEST[kind] if kind != "WEBP" else min(_LONGEST[kind], (2**31 - 1) // len(frames))
    kept: list[float] = []
    last, together = b"", 0.0
    for frame, duration in zip(frames, durations, strict=True):
        this = frame.copy().convert("RGBA").tobytes()  # converting changes the palette of the frame itself
        together = together if this == last else 0.0
        kept.append(min(duration, longest - together))
        last, together = this, together + kept[-1]
    return kept


def _picture(colours: Array, alpha: Array) -> Image:
    from PIL import Image

    if (alpha == 255).all():
        return Image.fromarray(colours)
    return Image.fromarray(np.dstack([colours, alpha]))


def _of_256(frame: Image) -> Image:
    """Reduce a frame to 256 colours, one of them transparent if the frame is anywhere."""
    from PIL import Image

    if frame.mode == "RGB":
        return frame.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    made = frame.convert("RGB").quantize(255, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    made.paste(255, mask=frame.getchannel("A").point(lambda value: 255 * (value < 128)))
    made.info["transparency"] = 255
    return made


def _kept(path: Path, image: Image, kind: str) -> dict[str, Any]:
    """Return what the file says beside its frames, as the writer of ``kind`` takes it."""
    image.seek(0)
    names = {"loop", "background", "comment"} if kind == "GIF" else {"loop", "icc_profile", "exif", "xmp"}
    options = {name: image.info[name] for name in names if image.info.get(name) not in (None, b"")}
    if image.format != kind:
        options.pop("background", None)
        if options.get("loop", 0) > _LOOPS:
            options["loop"] = 0  # as long as anybody looks
    if kind == "GIF":
        return options | {"disposal": 2, "optimize": False}
    if kind == "WEBP":
        lossless = image.format != "WEBP" or is_lossless(path)
        return options | ({"lossless": True, "exact": True} if lossless else {"quality": 95})
    return options | {"default_image": bool(image.info.get("default_image"))}


def _encoded(image: Image, kind: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
