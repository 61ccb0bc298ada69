"""What of an evaluation is drawn: the contact sheet and the plots."""

import math
import warnings
from typing import ClassVar

import numpy as np
import pytest

import restorekit.evaluation.examples
from restorekit.contracts import Restorer
from restorekit.evaluation.examples import choose, example_sheet
from restorekit.evaluation.input_metrics import ColourShift
from restorekit.evaluation.metrics import PSNR, SSIM
from restorekit.evaluation.pairs import Pair
from restorekit.evaluation.plots import write_plots
from restorekit.evaluation.protocol import MetricStep
from restorekit.evaluation.report import summarise
from restorekit.evaluation.score import Row
from restorekit.images import contact_sheet, read_rgb


def rows(images, sizes):
    return [
        Row(f"{i}", n, {"size": size}, "input", {"psnr": 20})
        for i in range(images)
        for n, size in enumerate(sizes)
    ]


class Few(list):
    """Pairs, and what is measured on them."""

    metrics: ClassVar = {"psnr": MetricStep(metric=PSNR())}


def pair(image, sharp, degraded):
    return Pair(image, 0, {"size": 1}, sharp, degraded)


@pytest.mark.parametrize(
    ("images", "sizes"),
    [(100, [13, 27] * 40), (3, [1, 3, 5]), (2, range(1, 11, 2)), (1, range(80)), (50, [1])],
)
def test_eight_different_pairs_are_chosen(images, sizes):
    chosen = choose(rows(images, sizes))
    assert len(set(chosen)) == 8 and min(chosen) >= 0 and max(chosen) < images * len(sizes)


def test_those_chosen_differ_in_size_and_picture():
    all_rows = rows(100, [size for size in range(13, 28, 2) for _ in range(10)])
    chosen = [all_rows[n] for n in choose(all_rows)]
    assert [row.groups["size"] for row in chosen] == list(range(13, 28, 2))
    assert len({row.image for row in chosen}) == 8


def test_of_few_pairs_all_are_chosen():
    assert choose(rows(2, [1, 3])) == [0, 1, 2, 3]


class Redder(Restorer):
    def restore(self, images):
        return images + images.new_tensor([1, 0, 0])[:, None, None]


def test_a_sheet_shows_every_pair_before_and_after():
    white, black = np.full((32, 32, 3), 255, np.uint8), np.zeros((32, 32, 3), np.uint8)
    pairs = Few([pair("0", white, black), pair("1", white, black)])
    sheet = example_sheet(pairs, rows(2, [1]), {"red": Redder()})
    for colour, least in (
        ((255, 0, 0), 2 * 32 * 32),
        ((0, 0, 0), 2 * 32 * 32),
        ((255, 255, 255), 2 * 32 * 32),
    ):
        assert (sheet == colour).all(axis=2).sum() >= least


def test_large_pictures_are_shown_reduced_and_scored_whole(monkeypatch):
    words = []
    monkeypatch.setattr(
        restorekit.evaluation.examples,
        "contact_sheet",
        lambda rows, captions: words.extend(captions[0]) or contact_sheet(rows, captions),
    )
    sharp = np.zeros((1000, 2000, 3), np.uint8)
    sharp[::2] = 100  # reduced, it would be the grey of the other
    grey = np.full_like(sharp, 50)
    height, width, _ = example_sheet(Few([pair("0", sharp, grey)]), rows(1, [1]), {}).shape
    assert 1024 < width < 1100 and 256 < height < 420
    assert words[0] == "degraded, 1\n20.00 dB"


def result(*names, value=0.5):
    steps = {
        "psnr": MetricStep(metric=PSNR()),
        "ssim_rgb": MetricStep(metric=SSIM()),
        "shift": MetricStep(metric=ColourShift()),
    }
    made = [
        Row(f"{i}", size, {"size": size}, name, {
            "psnr": 20 + i if name == "input" else 25 + i,
            "ssim_rgb": 0.4 if name == "input" else value,
            **({} if name == "input" else {"shift": 1}),
        })
        for i in range(2) for size in (13, 27) for name in ("input", *names)
    ]  # fmt: skip
    return {"data": "$faces_", "protocol": {"name": "k"}} | summarise(made, steps)


def test_a_plot_has_a_line_of_its_own_colour_for_each_model(tmp_path):
    def colours(*names):
        write_plots(tmp_path, result(*names))
        pixels = read_rgb(tmp_path / "PSNR.png").reshape(-1, 3).astype(int)
        vivid = pixels[np.ptp(pixels, axis=1) > 100]
        return len(np.unique(np.argmax(vivid, axis=1))) if len(vivid) else 0

    assert [colours(), colours("a"), colours("a", "b")] == [0, 1, 2]


def test_plots_bear_odd_names_and_missing_numbers(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_plots(tmp_path, result("_$x^", "a_{b", "\udcff", value=math.inf))
    assert {file.name for file in tmp_path.iterdir()} == {"PSNR.png", "SSIM.png", "shift.png"}
