"""Requests to the page, as its own browser sends them and as others do."""

import asyncio
import json
import re
import time
from urllib.parse import quote

import pytest
from desk_steps import send

import restorekit.web.app
from restorekit.images import read_rgb

pytest.importorskip("starlette", reason="the page needs the extra 'demo'")

from starlette.testclient import TestClient  # noqa: E402

from restorekit.web.app import _told, build_app  # noqa: E402
from restorekit.web.asked import name_of  # noqa: E402
from restorekit.web.gate import Gate  # noqa: E402

HOST = "127.0.0.1:7860"


@pytest.fixture
def client(desk):
    app = Gate(build_app(desk, 0.8), desk.failures.append)
    with TestClient(app, f"http://{HOST}") as client:
        yield client


@pytest.fixture
def room(client):
    """Where a visitor's photos are."""
    return f"/visits/{client.post('/visits').json()['visitor']}"


def bring(client, desk, room, path, name=None):
    """Bring a photo, and wait for it."""
    sent = client.post(f"{room}/photos?name={quote(name or path.name)}", content=path.read_bytes())
    assert sent.status_code == 200, sent.text
    for _ in range(6000):
        if all(each["phase"] in ("done", "failed") for each in desk.state(room.split("/")[2])["photos"]):
            return f"{room}/photos/{sent.json()['photo']}"
        time.sleep(0.01)
    raise AssertionError("not done")


def test_who_enters_is_told_what_may_be_chosen(client):
    told = client.post("/visits").json()
    assert told["models"] == ["kernel-unet", "other"] and "All of the photo" in told["ways"]
    assert told["strength"] == 0.8 and "never identify a person" in told["terms"]


def test_a_photo_goes_in_and_comes_back(client, desk, room, photo, tmp_path):
    where = bring(client, desk, room, photo(), "one day, söndag.png")
    got = client.get(f"{where}/file?strength=0.5")
    assert "filename*=utf-8''one%20day%2C%20s%C3%B6ndag.deblurred.png" in got.headers["content-disposition"]
    (tmp_path / "got.png").write_bytes(got.content)
    assert read_rgb(tmp_path / "got.png")[0, 0].tolist() == [110, 60, 20]
    for side in ("before", "after"):
        shown = client.get(f"{where}/{side}.jpg?most=30&box=0,0,20,20")
        assert shown.headers["content-type"] == "image/jpeg" and shown.content[:2] == b"\xff\xd8"
    assert client.get(f"{room}/all").content[:2] == b"PK"
    assert client.delete(where).status_code == 200 and client.get(f"{where}/file").status_code == 404


def test_choices_are_sent(client, desk, room, photo):
    where = bring(client, desk, room, photo())
    told = client.put(f"{room}/choice", json={"model": "other", "way": "All of the photo"})
    assert told.json()["terms"].startswith("Model lighter")
    for act in ("cancel", "again"):
        assert client.post(f"{where}/{act}").status_code == 200


def test_the_page_is_told_of_what_is_new(desk, photo):
    visitor = desk.enter()

    async def listen():
        told = _told(desk, visitor)
        first = json.loads((await anext(told)).removeprefix("data: "))
        send(desk, visitor, photo())
        while True:
            now = json.loads((await anext(told)).removeprefix("data: "))["photos"][0]
            if now["phase"] == "done":
                break
        assert desk._visits[visitor].away is None
        await told.aclose()
        return first, now

    first, now = asyncio.run(asyncio.wait_for(listen(), 60))
    assert first["photos"] == [] and now["name"] == "a.png" and now["size"] == [60, 40]
    assert desk._visits[visitor].away is not None


def test_an_upload_has_a_limit_and_leaves_nothing(client, desk, room, monkeypatch):
    monkeypatch.setattr(restorekit.web.app, "PHOTO", 1000)
    for content in (bytes(1001), iter([bytes(600), bytes(600)])):
        sent = client.post(f"{room}/photos?name=a.png", content=content)
        assert (sent.status_code, sent.text) == (413, "a.png: is larger than 0 MB")
    assert list(desk.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/nothing", None), ("GET", "/parts/app.py", None), ("GET", "/parts/..%2fapp.py", None),
        ("GET", "/visits/x/events", None), ("POST", "/visits/x/photos?name=a.png", "a"),
        ("GET", "{}/all", None), ("GET", "{}/photos/x/file", None), ("GET", "{}/photos/x/other.jpg", None),
        ("GET", "{}/photos/x/file?strength=nan", None), ("GET", "{}/photos/x/file?strength=2", None),
        ("GET", "{}/photos/x/before.jpg?box=1,2,3", None), ("GET", "{}/photos/x/before.jpg?most=-1", None),
        ("PUT", "{}/choice", "no JSON"), ("PUT", "{}/choice", "[" * 60_000), ("PUT", "{}/choice", "1" * 100_000),
        ("PUT", "{}/choice", "{{}}"), ("PUT", "{}/choice", '{{"model": 1, "way": ""}}'),
        ("PUT", "{}/choice", '{{"model": "x", "way": "y"}}'),
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client, desk, room, method, path, body):
    sent = client.request(method, path.format(room), content=body and body.format())
    assert sent.status_code == 404 and not desk.failures


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1"},
        {"Origin": f"http://127.0.0.1.evil.example:{HOST[-4:]}"}, {"Origin": "http://localhost:1"},
        {"Host": "evil.example:7860"}, {"Host": "127.0.0.1.evil.example"}, {"Host": "[::1]:7860"}, {"Host": ""},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ],
)  # fmt: skip
@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("POST", "/visits")])
def test_another_website_is_not_answered(client, headers, method, path):
    assert client.request(method, path, headers=headers).status_code in (403, 421)


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "LOCALHOST"])
def test_its_own_browser_is_answered(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200
    own = {"Host": host, "Origin": f"http://{host}".lower(), "Sec-Fetch-Site": "same-origin"}
    assert client.post("/visits", headers=own).status_code == 200


def test_the_page_loads_nothing_from_elsewhere_and_no_browser_keeps_it(client):
    for path in ("/", "/parts/page.css", "/parts/page.js", "/parts/compare.js", "/parts/elements.js"):
        got = client.get(path)
        assert got.status_code == 200 and "//" not in re.sub(r"(?m)(^|\s)//.*$", "", got.text)
        assert "default-src 'none'" in got.headers["content-security-policy"]
        assert got.headers["cache-control"] == "no-store"


def test_what_nobody_expected_is_a_line_and_no_traceback(client, desk, monkeypatch):
    monkeypatch.setattr(desk, "enter", lambda: 1 / 0)
    assert client.post("/visits").status_code == 500
    assert [type(error) for error in desk.failures] == [ZeroDivisionError]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("a.png", "a.png"), ("one day, söndag.JPG", "one day, söndag.JPG"), ("../../etc/passwd", "passwd"),
        (r"C:\photos\a.png", "a.png"), ("", "photo"), ("..", "photo"), (".png", "photo.png"),
        ("a\n\x1b[2Jb.png", "a__[2Jb.png"), ("a:b?.png", "a_b_.png"),
        ("é" * 300 + ".png", "é" * 75 + ".png"), ("\ud800.png", "_.png"),
    ],
)  # fmt: skip
def test_names_of_files_are_names_and_nothing_else(given, name):
    assert name_of(given) == name
