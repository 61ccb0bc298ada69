"""Recipes: TOML in, checked and built parts out."""

from restorekit.recipe.load import Recipe, load_recipe, shipped_recipes

__all__ = ["Recipe", "load_recipe", "shipped_recipes"]
