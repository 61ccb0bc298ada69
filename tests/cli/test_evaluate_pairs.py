"""``restorekit evaluate --pairs``: pairs of one's own, scored as they are."""

import json
from functools import partial

import numpy as np
import pytest
from skimage.data import astronaut

from restorekit.images import write_rgb

NAMES = ("--pair-names", "{name}_blur.png", "{name}")


@pytest.fixture
def evaluate(run_cli, tmp_path):
    """Run the command on ``blur`` and ``sharp``, two pairs that differ by 10 levels of green and at the border."""
    for name, size in {"a": 64, "b": 80}.items():
        sharp = astronaut()[:size, 100:190]
        blur = np.clip(sharp.astype(int) + (0, 10, 0), 0, 255).astype(np.uint8)
        blur[:4] = 0
        write_rgb(tmp_path / "sharp" / f"{name}.png", sharp)
        write_rgb(tmp_path / "blur" / f"{name}_blur.png", blur)
    return partial(run_cli, "evaluate", "--model", "input", "--pairs")


def measured(folder):
    result = json.loads((folder / "out.json").read_text())
    return result, {
        name: each["mean"] for name, each in result["input"]["overall"].items() if name != "pairs"
    }


def test_border_and_channel_are_cut_and_stated(evaluate, tmp_path):
    asked = ("--border", "4", "--channels", "y", "--json", "out.json")
    status, out, err = evaluate("blur", "sharp", *NAMES, *asked)
    assert (status, err) == (0, "")
    assert "input on blur" not in out and "overall on blur: 2 pictures x 1 pairs" in out
    assert "psnr_y: PSNR in dB of luma of 8-bit RGB (ITU-R BT.601, 16 to 235" in out
    assert out.count("4 px of border cut") == 2
    result, values = measured(tmp_path)
    assert set(values) == {"psnr_y", "ssim_y"} and result["data"] == "blur"
    assert values["psnr_y"] == pytest.approx(20 * np.log10(255 / (10 * 128.553 / 255)), abs=0.2)


def test_without_them_all_is_scored_in_colour(evaluate, tmp_path):
    assert evaluate("blur", "sharp", *NAMES, "--json", "out.json")[0] == 0
    _, values = measured(tmp_path)
    assert set(values) == {"psnr", "ssim_rgb"} and values["psnr"] < 25


def test_one_folder_may_hold_both(evaluate, tmp_path):
    for file in (tmp_path / "sharp").iterdir():
        file.rename(tmp_path / "blur" / file.name)
    assert evaluate("blur", "blur", *NAMES)[0] == 0


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        ("", ["blur", "sharp"], "no picture in sharp is also in blur; a pair has the same path"),
        ("b_blur", ["blur", "sharp", *NAMES], "without a partner (1): sharp/b.png; add what is missing"),
        ("", ["blur", "sharp", "--pair-names", "{name}", "{other}"], "must have the same fields in braces"),
        ("", ["blur", "sharp", "--pair-names", "blur", "{name}"], "'blur' is not a template of names"),
        ("", ["blur", "nowhere"], "no folder nowhere; give the folder"),
        ("", ["blur", "sharp", "--channels", "l"], "--channels l: is not known; give rgb or y"),
        ("", ["blur", "sharp", "--noise", "3"], "what changes a test set has no use beside --pairs"),
        ("", ["blur", "sharp", "--data", "x"], "--data has no use beside --pairs"),
    ],
)
def test_what_cannot_be_paired_is_a_line(evaluate, tmp_path, change, arguments, said):
    if change:
        (tmp_path / "blur" / f"{change}.png").unlink()
    status, out, err = evaluate(*arguments)
    assert (status, out) == (2, "") and said in err and err.count("\n") == 1


def test_a_pair_of_two_sizes_is_refused(evaluate, tmp_path):
    write_rgb(tmp_path / "sharp" / "b.png", astronaut()[:60, :60])
    status, out, err = evaluate("blur", "sharp", *NAMES)
    assert (status, out) == (2, "")
    assert "sharp/b.png has 60 x 60 pixels, blur/b_blur.png has 90 x 80; give both the same size" in err


def test_the_options_of_pairs_need_pairs(run_cli):
    status, _, err = run_cli("evaluate", "--border", "4")
    assert status == 2 and err.startswith("error: --border is for --pairs BLURRED SHARP alone")
