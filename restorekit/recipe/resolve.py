"""The resolved recipe: every key spelt out, so that a run can be read and repeated from it alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from restorekit.recipe import schema
from restorekit.recipe.build import DegradationStep, Parts
from restorekit.recipe.component import component_table


def resolved(settings: schema.Settings, parts: Parts) -> dict[str, Any]:
    """Return the recipe's tables with every default filled in and every path absolute."""
    table = settings.model_dump(mode="json", by_alias=True, exclude_none=True)
    table["data"]["train"] = component_table(settings.data.train.type, parts.source)
    if settings.validation:
        table["validation"]["source"] = component_table(settings.validation.source.type, parts.validation)
    table["network"] = component_table(settings.network.type, parts.network)
    table["task"] = [component_table(name, task) for name, task in parts.tasks.items()]
    for entry, loss, term in zip(table["loss"], settings.loss, parts.terms, strict=True):
        entry.update(component_table(loss.type, term.loss), name=term.name)
    table["degradation"] = _steps(settings.degradation, parts.degradations)
    for entry, given, stage in zip(table["stage"], settings.stage, parts.stages, strict=True):
        if given.degradation is not None:
            entry["degradation"] = _steps(given.degradation, stage.degradations)
    return table


def _steps(tables: Sequence[schema.Degradation], steps: Sequence[DegradationStep]) -> list[dict[str, Any]]:
    return [
        component_table(table.type, step.degradation) | {"p": step.p}
        for table, step in zip(tables, steps, strict=True)
    ]
