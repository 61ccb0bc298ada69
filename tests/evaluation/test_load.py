"""Recipes of test sets: read, checked, and made into pairs of any kind."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage.data import astronaut

import restorekit
from restorekit.data.sources.folder import Folder
from restorekit.errors import RecipeError, RestorekitError
from restorekit.evaluation.call import open_pairs
from restorekit.evaluation.degradations import FixedKernels, FixedNoise
from restorekit.evaluation.load import is_test, load_protocol, shipped_tests
from restorekit.evaluation.metrics import PSNR
from restorekit.evaluation.protocol import MetricStep, Protocol
from restorekit.images import write_rgb
from restorekit.testing import check_degradation, check_source

ANY = """
schema = 1
name = "any"
[source]
type = "folder"
path = "pictures"
[[metric]]
type = "psnr"
"""


@pytest.fixture
def write(tmp_path):
    """Write a recipe beside a folder of two pictures, and return its path."""
    for name, rows in {"a": slice(0, 64), "b": slice(64, 128)}.items():
        write_rgb(tmp_path / "pictures" / f"{name}.png", astronaut()[rows, :70])

    def run(text, name="test.toml"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return run


def test_every_shipped_test_set_is_read_by_the_name_that_it_bears(tmp_path):
    assert {"faces80", "faces80-laws", "defocus10", "sharp", "photos80", "levin"} <= set(shipped_tests())
    for name in shipped_tests():
        assert load_protocol(name, [f"source.path={tmp_path}"]).name == name


def test_the_sizes_of_the_shipped_test_sets(tmp_path):
    versions = {name: load_protocol(name, ["source.path=x"]).versions for name in shipped_tests()}
    assert [versions[name] for name in ("faces80", "faces80-laws", "defocus10", "sharp")] == [80, 80, 10, 1]


def test_every_fault_is_told_at_once_with_its_line(write):
    recipe = write(
        ANY + '[[metric]]\ntype = "psnrr"\n[[degradation]]\ntype = "fixed_noise"\nlevel = -1.0\n'
        '[[metric]]\ntype = "psnr"\nborder = "x"\nname = "second"\n[[metric]]\ntype = "psnr"\n'
    )
    with pytest.raises(RecipeError) as caught:
        load_protocol(recipe)
    lines = "\n".join(problem.partition("test.toml:")[2] for problem in caught.value.problems)
    assert "10: [[metric]] unknown metric 'psnrr'; did you mean 'psnr'?" in lines
    assert "12: [[degradation]] level must be a number of grey levels" in lines
    assert "16: [[metric]] border" in lines
    assert "18: [[metric]] two metrics are called 'psnr'" in lines


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ('crop = "celebb"', "unknown crop 'celebb'; did you mean 'celeba'?"),
        ("draws = 0", "draws: "),
        ("sead = 1", "unknown key 'sead'; did you mean 'seed'?"),
        ("metric = []", "metric: "),
    ],
)
def test_a_wrong_key_is_a_line(write, wrong, message):
    text = ANY.replace('name = "any"', f'name = "any"\n{wrong}')
    with pytest.raises(RecipeError, match=message):
        load_protocol(write(text if "metric" not in wrong else text[: text.index("[[metric")]))


def test_paths_are_relative_to_the_recipe_and_overrides_to_the_working_directory(
    write, monkeypatch, tmp_path
):
    recipe = write(ANY)
    monkeypatch.chdir("/")
    assert len(open_pairs(recipe)) == 2
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load_protocol(recipe, ["source.path=here"]).source.path == tmp_path / "elsewhere" / "here"


def test_any_degradation_is_measurable_and_drawn_the_same_again(write):
    recipe = write(ANY + '[[degradation]]\ntype = "jpeg"\nquality = [10, 10]\n')
    first, second = ([pair.degraded for pair in open_pairs(recipe)] for _ in range(2))
    assert np.array_equal(first, second)
    (a, b) = restorekit.evaluate(recipe, ["input"])
    assert (a.image, b.image, a.restorer) == ("a.png", "b.png", "input") and 20 < a.values["psnr"] < 40


def test_a_degradation_draws_again_for_each_version(write):
    recipe = write(ANY + '[[degradation]]\ntype = "gaussian_noise"\nsigma = [0.1, 0.1]\n')
    pairs = open_pairs(recipe, overrides=["draws=3"])
    assert len(pairs) == 6
    pictures = [pair.degraded for pair in pairs]
    assert not np.array_equal(pictures[0], pictures[1]) and pairs[0].draws["sigma"] == np.float32(0.1)


def test_cases_of_two_degradations_are_crossed(write):
    sets = '[[degradation]]\ntype = "kernel_set"\nkernels = "{}"\n'
    pairs = open_pairs(write(ANY + sets.format("sharp") + sets.format("defocus10")))
    assert len(pairs) == 20 and [pairs[n].groups["size"] for n in (0, 9)] == [3, 19]
    assert "kernel" not in pairs[0].draws, "there are two, so neither is the kernel"


def test_pairs_in_two_folders_are_scored_as_they_are(write, tmp_path):
    write(ANY)
    for name in ("a", "b"):
        write_rgb(tmp_path / "spoilt" / f"{name}.jpg", astronaut()[:64, :70])
    paired = ANY.replace('"folder"', '"paired"').replace("path =", 'degraded = "spoilt"\nsharp =')
    rows = restorekit.evaluate(write(paired), ["input"])
    assert [row.values["psnr"] > 30 for row in rows] == [True, False]


def test_versions_of_a_picture_lie_beside_it(write, tmp_path):
    folder, picture = tmp_path / "levin", astronaut()[:64, :70]
    write_rgb(folder / "im1.png", picture)
    write_rgb(folder / "im1_k1.png", np.roll(picture, 3, axis=1))
    write_rgb(folder / "im1_k2.png", picture // 2)
    write_rgb(folder / "k2.png", np.arange(27, dtype=np.uint8).reshape(3, 3, 3))
    pairs = open_pairs("levin", folder, ['source.turned=["k2"]'])
    assert [pair.image for pair in pairs] == ["im1_k1.png", "im1_k2.png"] and "kernel" not in pairs[0].labels
    kernel = pairs[1].labels["kernel"]
    assert kernel.sum() == pytest.approx(1) and kernel[0, 0] == kernel.max()
    shifted, dark = restorekit.evaluate("levin", ["input"], data=folder, overrides=['source.turned=["k2"]'])
    assert shifted.values["psnr_shifted"] == float("inf") and dark.values["psnr_shifted"] < 20
    check_source(pairs.protocol.source)


@pytest.mark.parametrize(
    "degradation", [FixedKernels(Path("defocus10")), FixedNoise(2.0)], ids=["kernels", "noise"]
)
def test_the_degradations_keep_their_contract(degradation):
    check_degradation(degradation)


def test_a_test_set_is_computed_as_training_would_within_rounding():
    import torch

    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (40, 44, 3)).astype(float)
    for degradation in (FixedKernels(Path("defocus10")), FixedNoise(2.0)):
        params = degradation.sample_case(0, rng, 40, 44)
        exact = degradation.apply_array(image, **params)
        usual = super(type(degradation), degradation).apply_array(
            image, **{key: torch.as_tensor(value).float() for key, value in params.items()}
        )
        assert np.abs(exact - usual).max() < 1e-3


def test_a_stored_set_has_its_own_test(write, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "manifest.json").write_text('{"restorekit": "0", "digest": ""}')
    for arguments in ({"test": "faces80"}, {"overrides": ["seed=1"]}):
        with pytest.raises(RestorekitError, match=r"set: has its own manifest.json"):
            restorekit.evaluate(data=tmp_path / "set", **arguments)


def test_reading_a_test_set_needs_no_torch(write):
    program = (
        "import sys; from restorekit.evaluation.load import load_protocol\n"
        "load_protocol('faces80', ['source.path=x'])\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_a_test_set_may_be_made_in_python(write):
    write(ANY)
    steps = [MetricStep(metric=PSNR()), MetricStep(metric=PSNR(border=4), name="inner", every=2)]
    noisy = [restorekit.Step(degradation=FixedNoise(2.0))]
    source = Folder(write(ANY).parent / "pictures")
    protocol = restorekit.Protocol(name="mine", source=source, metric=steps, degradations=noisy)
    assert list(protocol.metrics) == ["psnr", "inner"] and protocol.versions == 1
    rows = restorekit.evaluate(protocol, ["input"])
    assert [len(row.values) for row in rows] == [2, 1] and 40 < rows[0].values["psnr"] < 44
    with pytest.raises(RestorekitError, match="a protocol already has a source"):
        restorekit.evaluate(protocol, ["input"], data="x")
    with pytest.raises(RecipeError, match="two metrics are called 'psnr'"):
        Protocol(name="mine", source=Folder(Path("x")), metric=[steps[0], steps[0]])


def test_a_degradation_that_not_every_version_undergoes(write):
    text = ANY + '[[degradation]]\ntype = "gaussian_noise"\nsigma = [0.1, 0.1]\np = 0.5\n'
    pairs = open_pairs(write(text), overrides=["draws=20"])
    undergone = [not np.array_equal(pair.sharp, pair.degraded) for pair in pairs]
    assert 5 < sum(undergone) < 35
    assert undergone == ["sigma" in pair.draws for pair in pairs]


def test_a_test_set_is_told_from_a_recipe(write):
    assert is_test(write(ANY)) and is_test("faces80") and not is_test("face_mt")
    assert is_test(write('extends = "test.toml"\nname = "more"\n', "more.toml"))
    assert not is_test(write('schema = 1\nname = "x"\n[[stage]]\nsteps = 1\n', "recipe.toml"))


class Doubled(restorekit.Restorer):
    """Repeats every pixel."""

    name = "doubled"
    footprint = restorekit.Footprint(scale=2)

    def restore(self, images):
        return images.repeat_interleave(2, dim=-1).repeat_interleave(2, dim=-2)


def test_a_picture_that_was_shrunk_is_scored_at_its_old_size(write):
    recipe = write(
        ANY + '[[degradation]]\ntype = "kernel_set"\nkernels = "sharp"\n[[degradation]]\ntype = "shrink"\n'
        '[[metric]]\ntype = "colour_shift"\n'
    )
    pairs = open_pairs(recipe)
    assert pairs[0].sharp.shape == (64, 70, 3) and pairs[0].degraded.shape == (32, 35, 3)
    before, after = restorekit.evaluate(recipe, [Doubled()], limit=1)
    assert 15 < after.values["psnr"] < before.values["psnr"] < 40, (
        "cubic convolution is better than pixels repeated"
    )
    assert after.values["colour_shift"] < 0.5


def test_a_restorer_of_another_scale_is_a_line(write):
    recipe = write(ANY)
    with pytest.raises(RestorekitError, match="'doubled' enlarges by 2, and this test set shrinks by 1"):
        restorekit.evaluate(recipe, [Doubled()])


def test_the_border_is_counted_in_pixels_of_the_sharp_picture(write):
    steps = '[[degradation]]\ntype = "shrink"\n[[degradation]]\ntype = "defocus_blur"\nradius = [2.0, 2.0]\n'
    assert load_protocol(write(ANY + steps)).margin == 4
    pair = open_pairs(write(ANY + steps), overrides=["crop=center", "size=32"])[0]
    assert pair.sharp.shape == (32, 32, 3) and pair.degraded.shape == (16, 16, 3)


def test_a_test_set_may_say_what_is_scored(write):
    still = ANY.replace("[source]", 'restorers = ["input"]\n[source]')
    rows = restorekit.evaluate(write(still))
    assert {row.restorer for row in rows} == {"input"} and len(rows) == 2
    rows = restorekit.evaluate(write(still), [Still()])
    assert {row.restorer for row in rows} == {"input", "Still"}


class Still(restorekit.Restorer):
    """The identity."""

    def restore(self, images):
        return images
