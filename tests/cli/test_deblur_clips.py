"""``restorekit deblur`` of videos, with a restorer that lightens by 20/255."""

import json
import sys

import av
import numpy as np
import pytest
from PIL import Image

import restorekit.restore.load
from restorekit.cli import main
from restorekit.contracts import Restorer
from restorekit.images import read_rgb, write_rgb


class Lighter(Restorer):
    name = "lighter"
    license = "CC0-1.0"

    def restore(self, images):
        return images + 20 / 255


@pytest.fixture
def deblur(monkeypatch, capsys, tmp_path):
    """Run the command in ``tmp_path``; gives (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(restorekit.restore.load, "load_restorer", lambda *_: Lighter())

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["restorekit", "deblur", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return run


def clip(path, frames=4):
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", 10)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        for number in range(frames):
            pixels = np.full((32, 48, 3), 60 + 20 * number, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        file.mux(stream.encode(None))


def grey(path):
    with av.open(str(path)) as file:
        return [round(frame.to_ndarray(format="gray").mean()) for frame in file.decode(video=0)]


def test_a_folder_of_pictures_and_clips(deblur, tmp_path):
    (tmp_path / "all").mkdir()
    clip(tmp_path / "all/clip.mp4")
    (tmp_path / "all/bad.mp4").write_bytes(b"no video")
    write_rgb(tmp_path / "all/photo.png", np.full((20, 20, 3), 100, np.uint8))
    status, out, err = deblur("all", "-o", "out")
    assert status == 1
    assert out.splitlines() == ["all/photo.png -> out/photo.png", "all/clip.mp4 -> out/clip.mp4"]
    assert "error: all/bad.mp4: cannot be read as a video" in err
    assert "note: all/clip.mp4: 4 of 4 frames restored" in err
    assert read_rgb(tmp_path / "out/photo.png")[0, 0, 0] == 120
    gained = np.subtract(grey("out/clip.mp4"), grey("all/clip.mp4"))
    assert (abs(gained - 20) <= 2).all()
    status, out, err = deblur("all/clip.mp4", "-o", "out")
    assert status == 2 and "out/clip.mp4: already exists; give --overwrite" in err


def test_beside_the_input_as_json_and_not_twice(deblur):
    clip("clip.mp4")
    _, out, _ = deblur("clip.mp4", "--json", "--from", "0.1", "--to", "0:0.3")
    told = json.loads(out)
    assert told["output"] == "clip.deblurred.mp4" and told["frames"] == {"found": 2, "restored": 2}
    status, _, err = deblur("clip.deblurred.mp4")
    assert status == 2 and "written by an earlier run" in err


def test_an_animated_gif_and_a_still_png(deblur):
    frames = [Image.new("RGB", (40, 30), (value, value, value)) for value in (60, 90)]
    frames[0].save("a.gif", save_all=True, append_images=frames[1:], duration=50)
    frames[0].save("b.png")
    status, out, _ = deblur("a.gif", "b.png")
    assert (status, out.split()[::3]) == (0, ["b.png", "a.gif"])
    with Image.open("a.deblurred.gif") as image:
        assert image.n_frames == 2 and image.convert("RGB").getpixel((5, 5)) == (80, 80, 80)


def test_frames_as_pictures(deblur, tmp_path):
    clip("clip.mp4", frames=5)
    status, out, _ = deblur("clip.mp4", "--frames", "sheets", "--every", "2")
    assert (status, out) == (0, "clip.mp4 -> sheets\n")
    names = sorted(path.name for path in (tmp_path / "sheets").iterdir())
    assert names == ["000000.png", "000002.png", "000004.png"]
    assert abs(int(read_rgb(tmp_path / "sheets/000002.png")[0, 0, 0]) - 120) <= 3
    status, _, err = deblur("clip.mp4", "--frames", "sheets")
    assert status == 2 and "sheets: already exists" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "soon"], "--from soon: is not a time"),
        (["--from", "2", "--to", "1"], "--to 1: is not after --from"),
        (["--from", "20"], "no frame in the part"),
        (["--bitrate", "fast"], "--bitrate fast: is not a rate"),
        (["--bitrate", "1M", "--crf", "3"], "cannot be used together"),
        (["-o", "out.png"], "a clip cannot be written as .png"),
    ],
)
def test_what_cannot_be_is_a_line(deblur, tmp_path, options, said):
    clip("clip.mp4")
    status, out, err = deblur("clip.mp4", *options)
    assert (status, out) == (2, "") and said in err and "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_picture_is_not_written_as_a_clip(deblur):
    write_rgb("photo.png", np.full((20, 20, 3), 100, np.uint8))
    status, _, err = deblur("photo.png", "-o", "photo.mp4")
    assert status == 2 and "cannot write this kind of file" in err
