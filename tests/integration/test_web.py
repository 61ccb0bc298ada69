"""``restorekit deblur --web`` as it is run: a photo goes in through Gradio's own door and comes back restored."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("gradio", reason="the page needs the extra 'demo'")

from gradio_client import Client, handle_file  # noqa: E402
from gradio_client.exceptions import AppError  # noqa: E402

pytestmark = pytest.mark.slow

DEBLUR = [sys.executable, "-m", "restorekit", "deblur"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the page keeps its photos."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def server(folder):
    """The page's process; its address is the first line that it prints."""
    ours = {"TMPDIR": str(folder), "TEMP": str(folder), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    ours |= {"GRADIO_HEARTBEAT_INTERVAL": "1"}  # notices sooner that a page was closed
    ours |= dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")  # what goes out meets nobody
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # in a background job it is ignored
    process = subprocess.Popen(
        [*DEBLUR, "--web", "--faces", "off"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | ours,
    )
    signal.signal(signal.SIGINT, before)
    process.address = process.stdout.readline().strip()
    yield process
    process.kill()
    process.communicate()


@pytest.fixture(scope="module")
def client(server, tmp_path_factory):
    return Client(server.address, verbose=False, download_files=tmp_path_factory.mktemp("downloads"))


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """A small photo with EXIF, of a quality that nobody would choose."""
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (6, 8, 3), np.uint8).repeat(12, 0).repeat(12, 1)
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    path = tmp_path_factory.mktemp("photos") / "one day, söndag.jpg"
    Image.fromarray(pixels).save(path, exif=exif, quality=63, comment="seen")
    return path


def value(update):
    """What a part of the page was given."""
    return update["value"] if isinstance(update, dict) else update


def restore(client, path, strength=1.0):
    """Drop a photo; gives the file that is offered for download."""
    made = client.predict(
        handle_file(path), "face-mt-unet", "All of the photo", strength, api_name="/restore"
    )
    return Path(value(made[-1]))


def photos(folder):
    """All that is kept of anybody's photos; Gradio leaves an empty file for each upload."""
    found = []
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):  # deleted while we look
            if file.is_file() and file.stat().st_size:
                found.append(file)
    return found


def test_it_listens_to_this_machine_alone(server):
    assert server.address.startswith("http://127.0.0.1:")


def test_the_download_is_what_the_command_writes(client, photo, tmp_path):
    restored = restore(client, photo)
    out = tmp_path / "out.jpg"
    subprocess.run([*DEBLUR, photo, "-o", out, "--faces", "off"], check=True, capture_output=True)
    assert restored.name == "one day, söndag.deblurred.jpg"
    assert restored.read_bytes() == out.read_bytes()
    assert Image.open(restored).getexif()[0x010F] == "a camera"


def test_moving_the_strength_restores_the_same_photo_again(client, photo):
    whole, half = restore(client, photo).read_bytes(), restore(client, photo, 0.5).read_bytes()
    assert whole != half
    for strength, expected in ((1, whole), (0.5, half)):
        made = client.predict("face-mt-unet", "All of the photo", strength, api_name="/again")
        assert Path(value(made[-1])).read_bytes() == expected


def test_a_bad_photo_is_our_line_and_the_next_is_restored(client, photo, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(AppError) as error:
        restore(client, tmp_path / "bad.png")
    assert str(error.value).startswith("bad.png: is not a PNG") and "Traceback" not in str(error.value)
    assert restore(client, photo).exists()


def test_the_terms_are_told(client):
    words = client.predict("face-mt-unet", api_name="/terms")
    assert "non-commercial research only" in words and "never identify a person by its output" in words


@pytest.mark.parametrize("part", ["", "theme.css"])
def test_the_page_loads_nothing_from_elsewhere(server, part):
    text = httpx.get(server.address + part).raise_for_status().text
    loaded = re.findall(r"""(?:src=|<link[^>]*href=|url\(|@import )["']?(\w+:)?//([^/"']+)""", text)
    assert {host for _, host in loaded} <= {server.address.split("/")[2]}


def test_photos_are_deleted_when_the_page_is_closed(server, folder, photo):
    visitor = Client(server.address, verbose=False, download_files=False)
    visitor.predict(handle_file(photo), "face-mt-unet", "All of the photo", 1.0, api_name="/restore")
    before = len(photos(folder))
    visitor.close()
    for _ in range(300):
        if len(photos(folder)) <= before - 4:
            break
        time.sleep(0.2)
    assert len(photos(folder)) == before - 4  # the photo, its result, and the two on the screen


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_the_interrupt_ends_it_quietly_and_leaves_nothing(server, client, folder, photo):
    restore(client, photo)
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=60)
    assert server.returncode == 130
    assert (out, list(folder.iterdir())) == ("", [])
    assert err.splitlines()[1:] == ["open it in a browser; Ctrl-C ends it"]
