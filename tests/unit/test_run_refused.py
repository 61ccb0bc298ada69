"""What ends a run, or keeps it from beginning: one line, and nothing of what is there is lost."""

import errno
import json
import os
import subprocess
import sys

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from restorekit import RestorekitError, cli, load_recipe, train
from restorekit.training import state
from restorekit.training.exact import exact, resumed
from restorekit.training.failures import explained
from restorekit.training.lock import locked
from restorekit.training.processes import local_device
from restorekit.training.trainer import Trainer

RECIPE = """\
schema = 1
name = "small"
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
[optim]
lr = 0.001
[train]
precision = "fp32"
save_every = 1
log_every = 1
[[stage]]
steps = 2
losses = ["l1", "charbonnier"]
"""


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def recipe(tmp_path):
    (tmp_path / "r.toml").write_text(RECIPE)
    return lambda *overrides: load_recipe(tmp_path / "r.toml", overrides)


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(capsys, monkeypatch, *command):
    """Run the command line; return the one line that it says."""
    monkeypatch.setattr(sys, "argv", ["restorekit", *map(str, command)])
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert ended.value.code == 2 and out == ""
    (line,) = err.splitlines()
    return line


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--device", "cuda:7"], "no device 'cuda:7' here; use --device auto or --device cpu"),
        (["--resume"], "nothing to resume in "),
        (["--set", "stage.0.losses=['l1', 'charbonnier', 'l2']"], "no [[loss]] is called 'l2'"),
        (["--init", "no-bundle"], "no model 'no-bundle'"),
    ],
)
def test_a_run_that_cannot_begin_writes_nothing(recipe, tmp_path, capsys, monkeypatch, options, words):
    recipe()
    line = refused(capsys, monkeypatch, "train", tmp_path / "r.toml", "-o", tmp_path / "runs" / "a", *options)
    assert line.startswith("error: ") and words in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.toml"]


def test_weights_of_another_network_are_refused_before_the_run_begins(recipe, tmp_path, capsys, monkeypatch):
    save_file({"features.0.weight": torch.zeros(64, 1, 3, 3)}, tmp_path / "vgg.safetensors")
    recipe()
    late = "stage=[{steps=1, losses=['l1']}, {steps=1, losses=['l1', 'vgg19']}]"
    loss = f"loss=[{{type='l1'}}, {{type='vgg19', weights='{tmp_path / 'vgg.safetensors'}'}}]"
    options = ["--set", late, "--set", loss, "--device", "cpu"]
    line = refused(capsys, monkeypatch, "train", tmp_path / "r.toml", "-o", tmp_path / "run", *options)
    assert "vgg.safetensors does not hold vgg19: features.0.weight is not [64, 3, 3, 3]; give" in line
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("recipe.toml", "schema =", r"recipe.toml:1: "),
        ("log.jsonl", "no log\n", r"log.jsonl is no log: .*; mend it"),
        ("state/step-00000002/state.json", "[]", "step-00000002 is damaged: .*; bring its files back"),
    ],
)
def test_a_damaged_file_of_a_run_is_a_line(recipe, tmp_path, file, text, words):
    train(recipe(), tmp_path / "run", device="cpu")
    (tmp_path / "run" / file).write_text(text)
    with pytest.raises(RestorekitError, match=words) as error:
        train(recipe("stage.0.steps=3"), tmp_path / "run", device="cpu", resume=True)
    assert len(str(error.value).splitlines()) == 1


