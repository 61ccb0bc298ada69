"""list, show, check, doctor and train: data on stdout, words on stderr, one line an error, and the exit status."""

import json
import subprocess
import sys

import pytest

import restorekit
from restorekit.cli import main
from restorekit.kinds import KINDS
from restorekit.plugins import Failure, host
from restorekit.training import loop

RECIPE = """\
schema = 1
name = "base"
[data]
train = { type = "samples" }
size = 32
batch = 2
workers = 0
[network]
type = "face_multitask_unet"
widths = [4, 4]
blocks = [0, 0]
[[task]]
type = "image"
[[loss]]
type = "l1"
[[stage]]
steps = 1
losses = ["l1"]
"""


@pytest.fixture
def cli(run_cli, tmp_path):
    """Run the command line beside a recipe; gives (status, stdout, stderr)."""
    (tmp_path / "r.toml").write_text(RECIPE)
    return run_cli


def failing(cli, *arguments):
    """What a command that does nothing says; the status is 2 and stdout empty."""
    status, out, err = cli(*arguments)
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    return err


def test_a_fault_of_a_recipe_is_told_by_the_program_itself(tmp_path):
    (tmp_path / "r.toml").write_text(RECIPE.replace("widths", "wdiths").replace("size", "sise"))
    program = [sys.executable, "-c", "from restorekit.cli import main; main()", "check", "r.toml"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "error: r.toml:5: [data] unknown key 'sise'; did you mean 'size'?",
        "r.toml:10: [network] unknown key 'wdiths'; did you mean 'widths'?",
    ]


def test_debug_shows_the_traceback(cli, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["restorekit", "--debug", "check", "nowhere.toml"])
    with pytest.raises(restorekit.RestorekitError):
        main()


def test_the_version_is_printed(cli):
    assert cli("--version") == (0, f"restorekit {restorekit.__version__}\n", "")


def test_list_names_every_component_and_its_owner(cli):
    status, out, _ = cli("list")
    assert status == 0
    assert ["network", "face_multitask", "restorekit"] in [line.split() for line in out.splitlines()]
    rows = json.loads(cli("list", "--json")[1])
    assert {row["kind"] for row in rows} <= set(KINDS) and len(rows) == len(out.splitlines())
    assert rows == sorted(rows, key=lambda row: (list(KINDS).index(row["kind"]), row["name"]))
    assert {row["name"] for row in json.loads(cli("list", "task", "--json")[1])} == {
        "image",
        "face_maps",
        "gradient",
        "kernel",
    }
    assert json.loads(cli("list", "model", "--json")[1]) == []
    assert failing(cli, "list", "networks") == "error: unknown kind 'networks'; did you mean 'network'?\n"


def test_show_documents_a_component(cli):
    status, out, _ = cli("show", "degradation", "gaussian_noise")
    assert status == 0
    assert out.startswith(
        "degradation gaussian_noise  (restorekit, restorekit_degradations.noise:GaussianNoise)\n"
    )
    assert "sigma = [0.0, 0.01]    tuple[float, float]\n      Least and greatest standard deviation" in out
    assert "path = required    Path" in cli("show", "source", "folder")[1]


def test_show_of_a_name_that_is_not_there_suggests_one(cli):
    wanted = "error: unknown network 'face_multitask_unte'; did you mean 'face_multitask_unet'?\n"
    assert failing(cli, "show", "network", "face_multitask_unte") == wanted
    assert "unknown kind 'netwrok'; did you mean 'network'?" in failing(cli, "show", "netwrok", "x")


def test_check_says_good_or_all_that_is_not(cli):
    status, out, _ = cli("check", "r.toml", "--set", "stage.0.steps=1500")
    assert status == 0 and "good" in out and "1,500 steps" in out
    assert cli("check", "face_mt_tiny")[0] == 0
    err = failing(cli, "check", "r.toml", "--set", "stage.0.steps=0", "--set", "network.wdiths=[1]")
    assert len(err.splitlines()) == 2
    assert "override network.wdiths: unknown key 'wdiths'; did you mean 'widths'?" in err
    assert "give a TOML file, or one of: face_detector, face_mt, " in failing(cli, "check", "nowhere")
    assert "give a recipe, or --schema" in failing(cli, "check")


def test_check_prints_the_schema_for_editors(cli):
    schema = json.loads(cli("check", "--schema")[1])
    assert schema["title"] == "restorekit recipe"
    assert {"data", "network", "stage"} <= schema["properties"].keys()


def test_doctor_tells_versions_devices_plugins_and_failures(cli, monkeypatch):
    monkeypatch.setattr(host(), "failures", [Failure("bad", "acme", "1.2", "ImportError: no")])
    status, out, _ = cli("doctor")
    assert status == 0
    assert f"package     restorekit {restorekit.__version__}" in out
    assert "plugin      motion_blur (restorekit " in out
    assert "FAILED      bad (acme 1.2): ImportError: no" in out
    found = json.loads(cli("doctor", "--json")[1])
    assert found["packages"]["torch"] and any(device.startswith("cpu (") for device in found["devices"])
    assert found["failures"] == [
        {"name": "bad", "distribution": "acme", "version": "1.2", "error": "ImportError: no"}
    ]


def test_train_prints_the_bundle_and_goes_nowhere_twice(cli, tmp_path):
    status, out, _ = cli("train", "r.toml", "--device", "cpu")
    assert (status, out) == (0, "runs/base/bundle\n")
    assert (tmp_path / "runs" / "base" / "bundle" / "model.safetensors").is_file()
    assert "runs/base is not empty; resume or overwrite it (--resume, --overwrite)" in failing(
        cli, "train", "r.toml"
    )
    assert cli("train", "r.toml", "--device", "cpu", "--overwrite")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("r.toml", "-o", "."), "error: . is not empty; choose another directory (-o)\n"),
        (("r.toml", "-o", ".", "--overwrite"), "error: . is not empty; choose another directory (-o)\n"),
        (("r.toml", "--resume"), "error: nothing to resume in runs/base; train without resume (--resume)\n"),
        (("r.toml", "--init", "nowhere"), "no model 'nowhere'; give a bundle directory, or one of: "),
        (("r.toml", "--device", "abacus"), "error: no device 'abacus' here; choose auto or cpu\n"),
        (("r.toml", "--set", "optim.type=adamm"), "optimiser 'adamm'"),
        (("r.toml", "--set", "augment=[{type='HorizontalFlpi'}]"), "did you mean 'HorizontalFlip'?"),
        (("face_mt",), "[data.train] missing key 'path'; add it, or set data.train.path=VALUE"),
        (("face_mt_unet", "--set", "data.train.path=faces", "--set", "validation.source.path=faces"), "no folder "),
        (("r.toml", "--set", "data.train={type='folder',path='.'}"), "no pictures in "),
        (("nowhere.toml",), "error: no recipe 'nowhere.toml'; give a TOML file, or one of: "),
    ],
)  # fmt: skip
def test_train_says_what_keeps_it_and_leaves_nothing_behind(arguments, message, cli, tmp_path):
    assert message in failing(cli, "train", *arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["r.toml"]


def test_an_interrupted_training_ends_with_130(cli, monkeypatch):
    def interrupted(*given, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "train", interrupted)
    status, out, _ = cli("train", "r.toml")
    assert (status, out) == (130, "")
