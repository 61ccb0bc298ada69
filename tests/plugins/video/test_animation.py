"""Animated GIF, PNG and WebP, by a restorer that lightens a box."""

import os
import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from restorekit import Clip, RestorekitError
from restorekit_video.animation import Animation
from restorekit_video.heads import is_lossless

from .clips import Lighter, picture

DURATIONS = [100, 40, 250, 100]


def animate(path, alpha=False, frames=4, size=(40, 60), **options):
    shown = [Image.fromarray(picture(number, *size) // 64 * 64 + 20) for number in range(frames)]
    if alpha:
        mask = Image.new("L", size[::-1], 255)
        mask.paste(0, (0, 0, 10, 10))
        for each in shown:
            each.putalpha(mask)
    kind = {".apng": "PNG"}.get(path.suffix)
    shown[0].save(
        path, kind, save_all=True, append_images=shown[1:], duration=DURATIONS[:frames], loop=3, **options
    )
    return path


def frames_of(path):
    with Image.open(path) as image:
        found = []
        for number in range(image.n_frames):
            image.seek(number)
            found.append((np.asarray(image.convert("RGBA")), image.info["duration"]))
        return found, image.info.get("loop")


def restore(clip, restorer):
    animation = Animation()
    assert animation.holds(clip.input) or clip.input.suffix == ".gif"
    animation.check(clip)
    return animation.restore(clip, lambda: restorer)


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.apng", "a.webp"])
def test_all_but_the_restored_pixels_is_kept(tmp_path, name, alpha):
    options = {"lossless": True, "exact": True} if name == "a.webp" else {}
    source = animate(tmp_path / name, alpha, **options)
    result = restore(Clip(source, tmp_path / f"out.{name}"), Lighter(left={1}))
    before, loop = frames_of(source)
    after, loop_after = frames_of(tmp_path / f"out.{name}")
    assert (result.frames, result.restored) == (4, 3)
    assert [each for _, each in after] == [each for _, each in before] == DURATIONS
    assert loop_after == loop == 3
    for number, ((old, _), (new, _)) in enumerate(zip(before, after, strict=True)):
        assert np.array_equal(old[..., 3], new[..., 3])
        seen = old[..., 3] > 0
        if number == 1:
            assert np.array_equal(old[seen], new[seen])
        else:
            assert new[22:38, 22:38, :3].mean() > old[22:38, 22:38, :3].mean() + 5
            assert np.abs(new[:18].astype(int) - old[:18])[seen[:18]].mean() < 2


def test_one_left_alone_is_copied_and_a_part_is_taken(tmp_path):
    source = animate(tmp_path / "a.webp")
    restore(Clip(source, tmp_path / "same.webp"), Lighter(left=range(4)))
    assert (tmp_path / "same.webp").read_bytes() == source.read_bytes()
    restore(Clip(source, tmp_path / "some.webp", every=2), Lighter())
    assert [each for _, each in frames_of(tmp_path / "some.webp")[0]] == [140, 350]
    restore(Clip(source, tmp_path / "part.gif", start=0.1, end=0.3), Lighter())
    assert [each for _, each in frames_of(tmp_path / "part.gif")[0]] == [40, 250]
    restore(Clip(source, tmp_path / "frames", frames=True), Lighter())
    assert len(list((tmp_path / "frames").iterdir())) == 4


def test_a_still_picture_is_none(tmp_path):
    Image.fromarray(picture(0, 40, 60)).save(tmp_path / "a.png")
    Image.fromarray(picture(0, 40, 60)).save(tmp_path / "a.webp")
    assert not any(Animation().holds(tmp_path / name) for name in ("a.png", "a.webp", "no.png"))


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda p: p.write_bytes(b""), "cannot be read"),
        (lambda p: p.write_bytes(b"GIF89a" + bytes(20)), "cannot be read"),
        (lambda p: animate(p, size=(8, 60)), "too small"),
        (lambda p: os.truncate(animate(p), 2**31), "is 2.0 GiB, far more than its frames can need"),
    ],
)
def test_what_cannot_be_restored_is_a_line(tmp_path, write, said):
    write(tmp_path / "a.gif")
    with pytest.raises(RestorekitError, match=said):
        restore(Clip(tmp_path / "a.gif", tmp_path / "out.gif"), Lighter())
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]
    wide = animate(tmp_path / "b.gif", size=(16, 17_000), frames=2)
    with pytest.raises(RestorekitError, match="17000 x 16 pixels are too large for such a file"):
        restore(Clip(wide, tmp_path / "out.webp"), Lighter())
    good = animate(tmp_path / "b.gif")
    with pytest.raises(RestorekitError, match="cannot be written as .mp4"):
        restore(Clip(good, tmp_path / "out.mp4"), Lighter())


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("left", [0, 4, 11, 13, 30])
def test_a_frame_that_is_cut_off_ends_the_search(tmp_path, lossless, left):
    """Its head could lead back to where the search came from, for ever."""
    path = animate(tmp_path / "a.webp", lossless=lossless)
    assert is_lossless(path) == lossless
    path.write_bytes(path.read_bytes() + b"junk" + bytes(4) + b"ANMF" + struct.pack("<I", 0) + bytes(left))
    assert not is_lossless(path)