def test_resuming_in_an_empty_directory_leaves_it_empty(recipe, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(RestorekitError, match="nothing to resume in .*empty; train without --resume"):
        train(recipe(), tmp_path / "empty", device="cpu", resume=True)
    assert not list((tmp_path / "empty").iterdir())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("network.widths=[4, 8]", "the saved state does not fit the recipe: "),
        ("loss=[{type='l1'}, {type='charbonnier', name='smooth'}]", "its losses are l1, charbonnier, the rec"),
        ("optim.type=sgd", "the state in .* is of another recipe: optim.type has changed"),
    ],
)  # fmt: skip
def test_a_state_of_another_recipe_is_refused_and_kept(recipe, tmp_path, change, words):
    train(recipe(), tmp_path / "run", device="cpu")
    before = files(tmp_path / "run")
    losses = "stage.0.losses=['l1', 'smooth']" if "smooth" in change else "stage.0.steps=3"
    with pytest.raises(RestorekitError, match=words) as error:
        train(recipe(change, losses), tmp_path / "run", device="cpu", resume=True)
    assert len(str(error.value).splitlines()) == 1 and files(tmp_path / "run") == before


def test_a_second_process_in_a_run_directory_is_refused(recipe, tmp_path):
    run = tmp_path / "run"
    train(recipe(), run, device="cpu")
    before = files(run)
    holding = "import sys; from restorekit.training.lock import locked; from pathlib import Path\n"
    holding += "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", holding, str(run)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        for options in ({"resume": True}, {"overwrite": True}):
            with pytest.raises(
                RestorekitError, match="another process trains in .*run; let it end, or choose"
            ):
                train(recipe(), run, device="cpu", **options)
        other.kill()
        other.wait()
    assert (run / "lock").exists()  # as the kill left it, held by nobody
    (run / "lock").unlink()
    assert files(run) == before


def test_a_lock_that_a_kill_left_is_no_obstacle(recipe, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "lock").touch()
    train(recipe(), tmp_path / "run", device="cpu")
    assert not (tmp_path / "run" / "lock").exists()


def test_a_lock_leaves_no_folder_behind_that_it_made(tmp_path):
    with locked(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").is_dir()
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize("fail", ["no space", "too large"])
def test_a_full_disk_leaves_the_last_good_state(tmp_path, monkeypatch, fail):
    tree = {"x": torch.ones(100_000)}
    state.save_state(tmp_path, tree, 1, keep=2)
    before = files(tmp_path)
    if fail == "no space":

        def full(handle):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(RestorekitError, match="cannot save .*step-00000002: .*No space left") as error:
            state.save_state(tmp_path, tree, 2, keep=2)
        assert len(str(error.value).splitlines()) == 1
    else:  # the kernel's own refusal, in the middle of a file
        import resource

        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
        try:
            with pytest.raises(RestorekitError, match="cannot save .*step-00000002: "):
                state.save_state(tmp_path, tree, 2, keep=2)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert files(tmp_path) == before
    assert torch.equal(state.read_state(tmp_path)["x"], tree["x"])


def test_as_many_states_stay_as_the_recipe_says(recipe, tmp_path):
    train(recipe("train.keep=1"), tmp_path / "run", device="cpu")
    assert [path.name for path in (tmp_path / "run" / "state").iterdir()] == ["step-00000002"]


def test_a_run_of_steps_that_are_no_numbers_ends_with_their_inputs(recipe, tmp_path, monkeypatch):
    forward = Trainer.forward

    def spoilt(trainer, drawn, stage):
        outputs, levels = forward(trainer, drawn, stage)
        return {task: [level * float("nan") for level in given] for task, given in outputs.items()}, levels

    train(recipe("stage.0.steps=1"), tmp_path / "run", device="cpu")
    before = files(tmp_path / "run" / "state")
    monkeypatch.setattr(Trainer, "forward", spoilt)
    with pytest.raises(
        RestorekitError, match="not finite in 3 steps in a row, up to step 4; .* holds what"
    ) as error:
        train(
            recipe("stage.0.steps=9", "train.max_skipped=3", "train.save_every=9"),
            tmp_path / "run",
            device="cpu",
            resume=True,
        )
    assert len(str(error.value).splitlines()) == 1 and files(tmp_path / "run" / "state") == before
    with safe_open(tmp_path / "run" / "not-finite-00000004-0.safetensors", "pt") as file:
        assert set(file.keys()) > {"sharp", "degraded"}
        assert file.get_tensor("sharp").shape == (2, 3, 16, 16) and file.metadata()["step"] == "4"


def test_a_step_left_out_is_left_out_of_a_resumed_run_as_well(recipe, tmp_path, monkeypatch):
    forward, spoilt_step = Trainer.forward, []

    def spoilt(trainer, drawn, stage):
        outputs, levels = forward(trainer, drawn, stage)
        factor = float("inf") if spoilt_step[-1] in (2, 3) else 1.0
        return {task: [level * factor for level in given] for task, given in outputs.items()}, levels

    step = Trainer.step

    def numbered(trainer, drawn, stage, number, **options):
        spoilt_step.append(number)
        return step(trainer, drawn, stage, number, **options)

    monkeypatch.setattr(Trainer, "forward", spoilt)
    monkeypatch.setattr(Trainer, "step", numbered)
    train(recipe("stage.0.steps=6"), tmp_path / "straight", device="cpu")
    for steps in (3, 6):  # stopped between the two that are left out
        train(recipe(f"stage.0.steps={steps}"), tmp_path / "run", device="cpu", resume=steps == 6)
    wanted, found = (files(tmp_path / name / "state" / "step-00000006") for name in ("straight", "run"))
    assert wanted == found
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line.get("skipped", 0) for line in lines] == [0, 0, 1, 2, 2, 2]


