"""Animated GIF, PNG and WebP, by a restorer that lightens a box."""

import struct

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
    ],
)
def test_what_cannot_be_restored_is_a_line(tmp_path, write, said):
    write(tmp_path / "a.gif")
    with pytest.raises(RestorekitError, match=said):
        restore(Clip(tmp_path / "a.gif", tmp_path / "out.gif"), Lighter())
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]
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
