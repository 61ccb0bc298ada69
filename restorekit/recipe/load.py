"""From a TOML file to a checked recipe: every fault is reported at once, and no torch is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from restorekit.errors import RecipeError, RestorekitError
from restorekit.plugins import registry
from restorekit.recipe.compile import Compiler, as_json
from restorekit.recipe.extends import nearest, read_extended
from restorekit.recipe.lines import Location, line_of
from restorekit.recipe.overrides import apply_overrides
from restorekit.recipe.places import fields
from restorekit.recipe.problems import Problem, from_pydantic, missing
from restorekit.recipe.recipe import Recipe
from restorekit.recipe.schema import Table

T = TypeVar("T", bound=Table)


def load_recipe(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read, check and build a recipe.

    Args:
        path: A TOML file, or the name of a recipe that restorekit ships.
        overrides: ``key=value`` each (``optim.lr=2e-4``, ``data.train.path=DIR``).

    Raises:
        RecipeError: With one line for every fault found.
    """
    return read_model(Recipe, find_recipe(path), str(path), overrides)


def read_model(model: type[T], file: Path, shown: str, overrides: Sequence[str] = ()) -> T:
    """Read, check and build a TOML file of any model: a recipe, or a test set.

    Args:
        model: The model of its outermost table, which has the key ``schema``.
        file: The file.
        shown: What errors call it.
        overrides: ``key=value`` each.

    Raises:
        RecipeError: With one line for every fault found.
    """
    table, written = read_extended(file, shown)
    overridden = apply_overrides(table, overrides)

    def fail(problems: Iterable[Problem]) -> RecipeError:
        placed = [(nearest(problem.location, written), problem) for problem in problems]
        placed.sort(key=lambda pair: (written.index(pair[0]), line_of(pair[1].location, pair[0].lines)))
        return RecipeError([problem.render(at.shown, at.lines, overridden) for at, problem in placed])

    compiler = Compiler(file.resolve().parent, overridden)
    made = validated(model, compiler.table(model, table), compiler)
    if "schema" not in table:
        compiler.problems.append(missing(("schema",)))
    if made is None or compiler.problems:
        raise fail(compiler.problems)
    return made


def find_recipe(path: str | Path) -> Path:
    """Return the file of a recipe, given by path or by name (with or without ``.toml``)."""
    given = Path(path)
    if given.is_file():
        return given
    named = named_recipes()
    if given.parent in (Path(), Path("recipes")) and given.suffix in ("", ".toml") and given.stem in named:
        return named[given.stem]
    raise RestorekitError(f"no recipe '{path}'", f"give a TOML file, or one of: {', '.join(named)}")


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


def named_recipes() -> Mapping[str, Path]:
    """The recipes that go by a name: those that come with restorekit, and those of plugins."""
    return {entry.name: entry.path() for entry in registry("recipe")} | dict(shipped_recipes())


def shipped_folder() -> Path:
    """Where recipes lie: in the wheel, or beside the package in a checkout."""
    package = Path(__file__).parent.parent
    return next(f for f in (package / "_recipes", package.parent / "recipes") if f.is_dir())


def validated(model: type[T], table: dict[str, Any], compiler: Compiler) -> T | None:
    """Validate a table, without its unknown keys if these are all that is wrong, so that the rest is checked too."""
    context = {"made": compiler.made, "problems": compiler.problems}
    try:
        return model.model_validate_json(as_json(table), context=context)
    except ValidationError as error:
        compiler.problems += from_pydantic(error, (), partial(keys_at, model))
        details = error.errors(include_url=False)
    if any(detail["type"] != "extra_forbidden" for detail in details):
        return None
    for detail in details:
        *outer, key = detail["loc"]
        place: Any = table
        for part in outer:
            place = place[part]
        del place[key]
    return model.model_validate_json(as_json(table), context=context)


def keys_at(outermost: type[Table], location: Location) -> list[str]:
    """Return the keys of the table at a location of a recipe."""
    model: type[Table] | None = outermost
    for part in location:
        if isinstance(part, str):
            model = fields(model)[part].model if model and part in fields(model) else None
    return list(fields(model)) if model else []
