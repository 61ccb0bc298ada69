"""A small report of two face sets, and restorers of a third party."""

import dataclasses

import numpy as np
import pytest
from skimage.data import astronaut

from restorekit import Restorer
from restorekit.evaluation.kernels import KernelSet, save_kernels
from restorekit.images import write_rgb
from restorekit.plugins import registry

TEST = """\
schema = 1
name = "ours"
crop = "center"
size = 48
restorers = ["third_party"]
[source]
type = "folder"
path = "ours"
[[degradation]]
type = "kernel_set"
kernels = "kernels.npz"
[[degradation]]
type = "fixed_noise"
level = 1.0
[[metric]]
type = "psnr"
[[metric]]
type = "ssim_rgb"
"""

RECIPES = {
    "ours": TEST,
    "theirs": 'extends = "ours.toml"\nname = "theirs"\n[source]\ntype = "folder"\npath = "theirs"\n',
    "real": 'extends = "ours.toml"\nname = "real"\ndegradation = []\n[source]\ntype = "folder"\npath = "ours"\n',
    "table-1": 'schema = 1\nshow = "table"\ntitle = "Means"\ntests = ["ours", "theirs"]\nclear = true\n',
    "table-2": 'schema = 1\nshow = "time"\ntitle = "Time"\ntests = ["ours"]\npictures = 2\n'
    'networks = ["face_mt_tiny"]\nagainst = "face_mt_tiny"\n',
    "figure-1": 'schema = 1\nshow = "curve"\ntitle = "By size"\ntests = ["ours"]\nmetrics = ["psnr"]\n',
    "figure-2": 'schema = 1\nshow = "sheet"\ntitle = "Faces"\ntests = ["ours", "real"]\npictures = 2\n',
}


@dataclasses.dataclass(frozen=True)
class ThirdParty(Restorer):
    """Makes pictures brighter, and counts them."""

    seen = []
    name = "third_party"

    def restore(self, images):
        self.seen.append(len(images))
        return images + 2 / 255


@dataclasses.dataclass(frozen=True)
class Told(Restorer):
    """Needs the kernel, which it does not use."""

    name = "told"
    needs = ("kernel",)

    def restore(self, images, kernel):
        return images - 2 / 255


@pytest.fixture
def recipes(tmp_path, monkeypatch):
    """A folder of recipes beside their data; it is the working directory's ``recipes``."""
    for number, folder in enumerate(("ours", "theirs")):
        for name, left in (("a", 60), ("b", 160), ("c", 260)):
            at = tmp_path / "recipes" / folder / f"{name}.png"
            at.parent.mkdir(parents=True, exist_ok=True)
            write_rgb(at, astronaut()[100 * number : 100 * number + 60, left : left + 60])
    kernels = np.zeros((3, 5, 5))
    kernels[0, 2, 1:4] = kernels[1, 1:4, 2] = 1 / 3
    kernels[2, 2] = 1 / 5
    file = tmp_path / "recipes" / "kernels.npz"
    save_kernels(file, KernelSet(kernels, np.array([3, 3, 5]), ("line",) * 3, "lines", "middle"))
    for name, text in RECIPES.items():
        (tmp_path / "recipes" / f"{name}.toml").write_text(text)
    names = registry("restorer")._entries
    before = dict(names)
    for cls in (ThirdParty, Told):
        registry("restorer").add(cls.name, cls, "acme")
    ThirdParty.seen.clear()
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "recipes"
    names.clear()
    names.update(before)
