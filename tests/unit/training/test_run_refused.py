"""What keeps a run from beginning: one line, and nothing of what is there is lost."""

import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file

from restorekit import RestorekitError, cli, train
from restorekit.training.lock import locked
from restorekit.training.processes import local_device


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
        (["--device", "cuda:7"], "no device 'cuda:7' here; choose auto or cpu"),
        (["--device", "cpu:0"], "no device 'cpu:0' here; choose auto or cpu"),  # as the engine onnx says
        (["--device", "meta"], "no device 'meta' here; choose auto or cpu"),
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
    assert "no weights of vgg19: " in line and "vgg.safetensors does not" in line
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("recipe.toml", "schema =", r"recipe.toml:1: "),
        ("log.jsonl", "no log\n", r"log.jsonl is not a log: .*; repair it"),
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
    with pytest.raises(RestorekitError, match="nothing to resume in .*empty; train without resume"):
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


def test_several_processes_do_not_share_a_device(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr("restorekit.training.processes.resolve_device", torch.device)
    with pytest.raises(RestorekitError, match="2 processes cannot share device 'cuda:1'; use cuda or cpu"):
        local_device("cuda:1")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert local_device("cuda") == torch.device("cuda:1") and local_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("said", ["abc", "", "-1", "9" * 5000])
def test_a_number_of_processes_that_is_none_is_named(monkeypatch, said):
    monkeypatch.setenv("WORLD_SIZE", said)
    with pytest.raises(
        RestorekitError, match="WORLD_SIZE=.* in the environment: is no number of processes; unset WORLD_SIZE"
    ):
        local_device("cpu")
