"""The contract kit on the kinds that came later: what ships keeps it, and what breaks it is told."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from restorekit import Augmentation, Crop, Schedule, testing
from restorekit.data.crop import Box, Center, Random
from restorekit.kinds import COMPONENTS, KINDS
from restorekit.optimisation import optimisers
from restorekit.optimisation.schedules import Constant, Cosine
from restorekit.recipe.places import fields
from restorekit.recipe.schema import Optim, Step, Term
from restorekit.restore.whole import Whole
from restorekit.training.trackers.tensorboard import TensorBoard
from restorekit_albumentations import transforms
from restorekit_faces.celeba import CelebACrop


@dataclass(frozen=True)
class Outside(Crop):
    """Lies beside the image."""

    def place(self, rng, height, width, size, margin):
        return height, 0


@dataclass(frozen=True)
class Moody(Augmentation):
    """Draws from nowhere."""

    def __call__(self, images, seed):
        return {name: np.random.randint(0, 256, image.shape, np.uint8) for name, image in images.items()}


@dataclass(frozen=True)
class Falling(Schedule):
    """Falls below zero."""

    def factor(self, step, steps):
        return 0.5 - step / steps


def test_what_ships_keeps_the_contract(monkeypatch):
    for crop in (Random(), Center(), Box((3, 3, 32, 32))):
        testing.check_crop(crop)
    testing.check_crop(CelebACrop(), 218, 178)
    testing.check_augmentation(transforms.HorizontalFlip(p=0.5))
    testing.check_framing(Whole())
    testing.check_optimiser(optimisers.adamw())
    testing.check_optimiser(optimisers.sgd(momentum=0.5))
    for schedule in (Constant(), Cosine()):
        testing.check_schedule(schedule)
    testing.check_tracker(TensorBoard())


@pytest.mark.parametrize(
    ("check", "broken", "message"),
    [
        (testing.check_crop, Outside(), r"Outside placed a square of 48 pixels .* at \(96, 0\) in 96 x 128"),
        (
            testing.check_augmentation,
            Moody(),
            "Moody changed the same picture differently from the same seed",
        ),
        (testing.check_schedule, Falling(), r"the factor of Falling at step 51 of 100 is -0\.01"),
    ],
)
def test_a_breach_is_told_with_lines_that_keep_the_contract(check, broken, message, monkeypatch):
    monkeypatch.setattr("restorekit.testing.component._check_light", lambda cls: None)
    with pytest.raises(AssertionError) as caught:
        check(broken)
    assert re.search(message, str(caught.value)) and "for example:" in str(caught.value)


def test_the_one_table_covers_hooks_checks_and_the_keys_of_a_recipe():
    for kind in COMPONENTS:
        assert all(hasattr(testing, check) for check in kind.check), kind.name
    for model, kind in ((Step, "degradation"), (Term, "loss"), (Optim, "optimiser")):
        assert set(fields(model)) == {"type", *KINDS[kind].frame}


def test_the_page_for_authors_lists_every_kind():
    page = (Path(__file__).parents[2] / "docs" / "write-a-plugin.md").read_text("utf-8")
    for kind in KINDS.values():
        assert f"| {kind.name} | {kind.gives} | `{kind.hook}` |" in page
