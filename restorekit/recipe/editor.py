"""The JSON Schema of recipes, for editors: each ``type`` brings its own keys."""

from __future__ import annotations

from typing import Any

from restorekit.kinds import COMPONENTS, KINDS, Kind
from restorekit.plugins import registry
from restorekit.recipe.describe import schema
from restorekit.recipe.part import KIND
from restorekit.recipe.recipe import Recipe


def editor_schema() -> dict[str, Any]:
    """Return the schema of a recipe with the components of every installed plugin."""
    whole = Recipe.model_json_schema()
    whole["required"] = ["schema", *whole["required"]]
    whole["properties"]["extends"] = {
        "type": "string",
        "description": "A recipe beside it that this one goes over.",
    }
    definitions = whole["$defs"]
    frames = {name: each for name, each in definitions.items() if "type" in each["properties"]}
    for name, frame in frames.items():
        kind = KINDS[frame["properties"]["type"][KIND]]
        definitions[name] = _choices(kind, frame["properties"], definitions)
    for kind in COMPONENTS:
        definitions[kind.name] = _choices(kind, {}, definitions)
        if kind.short:
            names = [entry.name for entry in registry(kind.name)]
            definitions[kind.name]["oneOf"].append({"enum": names})
        if kind.listed:
            definitions[kind.name]["oneOf"].append({"type": "array"})
    pointed: dict[str, Any] = _pointed(whole)
    return pointed


def _choices(kind: Kind, frame: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    return {
        "oneOf": [
            _variant(kind, frame, entry.name, schema(entry.resolve()), definitions)
            for entry in registry(kind.name)
        ]
    }


def _variant(
    kind: Kind, frame: dict[str, Any], name: str, component: dict[str, Any], definitions: dict[str, Any]
) -> dict[str, Any]:
    definitions.update(component.get("$defs", {}))
    typed = [] if name == kind.default else ["type"]
    return {
        "type": "object",
        "title": name,
        "properties": frame | component["properties"] | {"type": {"const": name}},
        "required": [*typed, *component.get("required", [])],
        "additionalProperties": False,
    }


def _pointed(tree: Any) -> Any:
    """Put a reference to a kind's choices in the place of every mark."""
    if isinstance(tree, list):
        return [_pointed(each) for each in tree]
    if not isinstance(tree, dict):
        return tree
    kept = {key: _pointed(value) for key, value in tree.items() if key != KIND}
    return kept | ({"$ref": f"#/$defs/{tree[KIND]}"} if KIND in tree else {})
