"""From a test set's recipe to a protocol: every fault is reported at once, and no torch is needed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import TypeAdapter, ValidationError

from restorekit.errors import DataError, RecipeError, RestorekitError
from restorekit.evaluation.manifest import HINT
from restorekit.evaluation.protocol import MetricStep, Protocol
from restorekit.evaluation.schema import MetricTable, ProtocolTable
from restorekit.recipe.component import component_table, make_component, try_component
from restorekit.recipe.extends import Written, nearest, read_extended
from restorekit.recipe.lines import Location, line_of
from restorekit.recipe.load import shipped_folder
from restorekit.recipe.overrides import apply_overrides
from restorekit.recipe.problems import Problem, from_pydantic
from restorekit.recipe.schema import Component


def load_protocol(test: str | Path, overrides: Sequence[str] = ()) -> Protocol:
    """Read, check and build the recipe of a test set.

    Args:
        test: A TOML file, or the name of a test set that restorekit ships (``faces80``).
        overrides: ``key=value`` each (``source.path=DIR``); paths in them are relative to the working directory.

    Raises:
        RecipeError: With one line for every fault found.
    """
    file, shown = find_test(test), str(test)
    table, written = read_extended(file, shown)
    overridden = apply_overrides(table, overrides)
    builder = _Builder(file.resolve().parent, overridden)
    protocol = builder.build(table)
    if protocol is None:
        raise _fault(builder.problems, written, overridden)
    return protocol


def find_test(test: str | Path) -> Path:
    """Return the file of a test set, given by path or by the name of a shipped one (with or without ``.toml``)."""
    given, shipped = Path(test), shipped_tests()
    if given.is_file():
        return given
    near = given.parent in (Path(), Path("recipes/tests")) and given.suffix in ("", ".toml")
    if near and given.stem in shipped:
        return shipped[given.stem]
    raise RestorekitError(f"no test set '{test}'", f"give a TOML file, or one of: {', '.join(shipped)}")


def shipped_tests() -> Mapping[str, Path]:
    """The test sets that come with restorekit, by name."""
    return {file.stem: file for file in sorted((shipped_folder() / "tests").glob("*.toml"))}


def override(key: str, value: Any) -> str:
    """Write one key and its value as `load_protocol` takes them."""
    return f"{key}={tomli_w.dumps({'value': value}).partition('=')[2].strip()}"


USUAL = ("psnr", "ssim_rgb", "ssim_matlab3d")
"""The metrics of a stored set that names none."""


def stored_metrics(protocol: Mapping[str, Any], shown: str) -> dict[str, MetricStep]:
    """Make the metrics that the manifest of a stored set names.

    Raises:
        DataError: They cannot be made; the manifest, called ``shown``, may be anybody's.
    """
    tables = protocol.get("metric") or [{"type": name} for name in USUAL]
    try:
        settings = TypeAdapter(list[MetricTable]).validate_json(json.dumps(tables))
        return {
            each.name or each.type: MetricStep(make_component("metric", each.type, each.options), each.every)
            for each in settings
        }
    except ValidationError as error:
        reason = error.errors()[0]["msg"].lower()
    except RestorekitError as error:
        reason = str(error)
    raise DataError(f"{shown}: its metrics cannot be used: {reason}", HINT)


class _Builder:
    """Builds the parts of one protocol, gathering every fault on the way."""

    def __init__(self, base: Path, overridden: Sequence[Location]) -> None:
        self.base = base
        self.overridden = overridden
        self.problems: list[Problem] = []

    def build(self, table: dict[str, Any]) -> Protocol | None:
        try:
            settings = ProtocolTable.model_validate_json(json.dumps(table, default=str))
        except ValidationError as error:
            self.problems = from_pydantic(error, (), lambda at: _known(at))
            return None
        source = self._make("source", settings.source, ("source",))
        degradations = [
            self._make("degradation", each, ("degradation", i)) for i, each in enumerate(settings.degradation)
        ]
        metrics: dict[str, MetricStep] = {}
        for i, each in enumerate(settings.metric):
            name = each.name or each.type
            if name in metrics:
                message = f"two metrics are called '{name}'; give one of them a name of its own"
                self.problems.append(Problem(("metric", i), message))
            metrics[name] = MetricStep(self._make("metric", each, ("metric", i)), each.every)
        if self.problems:
            return None
        return Protocol(
            settings.name,
            source,
            degradations,
            metrics,
            settings.crop,
            settings.size,
            settings.pictures,
            settings.draws,
            settings.seed,
            settings.restorers,
            _about(settings, source, degradations, metrics),
        )

    def _make(self, kind: str, table: Component, at: Location) -> Any:
        def base(key: str) -> Path:
            by_hand = any((*at, key)[: len(place)] == place for place in self.overridden)
            return Path.cwd() if by_hand else self.base

        return try_component(kind, table.type, table.options, base, at, self.problems)


def _about(
    settings: ProtocolTable, source: Any, degradations: Sequence[Any], metrics: Mapping[str, MetricStep]
) -> dict[str, Any]:
    """What results and manifests say: the resolved recipe, of paths the last part alone."""
    table = settings.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"restorers"})
    table["source"] = component_table(settings.source.type, source)
    table["degradation"] = [
        component_table(each.type, made)
        for each, made in zip(settings.degradation, degradations, strict=True)
    ]
    table["metric"] = [
        component_table(each.type, measure.metric) | {"name": name, "every": measure.every}
        for each, (name, measure) in zip(settings.metric, metrics.items(), strict=True)
    ]
    named = _named(table)
    where = named["source"]
    return {"data": where.get("path", settings.name), "list": where.get("listing"), "protocol": named}


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _named(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_named(each) for each in value]
    return Path(value).resolve().name if isinstance(value, str) and Path(value).is_absolute() else value


def _known(at: Location) -> list[str]:
    """The keys of the table at a location, for did-you-mean."""
    model = MetricTable if at[:1] == ("metric",) else ProtocolTable
    return [field.alias or name for name, field in model.model_fields.items()]


def _fault(
    problems: Iterable[Problem], written: list[Written], overridden: Sequence[Location]
) -> RecipeError:
    placed = [(nearest(problem.location, written), problem) for problem in problems]
    placed.sort(key=lambda pair: (written.index(pair[0]), line_of(pair[1].location, pair[0].lines)))
    return RecipeError([problem.render(at.shown, at.lines, overridden) for at, problem in placed])
