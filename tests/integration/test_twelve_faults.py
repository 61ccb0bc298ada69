"""One recipe with a fault of each kind: all are named, with their lines, by one command that imports no torch."""

import json
import subprocess
import sys

RECIPE = """\
schema = 1
name = "faults"
[data]
train = { type = "folder", paht = "." }
crop = "centre"
size = 32
[[augment]]
type = "HorizontlFlip"
[[augment]]
type = "Affine"
rotat = [-5, 5]
[[degradation]]
type = "gaussian_noise"
sigma = "much"
[network]
type = "face_multitask_unte"
[[task]]
type = "image"
[[task]]
type = "gradeint"
[[loss]]
type = "l1"
wieght = 2.0
[[loss]]
type = "charbonier"
[optim]
type = "adamww"
schedule = "cosin"
[train]
track = ["tensorbord"]
[validation]
source = { type = "samples" }
metrics = ["pnsr"]
[framing]
type = "whol"
[[stage]]
steps = 1
losses = ["l1"]
"""

WANTED = [
    "faults.toml:4: [data.train] unknown key 'paht'; did you mean 'path'?",
    "faults.toml:5: [data] unknown crop 'centre'; did you mean 'center'?",
    "faults.toml:8: [[augment]] unknown augmentation 'HorizontlFlip'; did you mean 'HorizontalFlip'?",
    "faults.toml:11: [[augment]] unknown key 'rotat'; did you mean 'rotate'?",
    "faults.toml:14: [[degradation]] sigma: input should be a valid array, not 'much'",
    "faults.toml:16: [network] unknown network 'face_multitask_unte'; did you mean 'face_multitask_unet'?",
    "faults.toml:20: [[task]] unknown task 'gradeint'; did you mean 'gradient'?",
    "faults.toml:23: [[loss]] unknown key 'wieght'; did you mean 'weight'?",
    "faults.toml:25: [[loss]] unknown loss 'charbonier'; did you mean 'charbonnier'?",
    "faults.toml:27: [optim] unknown optimiser 'adamww'; did you mean 'adamw'?",
    "faults.toml:28: [optim] unknown schedule 'cosin'; did you mean 'cosine'?",
    "faults.toml:30: [[train.track]] unknown tracker 'tensorbord'; did you mean 'tensorboard'?",
    "faults.toml:33: [[validation.metrics]] unknown metric 'pnsr'; did you mean 'psnr'?",
    "faults.toml:35: [framing] unknown framing 'whol'",
]

PROGRAM = """
import json, sys
from restorekit.cli import main
sys.argv = ["restorekit", "check", "faults.toml"]
try:
    main()
except SystemExit as end:
    print(json.dumps({"status": end.code, "torch": "torch" in sys.modules}))
"""


def test_every_kind_of_fault_is_named_with_its_line_in_one_run_without_torch(tmp_path):
    (tmp_path / "faults.toml").write_text(RECIPE)
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"status": 2, "torch": False}
    said = done.stderr.removeprefix("error: ").splitlines()
    missing = [line for line in WANTED if not any(each.startswith(line) for each in said)]
    assert not missing, done.stderr
