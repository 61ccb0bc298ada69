"""Steps of somebody at the page's desk."""

import os
import shutil
import time

from restorekit.images import read_rgb


def bring(desk, visitor, path):
    """Bring a photo, and wait until nothing more is done to it."""
    photo = send(desk, visitor, path)
    wait(desk, visitor)
    return photo


def send(desk, visitor, path):
    """Bring a photo, and wait for nothing."""
    with desk.place(visitor, path.name, path.stat().st_size) as place:
        shutil.copy(path, place)
        return desk.take(visitor, place)


def wait(desk, visitor):
    for _ in range(6000):
        if all(each["phase"] in ("done", "failed", "cancelled") for each in desk.state(visitor)["photos"]):
            return
        time.sleep(0.01)
    raise AssertionError(desk.state(visitor))


def state(desk, visitor):
    (photo,) = desk.state(visitor)["photos"]
    return photo


def made(desk, visitor, photo, strength=1.0):
    return read_rgb(desk.written(visitor, photo, strength))[0, [0, -1], 0].tolist()


def files(desk):
    return sorted(name for _, _, names in os.walk(desk.folder) for name in names)
