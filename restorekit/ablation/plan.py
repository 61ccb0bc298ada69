"""Which recipes are trained, for how many steps, from which seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from restorekit.errors import RestorekitError
from restorekit.recipe import Recipe, load_recipe
from restorekit.recipe.extends import read_extended
from restorekit.recipe.load import find_recipes
from restorekit.recipe.overrides import apply_overrides


@dataclass(frozen=True)
class Run:
    """One recipe from one seed.

    Attributes:
        row: The recipe's name: what the table calls it.
        seed: The seed.
        recipe: The recipe with that seed and its shortened stages.
        folder: Its run directory.
    """

    row: str
    seed: int
    recipe: Recipe
    folder: Path

    @property
    def steps(self) -> int:
        """Steps of all stages."""
        return sum(stage.steps for stage in self.recipe.stages)


def plan(recipes: Path, out: Path, steps: int, seeds: int, overrides: Sequence[str] = ()) -> list[Run]:
    """Plan the runs of an ablation, seed by seed, so that a table can be made of the first seed early.

    Args:
        recipes: A folder of recipes, or the name of a shipped one; their order is that of the files' names.
        out: Where the runs go, as ``NAME/seed-N``.
        steps: Steps of the longest recipe. All stages of all are shortened by one factor, to one step at least.
        seeds: How many seeds each is trained from: 0, 1 …
        overrides: ``key=value`` each; one that names a loss or stage that a recipe lacks leaves that recipe as it is.

    Raises:
        RestorekitError: There are no recipes, two have one name, or an override fits none of them.
    """
    files = find_recipes(recipes)
    fitting = _fitting(files, overrides)
    whole = {file: load_recipe(file, fitting[file]) for file in files}
    names = {file: recipe.name for file, recipe in whole.items()}
    for file, name in names.items():
        if list(names.values()).count(name) > 1:
            raise RestorekitError(f"{file}: '{name}' is the name of another recipe too", "give each its own")
    longest = max(sum(stage.steps for stage in recipe.stages) for recipe in whole.values())
    runs = []
    for seed in range(seeds):
        for file, recipe in whole.items():
            shortened = [
                f"stage.{i}.steps={max(1, round(stage.steps * steps / longest))}"
                for i, stage in enumerate(recipe.stages)
            ]
            scaled = load_recipe(file, [*fitting[file], *shortened, f"seed={seed}"])
            runs.append(Run(names[file], seed, scaled, out / names[file] / f"seed-{seed}"))
    return runs


def _fitting(files: Sequence[Path], overrides: Sequence[str]) -> dict[Path, list[str]]:
    """Say for each recipe which overrides it takes."""
    found: dict[Path, list[str]] = {file: [] for file in files}
    for override in overrides:
        refusal: RestorekitError | None = None
        for file in files:
            table, _ = read_extended(file, str(file))
            try:
                apply_overrides(table, [override])
            except RestorekitError as error:
                refusal = error
            else:
                found[file].append(override)
        if refusal and not any(override in each for each in found.values()):
            raise refusal
    return found
