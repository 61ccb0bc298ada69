"""What ends a run, or is left out of it, and in how far a resumed one is what it would have been."""

import json

import pytest
import torch
from safetensors import safe_open

from restorekit import RestorekitError, train
from restorekit.training.exact import exact, resumed
from restorekit.training.failures import explained
from restorekit.training.trainer import Trainer


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_as_many_states_stay_as_the_recipe_says(recipe, tmp_path):
    train(recipe("train.keep=1"), tmp_path / "run", device="cpu")
    assert [path.name for path in (tmp_path / "run" / "state").iterdir()] == ["step-00000002"]


def test_a_run_of_steps_that_are_no_numbers_ends_with_their_inputs(recipe, tmp_path, monkeypatch):
    forward = Trainer.forward

    def spoilt(trainer, raw):
        outputs, levels = forward(trainer, raw)
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
    forward = Trainer.forward

    def spoilt(trainer, raw):
        outputs, levels = forward(trainer, raw)
        factor = float("inf") if trainer.taken in (2, 3) else 1.0
        return {task: [level * factor for level in given] for task, given in outputs.items()}, levels

    monkeypatch.setattr(Trainer, "forward", spoilt)
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

    def exploding(trainer, raw):
        outputs, levels = forward(trainer, raw)
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
        RestorekitError, match="^out of memory with batches of 2 images of 16 px; raise train.accumulate"
    ):
        train(recipe(), tmp_path / "run", device="cpu")
    with pytest.raises(RestorekitError, match="^out of memory"), explained(recipe()):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nand more")
    with pytest.raises(RuntimeError, match="another fault"), explained(recipe()):
        raise RuntimeError("another fault")


def test_what_cannot_be_exact_is_refused_by_name(recipe):
    said = "^upsample_bicubic2d_backward does not have .*; train without deterministic"
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
    assert resumed(gpu, exactly, exactly) == [f"{start} too, as both parts are deterministic"]
    assert resumed(gpu, plain, plain) == [
        f"{start} not to the bit, for which both parts must be deterministic"
    ]
    assert resumed(gpu, plain, exactly) == [f"{start} not to the bit: deterministic was False, is True"]
    assert resumed(torch.device("cpu"), plain, plain) == []


def test_a_curriculum_changes_rate_batch_size_and_kernels_and_a_new_loss_begins_cleanly(
    recipe, tmp_path, monkeypatch
):
    seen, step = [], Trainer.step

    def noting(trainer, raw, **options):
        game = [each.optimizer.state for each in trainer.networks.adversaries.values()]
        learnt = sum(bool(len(state)) for state in game)
        optimizer = trainer._generator.optimizer
        moments = len(optimizer.state)
        (kernel,) = (
            raw.params["trajectory_blur"].values()
            if len(raw.params["trajectory_blur"]) == 1
            else (raw.params["trajectory_blur"]["kernel"],)
        )
        lr = trainer.lr
        seen.append(
            (
                lr,
                len(raw),
                trainer.inputs(raw).sharp.shape[-1],
                kernel.shape[-1],
                learnt,
                moments > 0,
            )
        )
        return step(trainer, raw, **options)

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
