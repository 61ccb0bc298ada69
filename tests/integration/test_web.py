"""``restorekit deblur --web`` as it is run: a photo goes in and comes back restored."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("uvicorn", reason="the page needs the extra 'demo'")

pytestmark = pytest.mark.slow

BLURRED = Path(__file__).parents[2] / "docs" / "images" / "astronaut_blurred.png"
DEBLUR = [sys.executable, "-m", "restorekit", "deblur"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the page keeps its photos."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def server(folder):
    """The page's process; its address is the first line that it prints."""
    ours = {"TMPDIR": str(folder), "TEMP": str(folder), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
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
def client(server):
    with httpx.Client(base_url=server.address, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """A small photo with EXIF, of a quality that nobody would choose."""
    pixels = np.asarray(Image.open(BLURRED).convert("RGB"))[40:168, 40:200]
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    path = tmp_path_factory.mktemp("photos") / "one day, söndag.jpg"
    Image.fromarray(pixels).save(path, exif=exif, quality=63, comment="seen")
    return path


class Visitor:
    """Somebody with the page open."""

    def __init__(self, client):
        self.client = client
        self.room = f"visits/{client.post('visits').json()['visitor']}"
        self._events = client.stream("GET", f"{self.room}/events")
        self._told = self._events.__enter__().iter_lines()

    def bring(self, path):
        """Bring a photo, and wait for it; gives what is told of it."""
        sent = self.client.post(f"{self.room}/photos?name={quote(path.name)}", content=path.read_bytes())
        brought = sent.raise_for_status().json()["photo"]
        for line in self._told:
            for photo in (
                json.loads(line.removeprefix("data: "))["photos"] if line.startswith("data: ") else ()
            ):
                if photo["id"] == brought and photo["phase"] in ("done", "failed"):
                    return photo
        raise AssertionError("the page ended")

    def download(self, photo, strength=1.0):
        """Gives the restored file."""
        where = f"{self.room}/photos/{photo['id']}/file?strength={strength}"
        return self.client.get(where).raise_for_status().content

    def close(self):
        """Close the page."""
        self._events.__exit__(None, None, None)


@pytest.fixture
def visitor(client):
    visitor = Visitor(client)
    yield visitor
    visitor.close()


def kept(folder):
    """All that is kept of anybody's photos."""
    return [path for path in folder.rglob("*") if path.suffix]


def emptied(folder):
    """Whether, within a minute, nothing is kept any more."""
    for _ in range(300):
        if not kept(folder):
            return True
        time.sleep(0.2)
    return False


def command(photo, out, *options):
    subprocess.run([*DEBLUR, photo, "-o", out, "--faces", "off", *options], check=True, capture_output=True)
    return out


def test_it_listens_to_this_machine_alone(server):
    assert server.address.startswith("http://127.0.0.1:")


def test_the_download_is_what_the_command_writes(visitor, photo, tmp_path):
    restored = visitor.download(visitor.bring(photo))
    assert restored == command(photo, tmp_path / "out.jpg").read_bytes()
    (tmp_path / "got.jpg").write_bytes(restored)
    assert Image.open(tmp_path / "got.jpg").getexif()[0x010F] == "a camera"


def test_at_half_the_strength_it_differs_from_it_by_little(visitor, photo, tmp_path):
    png = tmp_path / "a.png"
    Image.open(photo).save(png)
    (tmp_path / "got.png").write_bytes(visitor.download(visitor.bring(png), 0.5))
    got, out = (
        np.asarray(Image.open(path)).astype(int)
        for path in (tmp_path / "got.png", command(png, tmp_path / "out.png", "--strength", "0.5"))
    )
    difference = abs(got - out)
    assert np.quantile(difference, 0.9) <= 1  # more where what was computed passes white or black


def test_a_bad_photo_is_our_line_and_the_next_is_restored(visitor, photo, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    bad = visitor.bring(tmp_path / "bad.png")
    assert bad["phase"] == "failed" and bad["said"][0].startswith("bad.png: is not a PNG")
    assert visitor.bring(photo)["phase"] == "done"


def test_photos_are_deleted_when_the_page_is_closed(client, folder, photo):
    assert emptied(folder)  # of what others before have brought
    visitor = Visitor(client)
    visitor.download(visitor.bring(photo))
    assert len(kept(folder)) == 2
    visitor.close()
    assert emptied(folder)


def test_the_same_photo_may_be_brought_by_twenty_at_once(client, photo):
    def bring(number):
        visitor = Visitor(client)
        restored = visitor.download(visitor.bring(photo))
        visitor.close()
        return restored

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(bring, range(20)))) == 1


def test_what_is_no_http_is_refused_without_a_word(server, client):
    port = int(server.address.rstrip("/").rpartition(":")[2])
    for sent in (
        b"\x16\x03\x01\0\0",
        b"GET / HTTP/9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), 60) as asked:
            asked.sendall(sent)
            assert asked.recv(100).startswith(b"HTTP/1.1 4")
    ended = http.client.HTTPConnection("127.0.0.1", port)
    ended.putrequest("POST", f"/{Visitor(client).room}/photos?name=a.png")
    ended.putheader("Content-Length", "1000")
    ended.endheaders(b"half of it")
    ended.close()
    assert client.get("").status_code == 200


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_the_interrupt_ends_it_quietly_and_leaves_nothing(server, visitor, folder, photo):
    visitor.bring(photo)
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=60)
    assert server.returncode == 130
    assert (out, list(folder.iterdir())) == ("", [])
    assert err.splitlines()[1:] == ["open it in a browser; Ctrl-C ends it"]
