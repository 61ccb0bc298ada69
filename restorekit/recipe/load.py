"""From a TOML file to a checked recipe: every fault is reported at once, and no torch is needed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import tomli_w
from pydantic import BaseModel, ValidationError

from restorekit.errors import RecipeError, RestorekitError
from restorekit.recipe.build import Builder, Parts
from restorekit.recipe.component import component_problems
from restorekit.recipe.extends import nearest, read_extended
from restorekit.recipe.lines import Location, line_of
from restorekit.recipe.overrides import apply_overrides
from restorekit.recipe.problems import Problem, from_pydantic
from restorekit.recipe.resolve import resolved
from restorekit.recipe.schema import Settings


@dataclass(frozen=True)
class Recipe:
    """A recipe that was read, checked and built.

    Attributes:
        file: What it was read from, as the user named it.
        settings: Its keys.
        parts: The components that it names.
    """

    file: str
    settings: Settings
    parts: Parts

    def table(self) -> dict[str, Any]:
        """The resolved recipe: every key spelt out, and paths absolute."""
        return resolved(self.settings, self.parts)

    def dumps(self) -> str:
        """The resolved recipe as TOML."""
        return tomli_w.dumps(self.table())

    def with_weights(self, found: Mapping[str, float]) -> Recipe:
        """Return the recipe with numbers in place of ``weight = "auto"``.

        Args:
            found: Weights by the names of losses; those that the recipe states itself stay as they are.
        """
        terms = tuple(
            replace(term, weight=found.get(term.name)) if term.weight is None else term
            for term in self.parts.terms
        )
        losses = [
            loss if term.weight is None else loss.model_copy(update={"weight": term.weight})
            for loss, term in zip(self.settings.loss, terms, strict=True)
        ]
        settings = self.settings.model_copy(update={"loss": losses})
        return replace(self, settings=settings, parts=replace(self.parts, terms=terms))


def load_recipe(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read, check and build a recipe.

    Args:
        path: A TOML file, or the name of a recipe that restorekit ships.
        overrides: ``key=value`` each, as --set takes them (``optim.lr=2e-4``, ``data.train.path=DIR``).

    Raises:
        RecipeError: With one line for every fault found.
    """
    file = find_recipe(path)
    shown = str(path)
    table, written = read_extended(file, shown)
    overridden = apply_overrides(table, overrides)

    def fail(problems: Iterable[Problem]) -> RecipeError:
        placed = [(nearest(problem.location, written), problem) for problem in problems]
        placed.sort(key=lambda pair: (written.index(pair[0]), line_of(pair[1].location, pair[0].lines)))
        return RecipeError([problem.render(at.shown, at.lines, overridden) for at, problem in placed])

    settings, problems = _settings(table)
    if settings is None:
        raise fail(problems + component_problems(table))
    builder = Builder(settings, file.resolve().parent, overridden)
    parts = builder.build()
    if parts is None or problems:
        raise fail(problems + builder.problems)
    return Recipe(shown, settings, parts)


def find_recipe(path: str | Path) -> Path:
    """Return the file of a recipe, given by path or by the name of a shipped one (with or without ``.toml``)."""
    given = Path(path)
    if given.is_file():
        return given
    shipped = shipped_recipes()
    if given.parent in (Path(), Path("recipes")) and given.suffix in ("", ".toml") and given.stem in shipped:
        return shipped[given.stem]
    raise RestorekitError(f"no recipe '{path}'", f"give a TOML file, or one of: {', '.join(shipped)}")


def find_recipes(path: Path) -> list[Path]:
    """Return the recipes of a folder by their files' names; one that is not there may be a shipped one's name."""
    if not path.is_dir() and path.parent in (Path(), Path("recipes")):
        path = shipped_folder() / path.name
    files = sorted(path.glob("*.toml"))
    if not files:
        raise RestorekitError(f"no recipe in {path}", "give a folder of TOML files, such as recipes/ablation")
    return files


def shipped_recipes() -> Mapping[str, Path]:
    """The recipes that come with restorekit, by name."""
    return {file.stem: file for file in sorted(shipped_folder().glob("*.toml"))}


def shipped_folder() -> Path:
    """Where recipes lie: in the wheel, or beside the package in a checkout."""
    package = Path(__file__).parent.parent
    return next(f for f in (package / "_recipes", package.parent / "recipes") if f.is_dir())


def _settings(table: dict[str, Any]) -> tuple[Settings | None, list[Problem]]:
    """Validate a table, without its unknown keys if these are all that is wrong, so that the rest is checked too."""
    try:
        return Settings.model_validate_json(json.dumps(table, default=str)), []
    except ValidationError as error:
        problems = from_pydantic(error, (), _keys_at)
        details = error.errors(include_url=False)
    if any(detail["type"] != "extra_forbidden" for detail in details):
        return None, problems
    for detail in details:
        *outer, key = detail["loc"]
        place: Any = table
        for part in outer:
            place = place[part]
        del place[key]
    return Settings.model_validate_json(json.dumps(table, default=str)), problems


def _keys_at(location: Location) -> list[str]:
    """The keys of the table at ``location``, found by walking the models' annotations."""
    model: type[BaseModel] | None = Settings
    for part in location:
        if model is None or isinstance(part, int):
            continue
        field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        model = _model_in(field.annotation) if field else None
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for m in map(_model_in, get_args(annotation)) if m), None)
