"""``restorekit evaluate``, with restorers that sharpen nothing."""

import json
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from skimage.data import astronaut

import restorekit.evaluation.plots
import restorekit.restore.load
from restorekit.contracts import Restorer
from restorekit.images import read_rgb, write_rgb

FACES = ("--data", "faces", "--kernels", "k.npz")


class Brighter(Restorer):
    """Adds so many grey levels; three are called alike."""

    name = "still"

    def __init__(self, levels):
        self.levels = levels

    def restore(self, images):
        return images + self.levels / 255


def load(model, device):
    """``bright`` and ``bundles/bright`` differ; anything else is the identity."""
    return Brighter({"bright": 3, "bundles/bright": 6}.get(model, 0))


@pytest.fixture
def evaluate(monkeypatch, run_cli, tmp_path):
    """Run the command in a folder with ``faces/`` and a kernel file; returns exit status, stdout, stderr."""
    faces = tmp_path / "faces"
    faces.mkdir()
    for name, image in {"a.png": astronaut()[:218, 130:308], "b.png": astronaut()[100:318, 130:308]}.items():
        write_rgb(faces / name, image)
    kernels = np.zeros((2, 3, 3), np.float32)
    kernels[0, 1, 1] = kernels[1, 0, 0] = 1
    np.savez(tmp_path / "k.npz", kernels=kernels, sizes=[1, 3], name="shifts", law="none", centring="middle")
    monkeypatch.setattr(restorekit.restore.load, "load_restorer", load)
    return partial(run_cli, "evaluate")


def test_a_table_and_the_whole_result(evaluate, tmp_path):
    status, out, err = evaluate("--data", "faces", "--kernels", "k.npz", "--json", "out.json")
    assert (status, err) == (0, "")
    assert "still on faces: 2 pictures x 2 k" in out
    for words in (
        "8-bit RGB",
        "s.e.: standard deviation of the per-picture means",
        "colour_shift: mean over all pixels",
        "higher is better",
        "lower is better",
        "reblur: PSNR in dB",
    ):
        assert words in out
    result = json.loads((tmp_path / "out.json").read_text())
    assert (result["data"], result["list"], result["pairs"]) == ("faces", None, 4)
    assert [step["type"] for step in result["protocol"]["degradation"]] == ["kernel_set", "fixed_noise"]
    assert (result["protocol"]["crop"], result["protocol"]["degradation"][0]["kernels"]) == (
        "celeba",
        "k.npz",
    )
    assert {"psnr", "ssim_rgb", "ssim_matlab3d"} <= set(result["metrics"])
    (model,) = result["models"]
    overall = model["overall"]["psnr"]
    assert model["name"] == "still"
    assert overall["output"] == result["input"]["overall"]["psnr"] and overall["gain"]["mean"] == 0
    assert str(tmp_path) not in out + json.dumps(result)


def test_the_input_scores_without_a_model(evaluate):
    status, out, _ = evaluate(
        "--data", "faces", "--kernels", "k.npz", "--model", "input", "--noise", "3", "--limit", "1"
    )
    assert status == 0 and "input on faces: 1 pictures x 2 k" in out
    assert "gain" not in out.partition("psnr: ")[0]


def test_a_manifest_of_another_program_does_not_make_a_folder_a_set(evaluate, tmp_path):
    (tmp_path / "faces" / "manifest.json").write_text('{"name": "a page", "icons": []}')
    status, out, _ = evaluate(*FACES, "--model", "input")
    assert status == 0 and "input on faces: 2 pictures x 2 k" in out


def test_several_models_stand_side_by_side(evaluate, tmp_path):
    status, out, _ = evaluate(*FACES, "--model", "input", "--model", "bright", "--json", "out.json")
    both = json.loads((tmp_path / "out.json").read_text())
    assert status == 0 and [model["name"] for model in both["models"]] == ["still"]
    status, out, _ = evaluate(*FACES, "--model", "bright", "--model", "bundles/bright", "--json", "two.json")
    two = json.loads((tmp_path / "two.json").read_text())
    assert status == 0 and [model["name"] for model in two["models"]] == ["bright", "bundles/bright"]
    for name in ("bright", "bundles/bright"):
        assert f"{name} on faces: 2 pictures x 2 k" in out
    assert two["input"] == both["input"]
    shifts = [model["overall"]["colour_shift"]["output"]["mean"] for model in two["models"]]
    assert shifts == [pytest.approx(3, abs=0.2), pytest.approx(6, abs=0.3)]
    assert {**two["models"][0], "name": ""} == {**both["models"][0], "name": ""}


