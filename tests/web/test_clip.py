"""Clips on the page, with stand-ins for the models."""

import time

import av
import numpy as np
import pytest
from starlette.testclient import TestClient

from restorekit.web.app import build_app
from restorekit.web.gate import Gate


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "wave.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", 10)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        for number in range(6):
            pixels = np.full((32, 48, 3), 60 + 20 * number, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        file.mux(stream.encode(None))
    return path


@pytest.fixture
def page(desk):
    with TestClient(
        Gate(build_app(desk, 1.0), desk.failures.append), base_url="http://127.0.0.1:80"
    ) as client:
        yield client


def bring(page, desk, data, name):
    visitor = page.post("/visits").json()["visitor"]
    photo = page.post(f"/visits/{visitor}/photos", params={"name": name}, content=data).json()["photo"]
    for _ in range(600):
        (state,) = desk.state(visitor)["photos"]
        if state["phase"] in ("done", "failed"):
            return f"/visits/{visitor}/photos/{photo}", state
        time.sleep(0.1)
    raise AssertionError(state)


def test_a_clip_is_restored_and_played_beside_its_source(page, desk, clip):
    place, state = bring(page, desk, clip.read_bytes(), "wave.mp4")
    assert (state["phase"], state["clip"]) == ("done", True), state
    assert state["said"][0] == "6 of 6 frames were restored."
    before, after = (page.get(f"{place}/{side}/clip") for side in ("before", "after"))
    assert before.content == clip.read_bytes() and before.headers["content-type"] == "video/mp4"
    part = page.get(f"{place}/after/clip", headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    saved = page.get(f"{place}/file", params={"strength": "0.5"})
    assert saved.content == after.content and "wave.deblurred.mp4" in saved.headers["content-disposition"]
    assert page.get(f"{place}/between/clip").status_code == 404
    assert not desk.failures


def test_a_bad_clip_is_a_line_that_names_it_alone(page, desk):
    place, state = bring(page, desk, b"no video", "wave.mp4")
    assert state["phase"] == "failed"
    assert state["said"][0].startswith("wave.mp4: cannot be read as a video")
    assert page.get(f"{place}/after/clip").status_code == 404
    assert not desk.failures
