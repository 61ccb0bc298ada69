"""``restorekit deblur --web`` as it is run: a photo goes in through Gradio's own door and comes back restored."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from zipfile import ZipFile

import httpx
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("gradio", reason="the page needs the extra 'demo'")

from gradio_client import Client, handle_file  # noqa: E402
from gradio_client.exceptions import AppError  # noqa: E402

pytestmark = pytest.mark.slow

WHOLE = "All of the photo"
DOWNLOAD, ALL = -2, -1
"""Where in what the page is given the files to download are."""

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
    while isinstance(update, dict):
        update = update["value"] if "value" in update else update["path"]
    return update


def restore(client, path, strength=1.0):
    """Drop a photo; gives the file that is offered for download."""
    client.predict([handle_file(path)], api_name="/take")
    made = client.predict("face-mt-unet", WHOLE, strength, api_name="/restore")
    return Path(value(made[DOWNLOAD]))


def photos(folder):
    """All that is kept of anybody's photos; Gradio leaves an empty file for each upload."""
    found = []
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):  # deleted while we look
            if file.is_file() and file.stat().st_size:
                found.append(file)
    return found


def kept(folder):
    """Of these, what was copied, and made of it."""
    return [file for file in photos(folder) if "kept" in file.parts]


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
        made = client.predict("face-mt-unet", WHOLE, strength, api_name="/again")
        assert Path(value(made[DOWNLOAD])).read_bytes() == expected


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
    restore(visitor, photo)
    before = len(kept(folder))
    visitor.close()
    for _ in range(300):
        if len(kept(folder)) <= before - 4:
            break
        time.sleep(0.2)
    assert len(kept(folder)) == before - 4  # the photo, its result, and the two on the screen


def test_of_two_photos_both_are_restored_and_packed(client, photo, tmp_path):
    other = Path(shutil.copy(photo, tmp_path / "other.jpg"))
    client.predict([handle_file(photo), handle_file(other)], api_name="/take")
    made = client.predict("face-mt-unet", WHOLE, 1.0, api_name="/restore")
    with ZipFile(value(made[ALL])) as file:
        assert file.namelist() == ["one day, söndag.deblurred.jpg", "other.deblurred.jpg"]
    shown = client.predict(0, api_name="/look_at")
    assert Path(value(shown[DOWNLOAD])).name == "one day, söndag.deblurred.jpg"


def test_the_same_photo_may_be_brought_by_fifty_at_once(server, photo):
    def bring(number):
        visitor = Client(server.address, verbose=False, download_files=False)
        visitor.predict([handle_file(photo)], api_name="/take")
        return value(visitor.predict("face-mt-unet", WHOLE, 1.0, api_name="/restore")[DOWNLOAD])

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(bring, range(50)))) == 50


@pytest.fixture
def ask(server):
    """Ask the page for something; gives the status."""
    begin, host = server.address.rstrip("/"), server.address.split("/")[2]

    def asked(method="GET", path="/", headers=(), **named):
        return httpx.request(
            method, begin + path, headers={"Host": host} | dict(headers), timeout=60, **named
        ).status_code

    asked.port = host.partition(":")[2]
    return asked


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1"},
        {"Origin": "http://127.0.0.1.evil.example:{port}"}, {"Origin": "http://localhost:1"},
        {"Host": "evil.example:{port}"}, {"Host": "127.0.0.1.evil.example"}, {"Host": "[::1]:{port}"}, {"Host": ""},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ],
)  # fmt: skip
def test_another_website_is_not_answered(ask, method, headers):
    sent = {key: words.format(port=ask.port) for key, words in headers.items()}
    assert ask(method, "/gradio_api/run/predict", sent) in (403, 421)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_its_own_browser_is_answered(ask, host):
    here = f"{host}:{ask.port}".lower()
    assert ask("GET", "/", {"Host": here}) == 200
    assert (
        ask("GET", "/config", {"Host": here, "Origin": f"http://{here}", "Sec-Fetch-Site": "same-origin"})
        == 200
    )


def test_an_upload_has_a_limit(ask, folder):
    before = len(list(folder.rglob("*")))
    said = http.client.HTTPConnection("127.0.0.1", ask.port)
    said.putrequest("POST", "/gradio_api/upload")
    said.putheader("Content-Length", str(2**40))
    said.endheaders()
    assert said.getresponse().status == 413

    def endless():
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        yield head
        for _ in range(300):
            yield bytes(2**20)

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert ask("POST", "/gradio_api/upload", kind, content=endless()) == 413
    assert len(photos(folder)) <= before
    assert ask("POST", "/gradio_api/run/predict", content=bytes(2**21)) == 413


@pytest.mark.parametrize(
    "where",
    ["http://evil.example/a.png", "https://evil.example/a.png", "//evil.example/a.png", " HTTP://evil.example", "ftp://x/a"],
)  # fmt: skip
@pytest.mark.parametrize("key", ["path", "url"])
def test_no_file_is_fetched_from_elsewhere(ask, where, key):
    file = {"path": "a.png", "meta": {"_type": "gradio.FileData"}, "orig_name": "a.png"} | {key: where}
    for path in ("/gradio_api/run/predict", "/gradio_api/queue/join", "/gradio_api/call/take"):
        sent = {"data": [file], "fn_index": 0, "session_hash": "x"}
        assert ask("POST", path, json=sent) == 403
    assert ask("GET", f"/gradio_api/file={where.strip()}") == 403
    assert ask("GET", f"/gradio_api/proxy={where.strip()}") == 403


def test_no_file_of_the_machine_is_taken(ask):
    file = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}
    assert ask("POST", "/gradio_api/run/take", json={"data": [file]}) == 403
    assert ask("POST", "/gradio_api/run/take", json={"data": [file | {"path": {}}]}) == 403
    assert ask("GET", "/gradio_api/file=/etc/hostname") == 403


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_the_interrupt_ends_it_quietly_and_leaves_nothing(server, client, folder, photo):
    restore(client, photo)
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=60)
    assert server.returncode == 130
    assert (out, list(folder.iterdir())) == ("", [])
    assert err.splitlines()[1:] == ["open it in a browser; Ctrl-C ends it"]