def test_laws_are_told_apart_in_table_and_json(evaluate, tmp_path):
    kernels = dict(np.load("k.npz"))
    np.savez("laws.npz", **kernels | {"law": ["a pinhole", "a shove"]})
    status, out, _ = evaluate("--data", "faces", "--kernels", "laws.npz", "--json", "out.json")
    result = json.loads((tmp_path / "out.json").read_text())
    assert status == 0 and "a pinhole" in out and "a shove" in out
    for part in (result["input"], result["models"][0]):
        assert [row["law"] for row in part["by"]["law"]] == ["a pinhole", "a shove"]


def test_plots_and_a_sheet_are_written(evaluate, tmp_path):
    drawn = ("--plots", "plots", "--sheet", "sheet.png")
    status, _, err = evaluate(*FACES, "--model", "bright", *drawn)
    assert (status, err) == (0, "")
    assert {file.name for file in (tmp_path / "plots").iterdir()} == {
        "PSNR.png", "SSIM.png", "ssim_matlab3d.png", "colour_shift.png", "reblur.png"}  # fmt: skip
    for file in (tmp_path / "plots" / "PSNR.png", tmp_path / "sheet.png"):
        height, width, _ = read_rgb(file).shape
        assert height > 300 and width > 300
    status, out, err = evaluate(*FACES, "--model", "input", *drawn)
    assert (status, out) == (
        2,
        "",
    ) and "already exists; choose another name, or replace it" in err
    assert evaluate(*FACES, "--model", "input", *drawn, "--overwrite")[0] == 0


def test_plots_without_matplotlib_are_a_line_before_the_work(evaluate, monkeypatch):
    monkeypatch.setattr(restorekit.evaluation.plots, "find_spec", lambda name: None)
    status, out, err = evaluate(*FACES, "--plots", "plots")
    assert (status, out) == (2, "")
    assert err == "error: plots need matplotlib; pip install 'restorekit[plots]'\n"


def test_an_existing_result_stays(evaluate, tmp_path):
    (tmp_path / "out.json").write_text("precious")
    arguments = ("--data", "faces", "--kernels", "k.npz", "--model", "input", "--json", "out.json")
    status, out, err = evaluate(*arguments)
    assert (status, out) == (2, "") and "already exists; choose another name, or replace it" in err
    assert (tmp_path / "out.json").read_text() == "precious"
    assert evaluate(*arguments, "--overwrite")[0] == 0
    assert json.loads((tmp_path / "out.json").read_text())["models"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "gone"), "no folder"),
        (("gone.toml",), "no test set 'gone.toml'; give a TOML file, or one of: defocus10, faces80"),
        (("faces80",), "missing key 'path'"),
        (("--data", "faces", "--set", "seeed=1"), "unknown key 'seeed'; did you mean 'seed'?"),
        (("--data", "faces", "--crop", "middle"), "'middle'"),
        (("--data", "faces", "--noise", "inf"), "level must be a number of grey levels, at least 0, not inf"),
        (("--data", "faces", "--list", "names.txt"), "names.txt: cannot be read"),
        (("--data", "faces", "--kernels", "gone.npz"), "gone.npz: no such kernel file"),
        (("--data", "small", "--model", "input"), "60 x 50 pixels, not the 178 x 218"),
        (("--data", "broken", "--model", "input"), "x.png"),
        (("--data", "faces", "--json", "no/out.json"), "no: no folder"),
        (("--data", "faces", "--sheet", "no/out.png"), "no: no folder"),
        (("--data", "faces", "--sheet", "sheet.jpg"), "sheet.jpg: not a .png file"),
        (("--data", "faces", "--plots", "no/plots"), "no: no folder"),
        (("--data", "faces", "--plots", "k.npz", "--overwrite"), "k.npz: already exists"),
        (("--data", "faces", "--model", "a", "--model", "b", "--model", "a"), "model 'a' is given twice"),
    ],
)
def test_bad_input_is_one_line_and_status_2(evaluate, tmp_path, arguments, message):
    for name in ("small", "broken"):
        (tmp_path / name).mkdir()
    write_rgb(tmp_path / "small" / "x.png", astronaut()[:50, :60])
    (tmp_path / "broken" / "x.png").write_bytes(b"\x89PNG\r\n")
    status, out, err = evaluate(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and err.count("\n") == 1 and message in err


def test_scoring_the_input_needs_no_torch(tmp_path):
    write_rgb(tmp_path / "a.png", astronaut()[:218, 130:308])
    program = (
        "import sys; from restorekit.cli import app, evaluate\n"
        "import restorekit.cli.train\n"
        "folder = sys.argv[1]\n"
        "sys.argv[1:] = ['evaluate', '--model', 'input', '--data', folder, '--limit', '1']\n"
        "sys.argv += ['--sheet', folder + '/sheet.png', '--plots', folder]\n"
        "try: app()\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True)
