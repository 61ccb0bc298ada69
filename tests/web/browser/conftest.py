"""The page as it is served, in a headless Chromium at three widths."""

import os
import threading
import types

import numpy as np
import pytest
from two_faces import InFaces

from restorekit.contracts import Restorer
from restorekit.images import write_rgb

WIDTHS = {390: 844, 768: 1024, 1280: 900}


class Lighter(Restorer):
    """Lightens by 40/255, when it may."""

    name, license = "lighter", "CC0-1.0"

    def __init__(self):
        self.go = threading.Event()
        self.go.set()

    def restore(self, images):
        assert self.go.wait(60)
        return images + 40 / 255


@pytest.fixture(scope="module")
def lighter():
    return Lighter()


@pytest.fixture(scope="module")
def address(tmp_path_factory, lighter):
    """The page, served to the end of the tests."""
    from restorekit.web.desk import Desk
    from restorekit.web.serve import serve
    from restorekit.web.studio import Studio

    models = types.SimpleNamespace(
        names=["lighter"], load=lambda name: lighter, terms=lambda name: "Model lighter."
    )
    desk = Desk(tmp_path_factory.mktemp("kept"), Studio(models, InFaces(), "auto", 10**7))
    told, ready = [], threading.Event()

    def there(address):
        told.append(address)
        ready.set()

    threading.Thread(target=serve, args=(desk, 1.0, there), daemon=True).start()
    assert ready.wait(60)
    desk._work.add(lambda: None).result(60)  # what it measures first
    return told[0]


@pytest.fixture(scope="module")
def chromium():
    """The browser that RESTOREKIT_BROWSER names, or playwright's own where that is 1."""
    from playwright.sync_api import sync_playwright

    named = os.environ["RESTOREKIT_BROWSER"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=named if os.path.isabs(named) else None, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture(params=WIDTHS)
def page(request, chromium, address):
    """The page at one of three widths; nothing goes wrong in it, and nothing is asked of anybody else."""
    page = chromium.new_page(viewport={"width": request.param, "height": WIDTHS[request.param]})
    page.wrong, page.asked = [], []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("filechooser", lambda chooser: None)  # so that they are told of from now on
    page.goto(address)
    page.get_by_text("Model lighter.").wait_for()
    yield page
    assert page.wrong == [] and all(url.startswith((address, "data:", "blob:")) for url in page.asked)
    page.close()


@pytest.fixture
def photos(tmp_path):
    """Two photos of 640 x 360, and a file that is none."""
    for name, value in (("a.png", 100), ("b.png", 150)):
        write_rgb(tmp_path / name, np.full((360, 640, 3), value, np.uint8))
    (tmp_path / "c.png").write_bytes(b"no picture")
    return [str(tmp_path / name) for name in ("a.png", "b.png", "c.png")]
