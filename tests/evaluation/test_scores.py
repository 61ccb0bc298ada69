"""Scores of test pairs and their statistics."""

import json
import math

import numpy as np
import pytest
from restorekit.evaluation.consistency import colour_shift, reblur
from restorekit.evaluation.run import Output, Score, score_pairs
from skimage.data import astronaut

from restorekit.contracts import Restorer
from restorekit.errors import BundleError, RestorekitError
from restorekit.evaluation.metrics import PSNR
from restorekit.evaluation.pairs import Pair
from restorekit.evaluation.protocol import convolve, to_8_bit
from restorekit.evaluation.report import check_output, summarise, write_json

METRICS = {"psnr": PSNR()}


class Identity(Restorer):
    def restore(self, images):
        return images


class Brighter(Restorer):
    def restore(self, images):
        assert images.shape[0] <= 4
        return images + 2 / 255


@pytest.fixture
def pairs():
    """Two pictures, each noisy and blurred."""
    rng = np.random.default_rng(3)
    made = []
    for image, sharp in (("a", astronaut()[:128, 130:258]), ("b", astronaut()[100:228, 130:258])):
        noisy = to_8_bit(sharp + rng.standard_normal(sharp.shape))
        made += [Pair(image, 0, 1, "none", sharp, noisy), Pair(image, 1, 3, "box", sharp, noisy // 2)]
    return made


def test_the_identity_scores_as_its_input(pairs):
    untouched = list(score_pairs(pairs, {}, METRICS))
    restored = list(score_pairs(pairs, {"still": Identity()}, METRICS, batch=3))
    assert [s.input for s in untouched] == [s.input for s in restored]
    assert [s.input for s in restored] == [s.outputs["still"].metrics for s in restored]
    assert all(not s.outputs for s in untouched)
    assert all(s.outputs["still"].shift == (0, 0, 0) for s in restored)
    assert [(s.image, s.size, s.law) for s in restored] == [(p.image, p.size, p.law) for p in pairs]


def test_several_models_share_pairs_that_are_made_once(pairs):
    made = []
    passed = (made.append(pair) or pair for pair in pairs)
    scores = list(score_pairs(passed, {"still": Identity(), "brighter": Brighter()}, METRICS, batch=4))
    assert len(made) == len(scores) == 4
    alone = list(score_pairs(pairs, {"brighter": Brighter()}, METRICS, batch=4))
    assert [s.outputs["brighter"] for s in scores] == [s.outputs["brighter"] for s in alone]
    assert all(set(s.outputs) == {"still", "brighter"} for s in scores)


def test_reblur_is_measured_on_some_pairs_of_every_model(pairs):
    models = {"still": Identity(), "brighter": Brighter()}
    first, second, *_ = score_pairs(pairs, models, METRICS, batch=2)
    assert all(output.reblur is not None for output in first.outputs.values())
    assert all(output.reblur is None for output in second.outputs.values())


def test_pictures_of_several_sizes_are_batched_apart():
    pictures = [astronaut()[:side, :side] for side in (32, 32, 32, 32, 32, 40, 40)]
    pairs = [Pair(str(n), 0, 1, "none", picture, picture) for n, picture in enumerate(pictures)]
    scores = list(score_pairs(pairs, {"brighter": Brighter()}, METRICS, batch=4))
    assert [score.image for score in scores] == list("0123456")
    assert all(1.8 < channel <= 2 for score in scores for channel in score.outputs["brighter"].shift)


def test_a_diverged_model_is_a_line_that_names_it(pairs):
    class Diverged(Restorer):
        def restore(self, images):
            return images / 0

    with pytest.raises(BundleError, match="^gone gives values that are not finite on a;"):
        next(score_pairs(pairs, {"gone": Diverged()}, METRICS))


def test_reblur_finds_the_kernel():
    rng = np.random.default_rng(2)
    kernel = rng.random((9, 9))
    blurred = convolve(astronaut()[64:200, 126:262], kernel / kernel.sum())
    sharp, degraded = astronaut()[68:196, 130:258], to_8_bit(blurred + rng.standard_normal(blurred.shape))
    assert reblur(sharp, degraded, 9) == pytest.approx(47.4, abs=0.3), "noise and two roundings"
    assert reblur(sharp[:, ::-1], degraded, 9) < 30
    assert reblur(sharp, degraded, 3) < 45, "too small a support"
    assert PSNR()(sharp, degraded) < 30


def test_reblur_is_not_measured_where_the_kernel_has_more_elements_than_the_region_pixels():
    picture = astronaut()[:300, :300]
    assert reblur(picture, picture, 65) is None
    (score,) = score_pairs([Pair("a", 0, 149, "none", picture, picture)], {"still": Identity()}, METRICS)
    (model,) = summarise([score], METRICS)["models"]
    assert model["reblur"] == {"pairs": 0, "mean": None, "standard_error": None, "lowest": None}


def test_colour_shift_is_in_grey_levels():
    grey = np.full((4, 4, 3), 100, np.uint8)
    shifted = grey + np.array([0, 2, 5], np.uint8)
    assert colour_shift(shifted, grey).tolist() == [0, 2, 5]


def score(image, size, before, after, law="motion"):
    return Score(image, size, law, {"psnr": before}, {"m": Output({"psnr": after}, (after, -1, 0), 30)})


SCORES = [
    score("a", 13, 20.0, 21.0),
    score("a", 15, 22.0, 25.0),
    score("b", 13, 26.0, 28.0),
    score("b", 15, 28.0, 32.0),
]


def test_standard_errors_are_over_pictures():
    result = summarise(SCORES, METRICS)
    assert (result["pictures"], result["pairs"]) == (2, 4)
    before = result["input"]["overall"]["psnr"]
    assert before == {"mean": 24, "standard_error": pytest.approx(3), "lowest": 20}
    (model,) = result["models"]
    gain = model["overall"]["psnr"]["gain"]
    assert gain == {"mean": 2.5, "standard_error": pytest.approx(0.5), "lowest": 1}
    assert result["metrics"]["psnr"] == PSNR.definition


def test_every_size_has_its_means():
    result = summarise(SCORES, METRICS)
    assert [(row["size"], row["psnr"]["mean"]) for row in result["input"]["sizes"]] == [(13, 23), (15, 25)]
    assert result["models"][0]["sizes"][1]["psnr"]["output"]["mean"] == 28.5


def test_laws_have_means_where_there_are_several():
    assert "laws" not in summarise(SCORES, METRICS)["input"] | summarise(SCORES, METRICS)["models"][0]
    result = summarise([*SCORES, score("a", 13, 30.0, 31.0, "lens")], METRICS)
    laws = [(row["law"], row["pairs"], row["psnr"]["mean"]) for row in result["input"]["laws"]]
    assert laws == [("motion", 4, 24), ("lens", 1, 30)]
    assert result["models"][0]["laws"][1]["psnr"]["gain"]["mean"] == 1


def test_a_model_has_its_colour_shift_and_reblur():
    result = summarise(SCORES, METRICS)
    model = result["models"][0]
    assert model["colour_shift"] == {"mean": [26.5, -1, 0], "median_absolute": [26.5, 1, 0]}
    assert (model["reblur"]["mean"], model["reblur"]["pairs"]) == (30, 4)
    assert "grey levels" in result["colour_shift"] and "least-squares kernel" in result["reblur"]


def test_what_is_not_a_finite_number_is_null(tmp_path):
    result = summarise([Score("a", 3, "none", {"psnr": math.inf})], METRICS)
    assert result["input"]["overall"]["psnr"] == {"mean": None, "standard_error": None, "lowest": None}
    assert result["models"] == [] and "reblur" not in result
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
