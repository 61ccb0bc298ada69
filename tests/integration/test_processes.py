"""Processes that train together draw and degrade, part by part, what one process would."""

import subprocess
import sys

import torch
from safetensors.torch import load_file

PROCESS = """
import sys
import torch
from safetensors.torch import save_file
from restorekit.data.crop import Random
from restorekit.data.degrade import degrade
from restorekit.data.image_task import ImageTask
from restorekit.data.loader import batches
from restorekit.data.samples import DRAW, Samples
from restorekit.recipe import Step
from restorekit.recipe.component import make_component

torch.set_num_threads(1)
process, processes, file = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
tables = {"trajectory_blur": {"kernels": 0}, "gaussian_noise": {"sigma": [0.0, 0.05]}}
steps = [Step(name=n, degradation=make_component("degradation", n, keys), p=0.7) for n, keys in tables.items()]
source = make_component("source", "samples", {})
samples = Samples(source, 7, DRAW, 32, Random(), steps, {"image": ImageTask()})
share = {"process": process, "processes": processes}
found = {}
for number, drawn in enumerate(batches(samples, first=16, count=3, batch=8, workers=0, **share)):
    for name, drew in drawn.params.items():
        found |= {f"drawn.{number}.{name}.{key}": value.contiguous() for key, value in drew.items()}
    found |= {f"drawn.{number}.sharp": drawn.sharp, f"drawn.{number}.chosen": drawn.chosen}
    found[f"degraded.{number}"] = degrade(drawn, steps, torch.device("cpu")).degraded.contiguous()
save_file(found, file)
"""


def test_two_processes_share_the_batches_of_one(tmp_path):
    files = {(i, n): tmp_path / f"{i}-of-{n}" for i, n in ((0, 1), (0, 2), (1, 2))}
    started = [
        subprocess.Popen([sys.executable, "-c", PROCESS, str(i), str(n), str(file)])
        for (i, n), file in files.items()
    ]
    assert [process.wait() for process in started] == [0, 0, 0]
    whole, first, second = (load_file(file) for file in files.values())
    assert whole.keys() == first.keys() == second.keys() and len(whole) >= 15
    for name, value in whole.items():
        together = torch.cat([first[name], second[name]])
        if name.startswith("drawn"):
            assert torch.equal(value, together), name
        else:
            torch.testing.assert_close(value, together, rtol=0, atol=1e-6)
