"""The JSON Schema of recipes, for editors: each ``type`` brings its own keys."""

from __future__ import annotations

from typing import Any

from restorekit.plugins import registry
from restorekit.recipe.describe import schema
from restorekit.recipe.schema import Settings

# Where the models leave a component's keys open, and the registry that closes them.
_PLACES = {
    ("Data", "train"): "source",
    ("Validation", "source"): "source",
    ("Settings", "network"): "network",
    ("Settings", "task"): "task",
    ("Settings", "degradation"): "degradation",
    ("Stage", "degradation"): "degradation",
    ("Settings", "loss"): "loss",
}


def editor_schema() -> dict[str, Any]:
    """Return the schema of a recipe with the components of every installed plugin."""
    whole = Settings.model_json_schema(by_alias=True)
    definitions = whole["$defs"]
    frames = {"degradation": definitions["Degradation"], "loss": definitions["Loss"]}
    for kind in dict.fromkeys(_PLACES.values()):
        frame = frames.get(kind, definitions["Component"])
        choices = [
            _variant(frame, entry.name, schema(entry.resolve()), definitions) for entry in registry(kind)
        ]
        definitions[kind] = {"oneOf": choices}
    for (model, key), kind in _PLACES.items():
        owner = whole if model == "Settings" else definitions[model]
        _point(owner["properties"][key], f"#/$defs/{kind}")
    return whole


def _variant(
    frame: dict[str, Any], name: str, component: dict[str, Any], definitions: dict[str, Any]
) -> dict[str, Any]:
    definitions.update(component.get("$defs", {}))
    return {
        "type": "object",
        "title": name,
        "properties": frame["properties"] | component["properties"] | {"type": {"const": name}},
        "required": ["type", *component.get("required", [])],
        "additionalProperties": False,
    }


def _point(place: dict[str, Any], target: str) -> None:
    """Redirect the reference within a property, whether it stands alone, in an array or in a union."""
    if "$ref" in place:
        place["$ref"] = target
    for inner in [place.get("items", {}), *place.get("anyOf", [])]:
        if inner:
            _point(inner, target)
