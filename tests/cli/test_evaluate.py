"""``restorekit evaluate``, with a restorer that sharpens nothing."""

import json
import subprocess
import sys

import numpy as np
import pytest
from skimage.data import astronaut

import restorekit.restore.load
from restorekit.cli import main
from restorekit.contracts import Restorer
from restorekit.images import write_rgb


class Identity(Restorer):
    name = "still"

    def __call__(self, images):
        return images


@pytest.fixture
def evaluate(monkeypatch, capsys, tmp_path):
    """Run the command in a folder with ``faces/`` and a kernel file; returns exit status, stdout, stderr."""
    faces = tmp_path / "faces"
    faces.mkdir()
    for name, image in {"a.png": astronaut()[:218, 130:308], "b.png": astronaut()[100:318, 130:308]}.items():
        write_rgb(faces / name, image)
    kernels = np.zeros((2, 3, 3), np.float32)
    kernels[0, 1, 1] = kernels[1, 0, 0] = 1
    np.savez(tmp_path / "k.npz", kernels=kernels, sizes=[1, 3], name="shifts", law="none", centring="middle")
    monkeypatch.setattr(restorekit.restore.load, "load_restorer", lambda model, device: Identity())
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["restorekit", "evaluate", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        return caught.value.code or 0, *capsys.readouterr()

    return run


def test_a_table_and_the_whole_result(evaluate, tmp_path):
    status, out, err = evaluate("--data", "faces", "--kernels", "k.npz", "--json", "out.json")
    assert (status, err) == (0, "")
    assert "still on faces: 2 pictures x 2 shifts" in out
    for words in (
        "8-bit RGB",
        "s.e.: standard deviation of the per-picture means",
        "colour shift:",
        "reblur:",
    ):
        assert words in out
    result = json.loads((tmp_path / "out.json").read_text())
    assert (result["model"], result["data"], result["pairs"]) == ("still", "faces", 4)
    assert result["protocol"]["kernels"] == {
        "name": "shifts",
        "law": "none",
        "centring": "middle",
        "count": 2,
    }
    assert {"psnr", "ssim_rgb", "ssim_matlab3d"} <= set(result["metrics"])
    overall = result["overall"]["psnr"]
    assert overall["input"] == overall["output"] and overall["gain"]["mean"] == 0
    assert str(tmp_path) not in out + json.dumps(result)


def test_the_input_scores_without_a_model(evaluate):
    status, out, _ = evaluate(
        "--data", "faces", "--kernels", "k.npz", "--model", "input", "--noise", "3", "--limit", "1"
    )
    assert status == 0 and "input on faces: 1 pictures x 2 shifts" in out
    assert "gain" not in out


def test_an_existing_result_stays(evaluate, tmp_path):
    (tmp_path / "out.json").write_text("precious")
    arguments = ("--data", "faces", "--kernels", "k.npz", "--model", "input", "--json", "out.json")
    status, out, err = evaluate(*arguments)
    assert (status, out) == (2, "") and "already exists; give --overwrite" in err
    assert (tmp_path / "out.json").read_text() == "precious"
    assert evaluate(*arguments, "--overwrite")[0] == 0
    assert json.loads((tmp_path / "out.json").read_text())["model"] == "input"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "gone"), "gone: no such folder"),
        (("--data", "faces", "--list", "names.txt"), "names.txt: cannot be read"),
        (("--data", "faces", "--kernels", "gone.npz"), "gone.npz: no such kernel file"),
        (("--data", "small", "--model", "input"), "60 x 50 pixels, not the 178 x 218"),
        (("--data", "broken", "--model", "input"), "x.png"),
        (("--data", "faces", "--json", "no/out.json"), "no: no folder"),
    ],
)
def test_bad_input_is_one_line_and_status_2(evaluate, tmp_path, arguments, message):
    for name in ("small", "broken"):
        (tmp_path / name).mkdir()
    write_rgb(tmp_path / "small" / "x.png", astronaut()[:50, :60])
    (tmp_path / "broken" / "x.png").write_bytes(b"\x89PNG\r\n")
    status, out, err = evaluate(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and err.count("\n") == 1 and message in err and "; " in err


def test_scoring_the_input_needs_no_torch(tmp_path):
    write_rgb(tmp_path / "a.png", astronaut()[:218, 130:308])
    program = (
        "import sys; from restorekit.cli import app, evaluate\n"
        "import restorekit.cli.train\n"
        "sys.argv[1:] = ['evaluate', '--model', 'input', '--data', sys.argv[1]]\n"
        "try: app()\n"
        "except SystemExit: pass\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True)
