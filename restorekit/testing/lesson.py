"""How a breach of contract is reported: what was found, what the contract asks, and lines that keep it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def demand(kept: bool, found: str, contract: str, example: str) -> None:
    """Raise unless the contract is kept.

    Args:
        kept: Whether it is.
        found: What the component did.
        contract: What it should do.
        example: Lines of Python that do so.

    Raises:
        AssertionError: It is not kept.
    """
    if not kept:
        lines = textwrap.indent(example.strip("\n"), "    ")
        raise AssertionError(f"{found}\n  the contract: {contract}\n  for example:\n{lines}")


@contextmanager
def demanding(found: str, contract: str, example: str) -> Iterator[None]:
    """Raise as ``demand`` does where the block fails, whichever way."""
    try:
        yield
    except Exception as error:
        why = f"{found} ({type(error).__name__}: {error})"
        try:
            demand(False, why, contract, example)
        except AssertionError as lesson:
            raise lesson from error


def described(value: Any) -> str:
    """Say what a value is: an array by dtype and shape, anything else by its type."""
    shape = getattr(value, "shape", None)
    if shape is None:
        return f"a {type(value).__name__}"
    return f"{str(value.dtype).removeprefix('torch.')} of shape {tuple(shape)}"
