"""The metrics that plugins have registered."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from restorekit.contracts import Metric


def registered_metrics() -> dict[str, Metric]:
    """Every registered metric; one that does not load is named and left out."""
    from pydantic import ValidationError

    from restorekit.plugins import registry
    from restorekit.recipe.component import make_component

    found: dict[str, Metric] = {}
    for entry in registry("metric"):
        try:
            found[entry.name] = make_component("metric", entry.name, {})
        except (RestorekitError, ValidationError) as error:
            print(f"metric '{entry.name}' of {entry.owner} is left out: {error}", file=sys.stderr)
    return found
