"""The table of albumentations is that of the installed release, and its transforms are components."""

import pickle

import pytest

from restorekit import RestorekitError
from restorekit.recipe.component import component_table, make_component
from restorekit.testing import check_augmentation
from restorekit_albumentations import transforms
from restorekit_albumentations.table import FILE, dumps, survey, table


def test_the_table_is_that_of_the_installed_release():
    assert FILE.read_text("utf-8") == dumps(survey()), (
        "write it again: python -m restorekit_albumentations.table"
    )


def test_every_transform_is_a_component_that_a_recipe_can_state():
    for name, fields in table().items():
        given = {key: [] for key, (kind, *default) in fields.items() if not default}
        if not given:
            made = make_component("augmentation", name, {})
            options = component_table(name, made)
            assert make_component("augmentation", options.pop("type"), options) == made
        assert getattr(transforms, name).__name__ == name


def test_they_keep_the_contract_and_draw_from_the_seed():
    check_augmentation(transforms.HorizontalFlip(p=0.5))
    check_augmentation(transforms.Affine(rotate=(-10.0, 10.0)))


def test_they_are_pickled_by_their_names():
    flip = transforms.HorizontalFlip(p=0.25)
    assert pickle.loads(pickle.dumps(flip)) == flip


def test_what_albumentations_refuses_is_a_line():
    with pytest.raises(RestorekitError, match=r"^\[\[augment\]\] GaussianBlur: ") as caught:
        transforms.GaussianBlur(p=-1.0).build()
    assert "\n" not in str(caught.value)
