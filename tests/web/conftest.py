"""A desk with stand-ins for the models: they lighten by 20/255."""

import numpy as np
import pytest

import restorekit.web.choice
from restorekit.contracts import Restorer
from restorekit.images import write_rgb
from restorekit.web.choice import Models
from restorekit.web.desk import Desk
from restorekit.web.studio import Studio
from restorekit_faces.framing import Faces

WHOLE = "All of the photo"


class Lighter(Restorer):
    name, license = "lighter", "CC0-1.0"

    def __init__(self):
        self.restored = 0

    def restore(self, images):
        self.restored += 1
        return images + 20 / 255


@pytest.fixture
def loads(monkeypatch):
    """Which models were loaded, and what they are."""
    loaded = {}

    def load_restorer(model, device, engine=None):
        return loaded.setdefault(model, Lighter())

    monkeypatch.setattr(restorekit.web.choice, "load_restorer", load_restorer)
    monkeypatch.setattr(restorekit.web.choice, "shipped", lambda: ["kernel-unet", "other"])
    return loaded


@pytest.fixture
def make_desk(tmp_path, loads):
    """Make a desk with another framing, or with other limits."""

    def make(framing=None, tile="auto", max_pixels=10**8):
        folder = tmp_path / "desk"
        folder.mkdir(exist_ok=True)
        failures = []
        desk = Desk(
            folder, Studio(Models(), framing or Faces(faces="off"), tile, max_pixels), failures.append
        )
        desk.failures = failures
        return desk

    return make


@pytest.fixture
def desk(make_desk):
    return make_desk()


@pytest.fixture
def photo(tmp_path):
    """A photo of one colour."""

    def make(name="a.png", value=100, size=(40, 60)):
        path = tmp_path / name
        write_rgb(path, np.full((*size, 3), (value, value // 2, 10), np.uint8))
        return path

    return make


@pytest.fixture
def visitor(desk):
    return desk.enter()
