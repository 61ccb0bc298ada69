"""Where components stand in a recipe, read from the models themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from restorekit.kinds import Kind, is_contract, kind_of
from restorekit.recipe.schema import Frame, Table


@dataclass(frozen=True)
class Shape:
    """What a field holds: components of a kind, or tables of a model; else neither.

    Attributes:
        kind: The kind of its components.
        model: The model of its tables.
        many: Whether it holds several, as an array.
    """

    kind: Kind | None = None
    model: type[Table] | None = None
    many: bool = False


def shape_of(hint: Any) -> Shape:
    """Tell what an annotation holds."""
    if is_contract(hint):
        return Shape(kind=kind_of(hint))
    if isinstance(hint, type) and issubclass(hint, Table):
        return Shape(model=hint)
    arguments = get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint)
    inner = next((found for found in map(shape_of, arguments) if found != Shape()), Shape())
    many = inner.many or (_is_array(hint) and inner != Shape())
    return Shape(inner.kind, inner.model, many)


def _is_array(hint: Any) -> bool:
    return get_origin(hint) in (Sequence, list, tuple)


@cache
def fields(model: type[Table]) -> Mapping[str, Shape]:
    """Return what each key of a table holds."""
    return {
        str(field.validation_alias or name): shape_of(field.annotation)
        for name, field in model.model_fields.items()
    }


def places(model: type[Table], key: str = "") -> Iterator[tuple[type[Table], str, Shape]]:
    """Yield every field of a model and of the models within it that holds components or frames of them."""
    for name, shape in fields(model).items():
        if name == "type" and issubclass(model, Frame):
            continue
        if shape.kind is not None or (shape.model is not None and issubclass(shape.model, Frame)):
            yield model, name, shape
        if shape.model is not None:
            yield from places(shape.model)
