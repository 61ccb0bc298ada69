"""Recipes: TOML in, checked components out; or made in Python of components and these tables."""

from restorekit.recipe.load import load_recipe, shipped_recipes
from restorekit.recipe.recipe import Recipe
from restorekit.recipe.schema import Data, Optim, Stage, Step, Term, Train, Validation

__all__ = [
    "Data",
    "Optim",
    "Recipe",
    "Stage",
    "Step",
    "Term",
    "Train",
    "Validation",
    "load_recipe",
    "shipped_recipes",
]
