"""A recipe made in Python of components is the same thing as one in TOML, and is checked alike."""

import tomllib

import pytest

from restorekit import Data, ImageTask, Recipe, Stage, Step, Term, load_recipe
from restorekit.data.sources.samples import SampleImages
from restorekit.errors import RecipeError
from restorekit_degradations.noise import GaussianNoise
from restorekit_face_multitask.unet import FaceMultitaskUNet
from restorekit_losses.content import L1, Charbonnier

NETWORK = FaceMultitaskUNet(widths=(16, 32), blocks=(1, 1))


def made(**changes):
    parts = {
        "name": "made",
        "data": Data(train=SampleImages(), size=64, batch=2),
        "degradations": [
            Step(degradation=GaussianNoise()),
            Step(degradation=GaussianNoise((0.1, 0.2)), p=0.5),
        ],
        "network": NETWORK,
        "task": [ImageTask()],
        "terms": [Term(loss=L1()), Term(loss=Charbonnier(), name="smooth", weight="auto")],
        "stage": [Stage(steps=3, losses=["l1"]), Stage(steps=2, losses=["l1", "smooth"], lr=1e-3)],
    }
    return Recipe(**parts | changes)


def test_it_is_what_its_toml_is(tmp_path):
    recipe = made()
    (tmp_path / "made.toml").write_text(recipe.dumps())
    assert load_recipe(tmp_path / "made.toml") == recipe
    table = tomllib.loads(recipe.dumps())
    assert (table["data"]["crop"], table["optim"]["type"], table["optim"]["schedule"]) == (
        "random",
        "adam",
        "constant",
    )


def test_what_is_left_out_is_filled_in():
    recipe = made()
    assert [step.name for step in recipe.degradations] == ["gaussian_noise", "gaussian_noise.2"]
    assert [term.name for term in recipe.terms] == ["l1", "smooth"]
    first, second = recipe.stages
    assert (first.lr, second.lr) == (recipe.optim.optimiser.lr, 1e-3)
    assert (first.batch, first.size, first.degradations) == (2, 64, recipe.degradations)
    assert list(recipe.tasks) == ["image"]


def test_found_weights_take_the_place_of_auto():
    recipe = made()
    assert [term.weight for term in recipe.terms] == [1.0, None]
    assert [term.weight for term in recipe.with_weights({"l1": 9.0, "smooth": 0.2}).terms] == [1.0, 0.2]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: made(stage=[Stage(steps=1, losses=["l2"])]), "stage.0.losses: no [[loss]] is called 'l2'"),
        (lambda: made(data=Data(train=SampleImages(), size=30)), "data.size: size 30 is not a multiple of"),
        (lambda: made(network=L1()), "network: a network is a component, not L1()"),
        (lambda: made(nmae="x"), "nmae: unknown key 'nmae'; did you mean 'name'?"),
        (lambda: Stage(steps=0, losses=["l1"]), "steps: steps: input should be greater than 0, not 0"),
    ],
)
def test_it_is_checked_as_any_other(wrong, said):
    with pytest.raises(RecipeError) as caught:
        wrong()
    assert said in str(caught.value)
