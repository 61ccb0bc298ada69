"""Scores of test pairs and their statistics."""

import json
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from skimage.data import astronaut

from restorekit.contracts import Metric, Restorer
from restorekit.errors import BundleError, RestorekitError
from restorekit.evaluation.convolution import convolve, to_8_bit
from restorekit.evaluation.input_metrics import ColourShift, Reblur
from restorekit.evaluation.metrics import PSNR
from restorekit.evaluation.pairs import Pair
from restorekit.evaluation.protocol import MetricStep
from restorekit.evaluation.report import check_output, summarise, write_json
from restorekit.evaluation.score import Row, score_pairs

METRICS = {"psnr": MetricStep(metric=PSNR())}


class Identity(Restorer):
    def restore(self, images):
        return images


class Brighter(Restorer):
    def restore(self, images):
        assert images.shape[0] <= 4
        return images + 2 / 255


def pair(image, sharp, degraded, size=1, **facts):
    return Pair(image, 0, {"size": size}, sharp, degraded, **facts)


@pytest.fixture
def pairs():
    """Two pictures, each noisy and darkened."""
    rng = np.random.default_rng(3)
    made = []
    for image, sharp in (("a", astronaut()[:128, 130:258]), ("b", astronaut()[100:228, 130:258])):
        noisy = to_8_bit(sharp + rng.standard_normal(sharp.shape))
        made += [pair(image, sharp, noisy), pair(image, sharp, noisy // 2, 3)]
    return made


def of(rows, restorer):
    return [row.values for row in rows if row.restorer == restorer]


def test_the_identity_scores_as_its_input(pairs):
    untouched = list(score_pairs(pairs, {}, METRICS))
    rows = list(score_pairs(pairs, {"still": Identity()}, METRICS, batch=3))
    assert of(untouched, "input") == of(rows, "input") == of(rows, "still")
    assert [row.restorer for row in untouched] == ["input"] * 4
    assert [row.restorer for row in rows] == ["input", "still"] * 4
    assert [(row.image, row.groups) for row in untouched] == [(pair.image, pair.groups) for pair in pairs]


def test_several_models_share_pairs_that_are_made_once(pairs):
    made = []
    passed = (made.append(pair) or pair for pair in pairs)
    rows = list(score_pairs(passed, {"still": Identity(), "brighter": Brighter()}, METRICS, batch=4))
    assert len(made) == 4
    alone = list(score_pairs(pairs, {"brighter": Brighter()}, METRICS, batch=4))
    assert of(rows, "brighter") == of(alone, "brighter")


def test_what_compares_with_the_input_is_measured_of_outputs_alone(pairs):
    steps = METRICS | {
        "shift": MetricStep(metric=ColourShift()),
        "reblur": MetricStep(metric=Reblur(), every=2),
    }
    rows = list(score_pairs(pairs, {"brighter": Brighter()}, steps, batch=4))
    assert all(set(values) == {"psnr"} for values in of(rows, "input"))
    assert [set(values) for values in of(rows, "brighter")] == [
        {"psnr", "shift", "reblur"}, {"psnr", "shift"}] * 2  # fmt: skip
    assert all(1.8 < values["shift"] <= 2 for values in of(rows, "brighter"))


def test_pictures_of_several_sizes_are_batched_apart():
    pictures = [astronaut()[:side, :side] for side in (32, 32, 32, 32, 32, 40, 40)]
    pairs = [pair(str(n), picture, picture) for n, picture in enumerate(pictures)]
    steps = {"shift": MetricStep(metric=ColourShift())}
    rows = list(score_pairs(pairs, {"brighter": Brighter()}, steps, batch=4))
    assert [row.image for row in rows if row.restorer == "brighter"] == list("0123456")
    assert all(1.8 < values["shift"] <= 2 for values in of(rows, "brighter"))


def test_a_diverged_model_is_a_line_that_names_it(pairs):
    class Diverged(Restorer):
        def restore(self, images):
            return images / 0

    with pytest.raises(BundleError, match="^gone gives values that are not finite on a;"):
        next(score_pairs(pairs, {"gone": Diverged()}, METRICS))


class Oracle(Restorer):
    """Adds the kernel's middle element, in grey levels."""

    needs = ("kernel",)

    def restore(self, images, kernel):
        middle = kernel.shape[-1] // 2
        return images + kernel[:, middle, middle].view(-1, 1, 1, 1) / 255


def test_a_restorer_is_given_what_it_needs_of_what_was_drawn():
    grey = np.full((32, 32, 3), 100, np.uint8)
    kernels = [np.full((side, side), value) for side, value in ((1, 4.0), (1, 9.0), (3, 6.0))]
    pairs = [pair(str(n), grey, grey, draws={"kernel": kernel}) for n, kernel in enumerate(kernels)]
    rows = list(
        score_pairs(pairs, {"oracle": Oracle()}, {"shift": MetricStep(metric=ColourShift())}, batch=4)
    )
    assert [values["shift"] for values in of(rows, "oracle")] == [4, 9, 6]


@dataclass(frozen=True)
class Recognised(Metric):
    """One for a person called Ada, and what it loads is loaded once."""

    definition = "1 if it is Ada"
    needs: ClassVar[tuple[str, ...]] = ("target", "person")
    loaded: ClassVar[list[str]] = []

    def build(self):
        self.loaded.append("weights")
        return lambda picture, target, person: 1.0 if person == "Ada" and picture is not target else 0.0


def test_a_metric_is_built_once_and_given_the_labels_that_it_needs(monkeypatch):
    monkeypatch.setattr(Recognised, "loaded", [])
    grey = np.full((32, 32, 3), 100, np.uint8)
    pairs = [pair(name, grey, grey.copy(), labels={"person": name}) for name in ("Ada", "Bob")]
    rows = list(score_pairs(pairs, {}, {"ada": MetricStep(metric=Recognised())}))
    assert [row.values["ada"] for row in rows] == [1, 0] and Recognised.loaded == ["weights"]


def test_what_a_test_set_does_not_give_is_a_line_before_anything_is_restored(pairs):
    with pytest.raises(RestorekitError, match="restorer 'oracle' needs 'kernel', .*; this one has size"):
        next(score_pairs(pairs, {"oracle": Oracle()}, METRICS))
    with pytest.raises(
        RestorekitError, match="metric 'ada' needs 'person', which this test set does not give"
    ):
        next(score_pairs(pairs, {}, {"ada": MetricStep(metric=Recognised())}))


def test_reblur_finds_the_kernel():
    rng = np.random.default_rng(2)
    kernel = rng.random((9, 9))
    blurred = convolve(astronaut()[64:200, 126:262], kernel / kernel.sum())
    sharp, degraded = astronaut()[68:196, 130:258], to_8_bit(blurred + rng.standard_normal(blurred.shape))

    def reblur(picture, size):
        return Reblur()(picture, degraded=degraded, size=size)

    assert reblur(sharp, 9) == pytest.approx(47.4, abs=0.3), "noise and two roundings"
    assert reblur(sharp[:, ::-1], 9) < 30
    assert reblur(sharp, 3) < 45, "too small a support"
    assert PSNR()(sharp, degraded) < 30


@pytest.mark.parametrize("size", [0, -3, 2, 65, 149, 999])
def test_reblur_is_not_measured_where_no_kernel_of_the_size_can_be_found(size):
    picture = astronaut()[:300, :300]
    assert math.isnan(Reblur()(picture, degraded=picture, size=size))
    assert math.isnan(Reblur()(picture[:40, :40], degraded=picture[:40, :40], size=27))


def test_colour_shift_is_in_grey_levels():
    grey = np.full((4, 4, 3), 100, np.uint8)
    shifted = grey + np.array([0, 2, 4], np.uint8)
    assert ColourShift()(shifted, degraded=grey) == 2 and ColourShift()(grey, degraded=shifted) == 2


def rows(image, size, before, after, law="motion"):
    groups = {"size": size, "law": law}
    return [
        Row(image, size, groups, "input", {"psnr": before}),
        Row(image, size, groups, "m", {"psnr": after}),
    ]


ROWS = [
    *rows("a", 13, 20.0, 21.0),
    *rows("a", 15, 22.0, 25.0),
    *rows("b", 13, 26.0, 28.0),
    *rows("b", 15, 28.0, 32.0),
]


def test_standard_errors_are_over_pictures():
    result = summarise(ROWS, METRICS)
    assert (result["pictures"], result["pairs"]) == (2, 4)
    before = result["input"]["overall"]["psnr"]
    assert before == {"mean": 24, "standard_error": pytest.approx(3), "worst": 20}
    (model,) = result["models"]
    gain = model["overall"]["psnr"]["gain"]
    assert gain == {"mean": 2.5, "standard_error": pytest.approx(0.5), "worst": 1}
    assert result["metrics"]["psnr"] == {
        "definition": PSNR().definition, "unit": "dB", "higher_is_better": True}  # fmt: skip


def test_every_size_has_its_means():
    result = summarise(ROWS, METRICS)
    by_size = result["input"]["by"]["size"]
    assert [(row["size"], row["psnr"]["mean"]) for row in by_size] == [(13, 23), (15, 25)]
    assert result["models"][0]["by"]["size"][1]["psnr"]["output"]["mean"] == 28.5


def test_laws_have_means_where_there_are_several():
    assert "law" not in summarise(ROWS, METRICS)["input"]["by"] | summarise(ROWS, METRICS)["models"][0]["by"]
    result = summarise([*ROWS, *rows("a", 13, 30.0, 31.0, "lens")], METRICS)
    laws = [(row["law"], row["pairs"], row["psnr"]["mean"]) for row in result["input"]["by"]["law"]]
    assert laws == [("motion", 4, 24), ("lens", 1, 30)]
    assert result["models"][0]["by"]["law"][1]["psnr"]["gain"]["mean"] == 1


def test_the_worst_is_the_largest_where_lower_is_better():
    steps = {"shift": MetricStep(metric=ColourShift())}
    found = [
        Row("a", n, {}, name, {} if name == "input" else {"shift": n})
        for n in (1, 5)
        for name in ("input", "m")
    ]
    (model,) = summarise(found, steps)["models"]
    assert model["overall"]["shift"] == {"output": {"mean": 3, "standard_error": None, "worst": 5}}
    assert "shift" not in summarise(found, steps)["input"]["overall"] and model["by"] == {}


def test_means_are_of_what_was_measured():
    values = [{"reblur": 30.0}, {}, {"reblur": math.nan}, {"reblur": 34.0}]
    found = [Row("a", n, {}, "m", each) for n, each in enumerate(values)]
    found += [Row("a", n, {}, "input", {}) for n in range(4)]
    (model,) = summarise(found, {"reblur": MetricStep(metric=Reblur())})["models"]
    assert model["overall"]["reblur"]["output"] == {
        "pairs": 2, "mean": 32, "standard_error": None, "worst": 30}  # fmt: skip


def test_what_is_not_a_finite_number_is_null(tmp_path):
    result = summarise([Row("a", 0, {"size": 3}, "input", {"psnr": math.inf})], METRICS)
    assert result["input"]["overall"]["psnr"] == {"mean": None, "standard_error": None, "worst": None}
    assert result["models"] == []
    write_json(tmp_path / "out.json", result)
    assert json.loads((tmp_path / "out.json").read_text()) == result
    assert [file.name for file in tmp_path.iterdir()] == ["out.json"]


def test_a_result_goes_nowhere_by_surprise(tmp_path):
    (tmp_path / "there.json").touch()
    check_output(tmp_path / "new.json", overwrite=False)
    check_output(tmp_path / "there.json", overwrite=True)
    for name, message in {"there.json": "already exists", "no/folder.json": "no folder"}.items():
        with pytest.raises(RestorekitError, match=message):
            check_output(tmp_path / name, overwrite=False)
    with pytest.raises(RestorekitError, match="no folder"):
        check_output(tmp_path / "there.json" / "file.json", overwrite=True)
    with pytest.raises(RestorekitError, match="is a folder"):
        check_output(tmp_path, overwrite=True)
    with pytest.raises(RestorekitError, match="cannot be written"):
        write_json(tmp_path / "there.json" / "folder.json", {})
