"""What the shell offers when Tab is pressed: names of kinds, components, recipes and models. Files it offers itself."""

from __future__ import annotations

from collections.abc import Iterable

import typer


def kinds(incomplete: str) -> list[str]:
    """Offer the kinds of what plugins bring."""
    from restorekit.kinds import KINDS

    return _beginning(incomplete, KINDS)


def components(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the names of the kind that stands before."""
    from restorekit.kinds import KINDS

    kind = context.params.get("kind")
    return _beginning(incomplete, _registered(kind)) if kind in KINDS else []


def framings(incomplete: str) -> list[str]:
    """Offer the framings."""
    return _beginning(incomplete, _registered("framing"))


def recipes(incomplete: str) -> list[str]:
    """Offer the recipes that have a name."""
    from restorekit.recipe.load import named_recipes

    return _beginning(incomplete, named_recipes())


def models(incomplete: str) -> list[str]:
    """Offer the models that have a name, and the methods that need no weights."""
    from restorekit.bundle import shipped

    return _beginning(incomplete, [*shipped(), *_registered("model"), *_registered("restorer")])


def _registered(kind: str) -> list[str]:
    from restorekit.plugins import registry

    return [entry.name for entry in registry(kind)]


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
