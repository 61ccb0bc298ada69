"""The torch side of a spandrel network; imported only when it is built."""

from __future__ import annotations

import importlib
from types import ModuleType

from torch import nn  # noqa: TID253

from restorekit import RestorekitError


def spandrel() -> ModuleType:
    """Import the library.

    Raises:
        RestorekitError: It is not installed.
    """
    try:
        return importlib.import_module("spandrel")
    except ImportError as error:
        raise RestorekitError(
            f"the spandrel library cannot be used: {error}",
            "pip install 'restorekit[spandrel]', or name another network",
        ) from None


def network_class(architecture: str) -> type[nn.Module]:
    """Return the class that ``ID.CLASS`` names among spandrel's own.

    Raises:
        RestorekitError: There is none.
    """
    library = spandrel()
    id, _, name = architecture.partition(".")
    classes = _classes(id) if id in library.MAIN_REGISTRY else {}
    if name not in classes:
        known = ", ".join(sorted(each.architecture.id for each in library.MAIN_REGISTRY))
        raise RestorekitError(
            f"spandrel {library.__version__} has no network {architecture}", f"it has: {known}"
        )
    return classes[name]


def architecture_of(id: str, model: nn.Module) -> str:
    """Return the ``ID.CLASS`` of a model that spandrel loaded as the architecture ``id``.

    Raises:
        RestorekitError: spandrel does not give its class a name there.
    """
    for name, found in _classes(id).items():
        if found is type(model):
            return f"{id}.{name}"
    raise RestorekitError(
        f"spandrel's {id} makes these weights a {type(model).__name__}, which it does not name",
        "choose other weights",
    )


def _classes(id: str) -> dict[str, type[nn.Module]]:
    home = importlib.import_module(type(spandrel().MAIN_REGISTRY[id].architecture).__module__)
    return {
        name: found
        for name, found in vars(home).items()
        if isinstance(found, type) and issubclass(found, nn.Module)
    }