def gif(path, frames, screen=(32, 32), comments=0):
    """Black frames of any size, behind comments."""
    data = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + bytes(6) + b"!\xfe\x01a\0" * comments
    for width, height in frames:
        stream = BytesIO()
        Image.new("P", (width, height)).save(stream, "GIF")
        body = stream.getvalue()
        start = body.index(b",", 13)
        data += b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + body[start + 10 : -1]
    path.write_bytes(data + b";")
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: gif(p, [(32, 32), (3000, 3000)]), "frame 1 reaches beyond its 32 x 32 pixels"),
        (lambda p: gif(p, [(32, 32)] * 2, comments=100_000), "its comments are too long"),
        (lambda p: gif(p, [(32, 32)] * 4, screen=(9000, 9000)), "too many for the memory"),
        (os.mkfifo, "is no regular file"),
    ],
)
def test_a_small_file_takes_no_long_time_and_little_memory(tmp_path, make, said):
    make(tmp_path / "a.gif")
    with pytest.raises(RestorekitError, match=said):
        restore(Clip(tmp_path / "a.gif", tmp_path / "out.gif"), Lighter())


def test_a_screen_may_be_as_large_as_the_first_frame(tmp_path):
    gif(tmp_path / "a.gif", [(40, 60), (20, 20)], screen=(0, 0))
    result = restore(Clip(tmp_path / "a.gif", tmp_path / "out.gif"), Lighter())
    assert result.frames == 2


@pytest.mark.parametrize("ending", [".gif", ".png", ".webp"])
@pytest.mark.parametrize("alike", [False, True])
def test_what_another_kind_cannot_say_of_time_costs_no_frame(tmp_path, ending, alike):
    """Frames of hours, which some writers join where they are alike, and loops beyond what others count to."""
    shown = [Image.fromarray(picture(0 if alike else number, 40, 60)) for number in range(3)]
    shown[0].save(
        tmp_path / "a.webp", save_all=True, append_images=shown[1:], duration=2**24 - 1, lossless=True
    )
    restore(Clip(tmp_path / "a.webp", tmp_path / f"out{ending}"), Lighter())
    with Image.open(tmp_path / f"out{ending}") as image:
        assert getattr(image, "n_frames", 1) == (1 if alike else 3)
    shown[1] = Image.fromarray(picture(7, 40, 60))  # else Pillow makes one frame of them
    shown[0].save(tmp_path / "b.png", save_all=True, append_images=shown[1:], duration=10, loop=2**32 - 1)
    restore(Clip(tmp_path / "b.png", tmp_path / f"loops{ending}"), Lighter())
