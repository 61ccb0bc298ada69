"""The JSON Schema of recipes: editors accept what is shipped and underline what is misspelt."""

from collections.abc import Mapping

import pytest

from restorekit.recipe import shipped_recipes
from restorekit.recipe.editor import editor_schema
from restorekit.recipe.extends import read_extended
from restorekit.recipe.overrides import apply_overrides

PATHS = ["data.train.path=faces", "validation.source.path=faces"]


def valid(value, schema, root):
    """Whether a value keeps to a JSON Schema; as much of the standard as pydantic makes use of here."""
    if "$ref" in schema:
        return valid(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
    }
    ok = "type" not in schema or (
        value is None
        if schema["type"] == "null"
        else isinstance(value, kinds[schema["type"]])
        and (schema["type"] == "boolean") == isinstance(value, bool)
    )
    ok = ok and ("const" not in schema or value == schema["const"])
    ok = ok and ("enum" not in schema or value in schema["enum"])
    if ok and isinstance(value, Mapping):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        ok = set(schema.get("required", [])) <= value.keys() and (
            rest is not False or value.keys() <= known.keys()
        )
        ok = ok and all(valid(entry, known.get(key, {}), root) for key, entry in value.items())
    if ok and isinstance(value, list):
        ok = all(valid(entry, schema.get("items", {}), root) for entry in value)
    if ok and "anyOf" in schema:
        ok = any(valid(value, choice, root) for choice in schema["anyOf"])
    if ok and "oneOf" in schema:
        ok = sum(valid(value, choice, root) for choice in schema["oneOf"]) == 1
    return ok


@pytest.mark.parametrize("name", shipped_recipes())
def test_editors_accept_the_shipped_recipes_and_refuse_a_misspelt_key(name):
    schema = editor_schema()
    table = read_extended(shipped_recipes()[name], name)[0]
    types = [table["data"]["train"]["type"], table.get("validation", {}).get("source", {}).get("type")]
    paths = [path for path, kind in zip(PATHS, types, strict=True) if kind == "celeba"]
    apply_overrides(table, paths)
    assert valid(table, schema, schema)
    for key in ("nmae", "data.sise", "data.train.pth", "network.wdith", "task.0.x", "degradation.0.sizse",
                "loss.0.wieght", "optim.rl", "stage.0.degradation=[{type='gaussian_noise', sigam=0}]",
                "stage.0.stpes", "network.type='unte'", "data.size='big'"):  # fmt: skip
        wrong = read_extended(shipped_recipes()[name], name)[0]
        apply_overrides(wrong, [*paths, key if "=" in key else f"{key}=1"])
        assert not valid(wrong, schema, schema), key
