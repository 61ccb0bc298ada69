"""Components as documents, read from the class itself."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from restorekit.kinds import COMPONENTS
from restorekit.plugins import host
from restorekit.recipe.describe import description, fields, schema


@dataclass(frozen=True)
class Sample:
    """What it does, in a line.

    And more about it: with
    a second line.

    Attributes:
        path: Where it is,
            said in two lines.
        names: Which ones; in order.
        fast: Whether it hurries.

    Raises:
        ValueError: never.
    """

    path: Path
    names: tuple[str, ...] = ("a", "B")
    fast: bool = True
    weights: Path | None = None
    mode: str = "Fine"
    made: dict[str, int] = field(default_factory=dict)


def test_the_docstring_is_read_up_to_its_sections():
    assert description(Sample) == "What it does, in a line.\n\nAnd more about it: with\na second line."


def test_fields_have_type_default_and_meaning():
    path, names, fast, weights, mode, made = fields(Sample)
    assert (path.name, path.default) == ("path", "required")
    assert path.meaning == "Where it is, said in two lines."
    assert (names.default, names.meaning) == ('["a", "B"]', "Which ones; in order.")
    assert (fast.default, fast.meaning) == ("true", "Whether it hurries.")
    assert (weights.default, mode.default, weights.meaning) == ("none", '"Fine"', "")
    assert made.default == "{}"


def test_the_schema_closes_the_keys():
    found = schema(Sample)
    assert found["required"] == ["path"]
    assert found["additionalProperties"] is False


@pytest.mark.parametrize(
    "kind", sorted({kind.name for kind in COMPONENTS} - {"restorer", "engine", "framing"})
)
def test_all_that_is_shipped_is_documented(kind):
    for entry in host().registries[kind]:
        if entry.owner == "restorekit":
            cls = entry.resolve()
            assert description(cls)
            if kind != "augmentation":  # albumentations says what its keys do
                assert [f.name for f in fields(cls) if not f.meaning] == [], entry.name
