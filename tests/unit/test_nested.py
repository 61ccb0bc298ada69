"""Components within components: a recipe states, checks, resolves and documents them like any other."""

import tomllib

import pytest

from restorekit import load_recipe
from restorekit.errors import RecipeError
from restorekit.recipe.component import component_table, make_component
from restorekit.recipe.editor import editor_schema
from restorekit_degradations.jpeg import JPEG
from restorekit_degradations.noise import GaussianNoise

RECIPE = """
schema = 1
name = "x"
data = { train = { type = "samples" }, size = 32 }
network = { type = "face_multitask_unet" }
task = [{ type = "image" }]
loss = [{ type = "l1" }]
stage = [{ steps = 1, losses = ["l1"] }]

[[degradation]]
type = "mixture"
weights = [1, 3]
[[degradation.choices]]
type = "gaussian_noise"
sigma = [0.1, 0.2]
[[degradation.choices]]
type = "mixture"
[[degradation.choices.choices]]
type = "jpeg"
quality = [40, 60]
"""


@pytest.fixture
def load(tmp_path):
    def write_and_load(text):
        (tmp_path / "r.toml").write_text(text)
        return load_recipe(tmp_path / "r.toml")

    return write_and_load


def test_tables_become_components_at_any_depth(load):
    noise, inner = load(RECIPE).parts.degradations[0].degradation.choices
    assert noise == GaussianNoise((0.1, 0.2))
    assert inner.choices == (JPEG((40, 60)),)


def test_the_resolved_recipe_spells_them_out_and_is_read_back_equal(load):
    recipe = load(RECIPE.replace("quality = [40, 60]", ""))
    (table,) = tomllib.loads(recipe.dumps())["degradation"]
    assert table["choices"][1]["choices"] == [{"type": "jpeg", "quality": [30, 95]}]
    assert load(recipe.dumps()).parts.degradations == recipe.parts.degradations


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("sigma", "sgima", 15, "[[degradation.choices]] unknown key 'sgima'; did you mean 'sigma'?"),
        ('"jpeg"', '"jpg"', 19, "[[degradation.choices.choices]] unknown degradation 'jpg'; did you mean 'jpeg'?"),
        ("[40, 60]", "[60, 40]", 19, "[[degradation.choices.choices]] quality must be [low, high] with 1 <= low"),
        ("[40, 60]", '"high"', 20, "[[degradation.choices.choices]] quality: input should be a valid array"),
        ("[1, 3]", "[1]", 11, "[[degradation]] weights must be 2, one for each choice, not 1"),
        ('type = "jpeg"', "", 18, "[[degradation.choices.choices]] a degradation is a table with a type, such as "),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_own_line(load, old, new, line, message):
    with pytest.raises(RecipeError) as caught:
        load(RECIPE.replace(old, new))
    (problem,) = caught.value.problems
    assert f"r.toml:{line}: {message}" in problem


def test_a_component_made_in_python_needs_no_table():
    mixture = make_component("degradation", "mixture", {"choices": [{"type": "identity"}]})
    assert component_table("mixture", mixture) == {
        "type": "mixture",
        "choices": [{"type": "identity"}],
        "weights": [],
    }


def test_editors_learn_that_it_is_a_table_with_a_type():
    variants = editor_schema()["$defs"]["degradation"]["oneOf"]
    (mixture,) = [variant for variant in variants if variant["title"] == "mixture"]
    assert mixture["properties"]["choices"]["items"]["required"] == ["type"]
    assert mixture["required"] == ["type", "choices"]
