"""Two processes that torchrun starts train what one would: gradients, averages, validation, stop and resumption."""

import json
import os
import subprocess
import sys
import tomllib

import pytest
import torch
from safetensors.torch import load_file

RECIPE = """\
schema = 1
name = "shared"
[data]
train = { type = "samples" }
size = 16
batch = 4
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
[[task]]
type = "gradient"
[[loss]]
type = "l1"
tasks = ["image", "gradient"]
[[loss]]
type = "charbonnier"
scales = "finest"
weight = "auto"
[[loss]]
type = "dcgan"
channels = 2
norm = "group"
scales = "finest"
weight = 0.1
optim = { type = "sgd", lr = 0.01 }
[optim]
type = "sgd"
lr = 0.01
[train]
precision = "fp32"
ema = 0.9
log_every = 1
save_every = 2
[validation]
source = { type = "samples", names = ["cat"] }
images = 2
[[stage]]
steps = 2
losses = ["l1"]
[[stage]]
steps = 1
losses = ["charbonnier", "l1"]
[[stage]]
steps = 2
losses = ["l1", "charbonnier", "dcgan"]
"""

# Trains, and notes every gradient that a step is taken with, and the averaged weights at the end.
# Told so, its second process is asked to stop in step 3, and no other.
NOTING = """
import os, signal, sys
import torch
from safetensors.torch import save_file
from restorekit import load_recipe
from restorekit.training import guard, trainer
from restorekit.training.loop import train

recipe, run, notes, processes, stop = *sys.argv[1:4], int(sys.argv[4]), sys.argv[5:]
torch.set_num_threads(1)
step, take, average, kept = guard.Guarded.step, trainer.Trainer.step, trainer.Trainer.average, {}
rank = int(os.environ.get("RANK", 0))

def noting(guarded, loss, clip=0.0):
    for name, parameter in guarded.module.named_parameters():
        if parameter.grad is not None:
            kept[f"{len(kept):05d}.{name}"] = parameter.grad.clone()
    return step(guarded, loss, clip)

def taking(self, drawn, stage, number, **options):
    assert self.processes.count == processes
    assert processes == 1 or torch.distributed.get_world_size() == processes
    if stop and rank == 1 and number == 2:
        os.kill(os.getpid(), signal.SIGTERM)
    return take(self, drawn, stage, number, **options)

def averaging(self, step):
    average(self, step)
    if step == 5:
        kept.update({f"ema.{name}": value.clone() for name, value in self.averaged.state_dict().items()})

guard.Guarded.step, trainer.Trainer.step, trainer.Trainer.average = noting, taking, averaging
try:
    train(load_recipe(recipe), run, device="cpu")
finally:
    save_file(kept, f"{notes}-{rank}.safetensors")
"""

ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}


def torchrun(*command, processes=2):
    launcher = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        str(processes),
    ]
    return subprocess.run(
        [*launcher, *map(str, command)], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


def state(run, step):
    tensors = {}
    for file in sorted((run / "state" / f"step-{step:08d}").glob("*.safetensors")):
        tensors |= load_file(file)
    return tensors


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    (folder / "recipe.toml").write_text(RECIPE)
    (folder / "noting.py").write_text(NOTING)
    return folder


def note(place, name, processes, *stop):
    arguments = [place / "noting.py", place / "recipe.toml", place / name, place / name, processes, *stop]
    if processes == 1:
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
    else:
        done = torchrun(*arguments, processes=processes)
    return done, [load_file(place / f"{name}-{rank}.safetensors") for rank in range(processes)]


@pytest.fixture(scope="module")
def one(place):
    done, (notes,) = note(place, "one", 1)
    assert done.returncode == 0, done.stderr
    return notes


@pytest.fixture(scope="module")
def two(place):
    done, notes = note(place, "two", 2)
    assert done.returncode == 0, done.stderr
    return notes


def test_half_the_batch_each_gives_the_gradients_of_the_whole(one, two):
    gradients = [name for name in one if not name.startswith("ema.")]
    assert len(gradients) > 100 and any("layers" in name for name in gradients)  # the discriminator's too
    for each in two:
        assert each.keys() == one.keys()
        for name in gradients:
            torch.testing.assert_close(each[name], one[name], rtol=0, atol=1e-5)


def test_the_averaged_weights_are_equal_in_all_and_those_of_one(one, two):
    averaged = [name for name in one if name.startswith("ema.")]
    assert averaged
    for name in averaged:
        assert torch.equal(two[0][name], two[1][name])
        torch.testing.assert_close(two[0][name], one[name], rtol=0, atol=1e-5)


def test_the_stored_state_is_that_of_one(place, one, two):
    wanted, found = state(place / "one", 5), state(place / "two", 5)
    assert wanted.keys() == found.keys()
    for name, value in wanted.items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=1e-5)


def test_the_log_of_two_is_that_of_one_with_the_same_balance_and_validation(place, one, two):
    lines = {
        name: [json.loads(line) for line in (place / name / "log.jsonl").read_text().splitlines()]
        for name in ("one", "two")
    }
    assert [line["step"] for line in lines["two"]] == [line["step"] for line in lines["one"]]
    for wanted, found in zip(lines["one"], lines["two"], strict=True):
        if "validation" in wanted:
            assert found["validation"] == pytest.approx(wanted["validation"], abs=0.01)
        else:
            for key in ("terms", "grad_norm"):
                assert found[key] == pytest.approx(wanted[key], abs=1e-5)
    tables = [tomllib.loads((place / name / "recipe.toml").read_text()) for name in ("one", "two")]
    assert tables[0] == tables[1] and tables[0]["loss"][1]["weight"] > 0


def test_a_stop_asked_of_one_is_agreed_by_all_and_resumed_to_the_same_bits(place, two):
    done, _ = note(place, "stopped", 2, "stop")
    assert done.returncode and done.stderr.count("saved at step 3; go on with:") == 1
    assert sorted(path.name for path in (place / "stopped" / "state").iterdir())[-1] == "step-00000003"
    resumed = torchrun(
        "-m",
        "restorekit",
        "train",
        place / "recipe.toml",
        "-o",
        place / "stopped",
        "--resume",
        "--device",
        "cpu",
    )
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout.count(str(place / "stopped" / "bundle")) == 1
    wanted, found = state(place / "two", 5), state(place / "stopped", 5)
    assert wanted.keys() == found.keys() and all(torch.equal(wanted[name], found[name]) for name in wanted)


def test_an_error_of_all_is_said_once_and_nothing_written(place):
    command = [
        "-m",
        "restorekit",
        "train",
        place / "recipe.toml",
        "-o",
        place / "uneven",
        "--set",
        "data.batch=3",
    ]
    done = torchrun(*command, "--device", "cpu")
    said = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert said == ["error: a batch of 3 cannot be shared by 2 processes; set data.batch to a multiple of 2"]
    assert done.returncode and not (place / "uneven").exists()


def test_an_error_of_one_ends_all_and_is_said_once(place):
    (place / "broken.py").write_text(
        "import os, sys\n"
        "from restorekit import RestorekitError, cli\n"
        "from restorekit.training import trainer\n"
        "take = trainer.Trainer.step\n"
        "def fail(self, *given, **options):\n"
        "    if self.processes.index == 1:\n"
        "        raise RestorekitError('a fault', 'mend it')\n"
        "    return take(self, *given, **options)\n"
        "trainer.Trainer.step = fail\n"
        "cli.main()\n"
    )
    done = torchrun(
        place / "broken.py", "train", place / "recipe.toml", "-o", place / "broken", "--device", "cpu"
    )
    said = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert said == ["error: a fault; mend it"] and done.returncode
