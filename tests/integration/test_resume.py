"""A run that was killed and resumed ends where one that was never stopped does, bit for bit."""

import json
import os
import subprocess
import sys

import pytest
from safetensors.numpy import load_file

from restorekit import RestorekitError, load_recipe, train

SMALL = [
    "data.size=32",
    "data.batch=2",
    "network.widths=[8, 16]",
    "network.blocks=[1, 1]",
    "loss.adversarial.channels=4",
    "degradation.0.kernels=6",
    "train.save_every=3",
    "train.validate_every=3",
    "validation.images=2",
    "stage.0.steps=2",
    "stage.1.steps=2",
    "stage.2.steps=2",
]

# For each number of workers a child, so that torch is imported once; it dies by SIGKILL as soon as step 3 is saved.
KILLED = """
import os, signal, sys
import albumentations, skimage.data, timm.optim, timm.scheduler, timm.utils, torch  # once for all
from restorekit import load_recipe
from restorekit.training import loop, run
save = run.save_state
def save_and_die(*given):
    save(*given)
    os.kill(os.getpid(), signal.SIGKILL)
run.save_state = save_and_die
for workers in (0, 2):
    child = os.fork()
    if child == 0:
        settings = [*sys.argv[2:], f"data.workers={workers}"]
        loop.train(load_recipe("face_mt_tiny", settings), f"{sys.argv[1]}/{workers}")
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status
"""


def final_state(run):
    tensors = {}
    for file in sorted((run / "state" / "step-00000006").glob("*.safetensors")):
        tensors |= load_file(file)
    return tensors


@pytest.fixture(scope="module")
def unstopped(tmp_path_factory):
    run = tmp_path_factory.mktemp("unstopped") / "run"
    train(load_recipe("face_mt_tiny", SMALL), run, device="cpu")
    return run


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """The folder of the killed runs, each called by its number of workers."""
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", KILLED, str(folder), *SMALL]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.parametrize("workers", [0, 2])
def test_killed_and_resumed_equals_never_stopped(unstopped, killed, workers):
    run, settings = killed / str(workers), [*SMALL, f"data.workers={workers}"]
    assert [state.name for state in (run / "state").iterdir()] == ["step-00000003"]

    bundle = train(load_recipe("face_mt_tiny", settings), run, device="cpu", resume=True)

    expected, found = final_state(unstopped), final_state(run)
    assert expected.keys() == found.keys() and len(expected) > 100
    for name, tensor in expected.items():
        assert tensor.tobytes() == found[name].tobytes(), name
    for name in ("model.safetensors", "metrics.json"):
        assert (bundle / name).read_bytes() == (unstopped / "bundle" / name).read_bytes()


def test_the_log_of_a_resumed_run_has_every_step_once(unstopped, tmp_path):
    steps = [json.loads(line) for line in (unstopped / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in steps if "validation" in line] == [3, 6]
    with pytest.raises(RestorekitError, match="not empty"):
        train(load_recipe("face_mt_tiny", SMALL), unstopped)
    with pytest.raises(RestorekitError, match="nothing to resume"):
        train(load_recipe("face_mt_tiny", SMALL), tmp_path / "nowhere", resume=True)


def test_a_run_starts_warm_from_a_bundle(unstopped, tmp_path):
    train(
        load_recipe("face_mt_tiny", [*SMALL, "optim.lr=1e-12", "train.ema=0.0"]),
        tmp_path / "run",
        init=unstopped / "bundle",
    )
    before = load_file(unstopped / "bundle" / "model.safetensors")
    after = load_file(tmp_path / "run" / "bundle" / "model.safetensors")
    assert max(abs(before[name] - after[name]).max() for name in before) < 1e-9
