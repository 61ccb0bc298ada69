"""Components within components: a recipe states, checks, resolves and documents them like any other."""

import tomllib
from dataclasses import dataclass, field
from typing import ClassVar

import pytest
from pydantic import ValidationError

from restorekit import Degradation, load_recipe
from restorekit.errors import PluginError, RecipeError
from restorekit.plugins import registry
from restorekit.recipe.component import component_table, make_component
from restorekit.recipe.editor import editor_schema
from restorekit.registries import Entry
from restorekit_degradations.identity import Identity
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
    noise, inner = load(RECIPE).degradations[0].degradation.choices
    assert noise == GaussianNoise((0.1, 0.2))
    assert inner.choices == (JPEG((40, 60)),)


def test_the_resolved_recipe_spells_them_out_and_is_read_back_equal(load):
    recipe = load(RECIPE.replace("quality = [40, 60]", ""))
    (table,) = tomllib.loads(recipe.dumps())["degradation"]
    assert table["choices"][1]["choices"] == [{"type": "jpeg", "quality": [30, 95]}]
    assert load(recipe.dumps()).degradations == recipe.degradations


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


def test_a_missing_key_is_told_with_the_whole_way_to_it(load):
    sources = '{ type = "mixed", sources = [{ type = "samples" }, { type = "folder" }] }'
    with pytest.raises(
        RecipeError, match=r"missing key 'path'; add it, or set data\.train\.sources\.1\.path=VALUE"
    ):
        load(RECIPE.replace('{ type = "samples" }', sources))


def test_a_nested_path_is_relative_to_the_recipe_or_if_set_by_hand_to_the_working_directory(
    tmp_path, monkeypatch
):
    sources = (
        '{ type = "mixed", sources = [{ type = "folder", path = "a" }, { type = "folder", path = "b" }] }'
    )
    (tmp_path / "far").mkdir()
    (tmp_path / "far/r.toml").write_text(RECIPE.replace('{ type = "samples" }', sources))
    monkeypatch.chdir(tmp_path)
    mixed = load_recipe("far/r.toml", ["data.train.sources.1.path=c"]).data.train
    assert [source.path for source in mixed.sources] == [tmp_path / "far/a", tmp_path / "c"]


def test_a_component_made_in_python_needs_no_table():
    mixture = make_component("degradation", "mixture", {"choices": [{"type": "identity"}]})
    assert component_table("mixture", mixture) == {
        "type": "mixture",
        "choices": [{"type": "identity"}],
        "weights": [],
    }


@dataclass(frozen=True)
class Holder(Degradation):
    """Holds components in every way that a recipe can state."""

    one: Degradation
    two: tuple[Degradation, Degradation]
    maybe: Degradation | None = None
    many: list[Degradation] = field(default_factory=list)
    table: ClassVar["np.ndarray"]  # noqa: F821, UP037  (a name that only a type checker knows)

    def sample(self, rng, height, width):
        return {}

    def apply(self, images):
        return images


@dataclass
class Thawed(Degradation):
    """Not frozen."""

    level: float = 0.5

    def sample(self, rng, height, width):
        return {}

    def apply(self, images):
        return images


@dataclass
class Odd(Thawed):
    """Of a type that no recipe can state."""

    what: "Nowhere" = None  # noqa: F821, UP037


@pytest.fixture
def registered(monkeypatch):
    """A registry with all three."""
    known = registry("degradation")
    classes = {"holder": Holder, "thawed": Thawed, "odd": Odd}
    entries = {name: Entry(name, cls, "somebody") for name, cls in classes.items()}
    monkeypatch.setattr(known, "_entries", known._entries | entries)


def test_a_contract_may_stand_in_tuples_lists_and_with_none(registered):
    still = {"type": "identity"}
    holder = make_component("degradation", "holder", {"one": still, "two": [still, still], "many": [still]})
    assert holder == Holder(Identity(), (Identity(), Identity()), None, [Identity()])
    holder = make_component("degradation", "holder", {"one": still, "two": [still, still], "maybe": still})
    assert holder.maybe == Identity()
    assert component_table("holder", holder)["maybe"] == still
    with pytest.raises(ValidationError, match="two"):
        make_component("degradation", "holder", {"one": still, "two": [still]})


def test_a_component_need_not_be_frozen(registered):
    assert make_component("degradation", "thawed", {}) == Thawed()


def test_a_field_that_no_recipe_can_state_is_the_plugins_fault(registered):
    with pytest.raises(PluginError, match="^degradation 'odd' of somebody cannot be made from a recipe: "):
        make_component("degradation", "odd", {})


def test_editors_learn_that_it_is_a_table_with_a_type():
    variants = editor_schema()["$defs"]["degradation"]["oneOf"]
    (mixture,) = [variant for variant in variants if variant["title"] == "mixture"]
    assert mixture["properties"]["choices"]["items"]["required"] == ["type"]
    assert mixture["required"] == ["type", "choices"]
