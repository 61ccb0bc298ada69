"""What both pages of the reference have in common: tables, and types in the words of TOML."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from restorekit.kinds import is_contract, kind_of

PLAIN = {int: "integer", float: "float", str: "string", bool: "boolean", Path: "path"}
BOUNDS = {"gt": "> {:g}", "ge": "≥ {:g}", "lt": "< {:g}", "le": "≤ {:g}"}


def sections(*parts: str) -> str:
    """Join parts of a page, leaving out the empty ones."""
    return "\n\n".join(part.strip() for part in parts if part)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows as a table of Markdown; nothing if there are none."""
    lines = [heads, ["---"] * len(heads), *rows] if rows else []
    return "\n".join(f"| {' | '.join(' '.join(cell.split()) for cell in line)} |" for line in lines)


def code(text: str) -> str:
    """Put it in backticks, if there is anything."""
    return f"`{text}`" if text else ""


def plain(text: str) -> str:
    """Turn what a docstring or a help text says into Markdown that may stand in a table."""
    return text.replace("``", "`").replace("|", "\\|").replace("::\n", ":\n")


def in_words(hint: Any, bounds: Iterable[Any] = ()) -> str:
    """Say a type as TOML calls it, with the bounds that pydantic was given."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_contract(hint) or any(map(is_contract, arguments)) and origin in (Union, UnionType):
        kind = kind_of(hint if is_contract(hint) else arguments[0])
        return f"{kind.name} table"
    if origin is Annotated:
        return in_words(arguments[0], bound_objects(arguments[1:]))
    if origin in (Union, UnionType):
        return " or ".join(in_words(each) for each in arguments if each is not NoneType)
    if origin is Literal:
        return " or ".join(f"`{each}`" if isinstance(each, int) else f'`"{each}"`' for each in arguments)
    if origin in (list, Sequence) or (origin is tuple and arguments[-1] is Ellipsis):
        several = get_origin(arguments[0]) in (None, Annotated)
        return f"array of {in_words(arguments[0])}{'s' * several}"
    if origin is tuple:
        return f"[{', '.join(in_words(each) for each in arguments)}]"
    if origin is dict or issubclass(hint, BaseModel):
        return "table"
    said = [
        form.format(getattr(each, name))
        for each in bounds
        for name, form in BOUNDS.items()
        if hasattr(each, name)
    ]
    return " ".join([PLAIN[hint], ", ".join(said)]).strip()


def bound_objects(metadata: Iterable[Any]) -> list[Any]:
    """Take pydantic's Field apart into its bounds."""
    return [bound for each in metadata for bound in getattr(each, "metadata", [each])]