def test_an_explosion_is_not_saved_over_the_last_good_state(recipe, tmp_path, monkeypatch):
    train(recipe("stage.0.steps=2"), tmp_path / "run", device="cpu")
    before = files(tmp_path / "run" / "state")
    forward = Trainer.forward

    def exploding(trainer, drawn, stage):
        outputs, levels = forward(trainer, drawn, stage)
        return {task: [level + 1e4 for level in given] for task, given in outputs.items()}, levels

    monkeypatch.setattr(Trainer, "forward", exploding)
    with pytest.raises(
        RestorekitError, match="the loss has risen from .* by step 3; the last saved state is from"
    ):
        train(recipe("stage.0.steps=4"), tmp_path / "run", device="cpu", resume=True)
    assert files(tmp_path / "run" / "state") == before


def test_too_little_memory_is_said_with_what_to_change(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(Trainer, "step", lambda *_, **__: torch.empty(2**50))  # as the CPU says it
    with pytest.raises(
        RestorekitError, match="^out of memory with batches of 2 images of 16 px; lower data.batch"
    ):
        train(recipe(), tmp_path / "run", device="cpu")
    with pytest.raises(RestorekitError, match="^out of memory"), explained(recipe()):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nand more")
    with pytest.raises(RuntimeError, match="another fault"), explained(recipe()):
        raise RuntimeError("another fault")


def test_what_cannot_be_exact_is_refused_by_name(recipe):
    said = "^upsample_bicubic2d_backward does not have .*; train without --deterministic"
    with pytest.raises(RestorekitError, match=said), explained(recipe()):
        raise RuntimeError(
            "upsample_bicubic2d_backward does not have a deterministic implementation, but you"
        )


def test_a_deterministic_run_is_noted_and_leaves_torch_as_it_was(recipe, tmp_path):
    train(recipe(), tmp_path / "run", device="cpu", deterministic=True)
    assert json.loads((tmp_path / "run" / "environment.json").read_text())["deterministic"] is True
    assert not torch.are_deterministic_algorithms_enabled()
    with exact(True):
        assert torch.are_deterministic_algorithms_enabled()


def test_another_number_of_threads_is_said_when_a_run_is_resumed(recipe, tmp_path, capsys):
    train(recipe(), tmp_path / "run", device="cpu")
    assert json.loads((tmp_path / "run" / "environment.json").read_text())["threads"] == 1
    torch.set_num_threads(2)
    capsys.readouterr()
    train(recipe("stage.0.steps=3"), tmp_path / "run", device="cpu", resume=True)
    said = "resumed on cpu: the draws are the same as without a stop, the weights not to the bit: threads was 1, is 2"
    assert said in capsys.readouterr().err.splitlines()


def test_what_a_state_was_computed_with_is_kept_with_it(recipe, tmp_path, capsys):
    train(recipe(), tmp_path / "run", device="cpu")
    torch.set_num_threads(2)
    with pytest.MonkeyPatch.context() as patch:  # resumed, but killed before it has saved anything
        patch.setattr(Trainer, "step", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train(recipe("stage.0.steps=3"), tmp_path / "run", device="cpu", resume=True)
    capsys.readouterr()
    train(recipe("stage.0.steps=3"), tmp_path / "run", device="cpu", resume=True)
    assert "the weights not to the bit: threads was 1, is 2" in capsys.readouterr().err


def test_on_a_gpu_a_resumed_run_says_what_holds():
    gpu, plain = torch.device("cuda"), {"device": "a GPU", "threads": 1, "deterministic": False}
    exactly = plain | {"deterministic": True}
    start = "resumed on cuda: the draws are the same as without a stop, the weights"
    assert resumed(gpu, exactly, exactly) == [f"{start} too, as both parts are --deterministic"]
    assert resumed(gpu, plain, plain) == [
        f"{start} not to the bit, for which both parts must be --deterministic"
    ]
    assert resumed(gpu, plain, exactly) == [f"{start} not to the bit: deterministic was False, is True"]
    assert resumed(torch.device("cpu"), plain, plain) == []


def test_several_processes_do_not_share_a_device(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr("restorekit.training.processes.resolve_device", torch.device)
    with pytest.raises(
        RestorekitError, match="2 processes cannot share device 'cuda:1'; use --device cuda or cpu"
    ):
        local_device("cuda:1")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert local_device("cuda") == torch.device("cuda:1") and local_device("cpu") == torch.device("cpu")


def test_a_curriculum_changes_rate_batch_size_and_kernels_and_a_new_loss_begins_cleanly(
    recipe, tmp_path, monkeypatch
):
    seen, step = [], Trainer.step

    def noting(trainer, drawn, stage, number, **options):
        game = [each.optimizer.state for each in trainer._adversaries.values()]
        learnt = sum(bool(len(state)) for state in game)
        moments = len(trainer.optimizer.state)
        (kernel,) = (
            drawn.params["trajectory_blur"].values()
            if len(drawn.params["trajectory_blur"]) == 1
            else (drawn.params["trajectory_blur"]["kernel"],)
        )
        lr = trainer.optimizer.param_groups[0]["lr"]
        seen.append(
            (
                lr,
                len(drawn.ids),
                trainer.inputs(drawn, stage).sharp.shape[-1],
                kernel.shape[-1],
                learnt,
                moments > 0,
            )
        )
        return step(trainer, drawn, stage, number, **options)

    monkeypatch.setattr(Trainer, "step", noting)
    blur = "{{type='trajectory_blur', sizes=[{0}], kernels=4}}"
    game = "{type='dcgan', channels=2, scales='finest', weight=0.01}"
    stages = ", ".join(
        [
            f"{{steps=1, losses=['l1'], lr=0.01, batch=1, size=16, degradation=[{blur.format(5)}]}}",
            f"{{steps=2, losses=['l1', 'dcgan'], degradation=[{blur.format(7)}]}}",
        ]
    )
    train(
        recipe(f"stage=[{stages}]", f"loss=[{{type='l1'}}, {game}]", "data.size=32", "data.batch=4"),
        tmp_path / "run",
        device="cpu",
    )
    # The discriminator has learnt nothing when its stage begins; the generator's moments go on.
    assert seen == [
        (0.01, 1, 16, 5, 0, False),
        (0.001, 4, 32, 7, 0, True),
        (0.001, 4, 32, 7, 1, True),
    ]
