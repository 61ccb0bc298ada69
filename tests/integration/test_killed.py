"""A run that is killed again and again, also while it saves, ends bit for bit where one that never was does."""

import json
import os
import subprocess
import sys

import pytest

RECIPE = """\
schema = 1
name = "killed"
[data]
train = { type = "samples" }
size = 16
batch = 2
workers = 0
[[degradation]]
type = "gaussian_noise"
sigma = [0.05, 0.1]
[network]
type = "face_multitask_unet"
widths = [4, 4]
blocks = [1, 1]
[[task]]
type = "image"
[[loss]]
type = "l1"
[[loss]]
type = "charbonnier"
weight = "auto"
[[loss]]
type = "dcgan"
channels = 2
scales = "finest"
weight = 0.1
[optim]
lr = 0.001
[train]
precision = "fp32"
ema = 0.9
save_every = 2
[[stage]]
steps = 20
losses = ["l1"]
[[stage]]
steps = 20
losses = ["l1", "charbonnier"]
[[stage]]
steps = 30
losses = ["l1", "charbonnier", "dcgan"]
"""

# Forks a child for each part of the run, so that torch is imported once; kills it at a random moment after a step or
# two, or lets it kill itself in the middle of saving: as the files lie written in the draft, or when what they replace
# was moved aside. One that is to be killed stops after seven steps, in case the kill comes late. Prints how each part
# ended, and how many steps had been taken.
KILLER = """
import itertools, json, os, random, signal, sys, time
from pathlib import Path
import albumentations, skimage.data, timm.optim, timm.scheduler, timm.utils, torch  # once for all
from restorekit import load_recipe, whole
from restorekit.training import networks
from restorekit.training.loop import train

folder, rng, parts = Path(sys.argv[1]), random.Random(7), []
torch.set_num_threads(1)
recipe = load_recipe(folder / "recipe.toml")
devnull = os.open(os.devnull, os.O_WRONLY)

def die(*given):
    os.kill(os.getpid(), signal.SIGKILL)

def part(run, moment):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(devnull, 2)
        average, sync, rename = networks.Networks.average, whole._sync, Path.rename
        left = itertools.count(-6)
        def reporting(self, taken):
            average(self, taken)
            os.write(writing, taken.to_bytes(4, "little"))
            if moment == "random" and next(left) == 0:
                signal.pause()
        networks.Networks.average = reporting
        if moment == "written":
            whole._sync = lambda path: die() if path.name == "state.json" else sync(path)
        if moment == "moved aside":
            Path.rename = lambda path, to: die() if path.name.endswith(".part") and to.exists() is False and (
                to.with_name(to.name + ".old").exists()) else rename(path, to)
        saved = list((run / "state").glob("step-????????"))
        train(recipe, run, device="cpu", resume=bool(saved), overwrite=not saved)
        os._exit(0)
    os.close(writing)
    steps = 0
    if moment == "random":
        for _ in range(rng.randint(1, 4)):
            steps = int.from_bytes(os.read(reading, 4), "little")
        time.sleep(rng.uniform(0, 0.04))
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    while (data := os.read(reading, 4)):
        steps = int.from_bytes(data, "little")
    os.close(reading)
    return [moment, os.waitstatus_to_exitcode(status), steps]

parts.append(part(folder / "straight", "never"))
for moment in ["random"] * 8 + ["written", "moved aside", "never"]:
    parts.append(part(folder / "killed", moment))
print(json.dumps(parts))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_ten_kills_change_no_bit(tmp_path):
    (tmp_path / "recipe.toml").write_text(RECIPE)
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(tmp_path)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    straight, *killed, last = json.loads(done.stdout)
    assert straight == ["never", 0, 70] and last == ["never", 0, 70]
    assert len(killed) == 10 and all(status == -9 for _, status, _ in killed), killed
    assert all(0 < steps < 70 for _, _, steps in killed), killed
    wanted = sorted(p for p in (tmp_path / "straight").rglob("*") if p.suffix == ".safetensors")
    assert len(wanted) >= 3
    for file in wanted:
        found = tmp_path / "killed" / file.relative_to(tmp_path / "straight")
        assert found.read_bytes() == file.read_bytes(), file
    names = [sorted(path.name for path in (tmp_path / run).rglob("*")) for run in ("straight", "killed")]
    assert names[0] == names[1]  # nothing is left of what the kills interrupted
