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
freeze = ["encoder.*"]
[[stage]]
steps = 2
losses = ["l1", "charbonnier", "dcgan"]
"""

# Notes every gradient that a step is taken with, and the averaged weights at the end.
NOTING = """
from restorekit import load_recipe
from restorekit.training import learner, networks
from restorekit.training.loop import train

def noted(recipe, run, *overrides):
    kept, step, average = {}, learner.Learner.step, networks.Networks.average

    def noting(learner, loss, clip=0.0):
        for name, parameter in learner.module.named_parameters():
            if parameter.grad is not None:
                kept[f"{len(kept):05d}.{name}"] = parameter.grad.clone()
        return step(learner, loss, clip)

    def averaging(self, taken):
        average(self, taken)
        if taken == 5:
            kept.update({f"ema.{name}": value.clone() for name, value in self.averaged.state_dict().items()})

    learner.Learner.step, networks.Networks.average = noting, averaging
    try:
        train(load_recipe(recipe, overrides), run, device="cpu")
    finally:
        learner.Learner.step, networks.Networks.average = step, average
    return kept
"""

# All that two processes do, one thing after the other, since starting them takes longer than the rest.
JOB = """
import json, os, signal, sys
from pathlib import Path
import torch
from safetensors.torch import save_file
from noting import noted
from restorekit import RestorekitError, cli, load_recipe
from restorekit.training import processes, trainer
from restorekit.training.loop import train

# A command takes leave of the others, as its process ends then. This one goes on: were the group formed again over the
# same store, one of the two could find where the other listened in the first group, and wait there for ever.
processes.leave = lambda: None
place, rank, done = Path(sys.argv[1]), int(os.environ["RANK"]), {}
recipe = str(place / "recipe.toml")
torch.set_num_threads(1)

def command(run, *options):
    sys.argv = ["restorekit", "train", recipe, "-o", str(place / run), "--device", "cpu", "--no-graph", *options]
    try:
        cli.main()
    except SystemExit as ended:
        return ended.code

done["uneven"] = command("uneven", "--set", "data.batch=3")
# What counts failures counts one for each job, and this one lives on.
torch.distributed.barrier()
if rank == 0:
    torch.distributed.distributed_c10d._get_default_store().delete_key("restorekit/failed")
torch.distributed.barrier()

save_file(noted(recipe, place / "two"), place / f"two-{rank}.safetensors")
save_file(noted(recipe, place / "cut", "train.accumulate=2"), place / f"cut-{rank}.safetensors")
done["world"] = torch.distributed.get_world_size()

module = torch.nn.BatchNorm1d(1)
shared = processes.Processes(torch.device("cpu")).shared(module)
for _ in range(2):
    shared(torch.full((2, 1), float(rank)))
done["running mean"] = module.running_mean.item()

step = trainer.Trainer.step
def stopping(self, raw, **options):
    if rank == 1 and self.taken == 2:
        os.kill(os.getpid(), signal.SIGTERM)
    return step(self, raw, **options)
trainer.Trainer.step = stopping
try:
    train(load_recipe(recipe), place / "stopped", device="cpu")
except KeyboardInterrupt:
    done["stopped"] = sorted(path.name for path in (place / "stopped" / "state").iterdir())
trainer.Trainer.step = step
done["resumed"] = command("stopped", "--resume")

(place / f"done-{rank}.json").write_text(json.dumps(done))

def failing(self, *given, **options):
    if rank == 1:
        raise RestorekitError("a fault", "fix it")
    return step(self, *given, **options)
trainer.Trainer.step = failing
sys.exit(command("broken"))
"""


def state(run, step):
    tensors = {}
    for file in sorted((run / "state" / f"step-{step:08d}").glob("*.safetensors")):
        tensors |= load_file(file)
    return tensors


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    for name, text in (("recipe.toml", RECIPE), ("noting.py", NOTING), ("job.py", JOB)):
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def one(place):
    """The gradients and averaged weights of a single process."""
    there: dict[str, object] = {}
    exec(NOTING, there)  # as the job imports it
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return there["noted"](place / "recipe.toml", place / "one")
    finally:
        torch.set_num_threads(before)


@pytest.fixture(scope="module")
def job(place):
    """How the two processes ended, and what each of them noted on the way."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    ended = subprocess.run(
        [sys.executable, *launcher, str(place / "job.py"), str(place)],
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    files = [place / f"done-{rank}.json" for rank in range(2)]
    assert all(file.exists() for file in files), ended.stderr
    return ended, [json.loads(file.read_text()) for file in files]


@pytest.fixture(scope="module")
def two(place, job):
    """The gradients and averaged weights of each of two processes."""
    assert [done["world"] for done in job[1]] == [2, 2]
    return [load_file(place / f"two-{rank}.safetensors") for rank in range(2)]


def test_running_statistics_are_each_processs_own_between_two_looks_and_torch_deprecates_nothing(job):
    ended, done = job
    assert [each["running mean"] for each in done] == [0, pytest.approx(0.19)]
    assert "FutureWarning" not in ended.stderr


def errors(ended):
    return [line for line in ended.stderr.splitlines() if line.startswith("error: ")]


def test_half_the_batch_each_gives_the_gradients_of_the_whole(one, two):
    gradients = [name for name in one if not name.startswith("ema.")]
    assert len(gradients) > 100 and any("layers" in name for name in gradients)  # the discriminator's too
    for each in two:
        assert each.keys() == one.keys()
        for name in gradients:
            torch.testing.assert_close(each[name], one[name], rtol=0, atol=1e-5)


def test_half_the_batch_each_in_parts_gives_them_too(place, one, job):
    for rank in range(2):
        found = load_file(place / f"cut-{rank}.safetensors")
        assert found.keys() == one.keys()
        for name, value in found.items():
            torch.testing.assert_close(value, one[name], rtol=0, atol=1e-5)


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


def test_a_stop_asked_of_one_is_agreed_by_all_and_resumed_to_the_same_bits(place, two, job):
    ended, done = job
    assert ended.stderr.count("saved at step 3\n") == 1
    assert all(each["stopped"][-1] == "step-00000003" for each in done)
    assert [each["resumed"] for each in done] == [0, 0]
    assert ended.stdout.count(str(place / "stopped" / "bundle")) == 1
    wanted, found = state(place / "two", 5), state(place / "stopped", 5)
    assert wanted.keys() == found.keys() and all(torch.equal(wanted[name], found[name]) for name in wanted)


def test_an_error_of_all_is_said_once_and_nothing_written(place, job):
    ended, done = job
    said = "error: a batch of 3 cannot be shared by 2 processes; set data.batch to a multiple of 2"
    assert errors(ended)[0] == said and errors(ended).count(said) == 1
    assert [each["uneven"] for each in done] == [2, 2] and not (place / "uneven").exists()


def test_an_error_of_one_ends_all_and_is_said_once(job):
    ended, _ = job
    assert errors(ended)[1:] == ["error: a fault; fix it"] and ended.returncode
