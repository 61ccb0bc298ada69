"""Which network a checkpoint is of, and which of its keys are which: as told, or as a network recognises it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.contracts import Network
from restorekit.errors import PluginError, RecipeError, RestorekitError
from restorekit.plugins import registry
from restorekit.recipe.component import HERE, component_table, try_component
from restorekit.recipe.lines import key_lines
from restorekit.recipe.overrides import apply_overrides
from restorekit.recipe.problems import Problem
from restorekit.recipe.toml import read_toml

if TYPE_CHECKING:
    from torch import Tensor


_GENERATORS = ("netG.", "net_g.", "generator.")
"""What tools for training put before the names of the network that restores, beside those of others."""

_MODULES = (*_GENERATORS, "model.")
"""The same, and what Lightning puts; it may also be the network's own."""


@dataclass(frozen=True)
class Mapped:
    """A network, and the new names of a checkpoint's keys.

    Attributes:
        table: The network as a table with a ``type``, every key spelt out.
        network: The network.
        names: Old name to new. One that ends in a dot, or is empty, stands for all that begin with it.
    """

    table: Mapping[str, Any]
    network: Network
    names: Mapping[str, str] = field(default_factory=dict)


def mapped(
    tensors: Mapping[str, Tensor], network: str | None, overrides: Sequence[str], file: Path | None
) -> Mapped:
    """Find the network and the names.

    Args:
        tensors: The checkpoint's.
        network: The registered name of the network; else the map's, else whichever recognises the tensors.
        overrides: ``key=value`` for keys of the network.
        file: A map: TOML with tables ``[network]`` (type and keys) and ``[keys]`` (old name = new name).

    Raises:
        RestorekitError: The map or a key is wrong, or no network recognises the tensors, or several do.
    """
    table, text = read_toml(file, str(file)) if file else ({}, "")
    if file:
        _check_map(table, file)
    names = table.get("keys", {})
    options = dict(table.get("network", {}))
    if network is not None and options.get("type", network) != network:
        raise RestorekitError(f"network={network}: {file} says {options['type']}", "leave one of them out")
    kind = network or options.get("type")
    if kind is None and (options or overrides):
        raise RestorekitError("keys of a network are given, but no network", "give network=NAME")
    options.pop("type", None)
    overridden = apply_overrides(options, overrides)
    if not options and not names:
        recognised = _recognise(tensors, kind) or _recognise_inside(tensors, kind)
        if recognised is not None:
            return recognised
    if kind is None:
        raise RestorekitError(
            "no network here recognises these weights",
            "name the network: network=NAME; see restorekit list",
        )
    problems: list[Problem] = []
    made = try_component("network", kind, options, HERE, (), problems)
    if problems:
        lines = {place[1:]: line for place, line in key_lines(text).items() if place[0] == "network"}
        raise RecipeError(
            [
                problem.render(str(file), lines, overridden) if file else f"network={kind}: {problem.message}"
                for problem in problems
            ]
        )
    return Mapped(component_table(kind, made), made, names or _unwrapped(tensors))


def _unwrapped(tensors: Mapping[str, Tensor]) -> Mapping[str, str]:
    """Take off what stands before the name of every tensor."""
    return {each: "" for each in _GENERATORS if all(key.startswith(each) for key in tensors)}


def _check_map(table: Mapping[str, Any], file: Path) -> None:
    other = [key for key in table if key not in ("network", "keys")]
    if other:
        raise RestorekitError(f"{file}: unknown key '{other[0]}'", "a map has [network] and [keys]")
    for name, each in table.items():
        if not isinstance(each, dict):
            raise RestorekitError(f"{file}: {name} is not a table", f"write [{name}]")
    for old, new in table.get("keys", {}).items():
        if not isinstance(new, str):
            raise RestorekitError(f"{file}: [keys] '{old}' is not text", 'write "old.name" = "new.name"')
    if not isinstance(table.get("network", {}).get("type", ""), str):
        raise RestorekitError(f"{file}: [network] type is not text", 'write type = "NAME"')


def _recognise_inside(tensors: Mapping[str, Tensor], kind: str | None) -> Mapped | None:
    """Ask for those tensors alone that a tool for training keeps together by what stands before their names."""
    for prefix in _MODULES:
        inside = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        found = _recognise(inside, kind) if inside else None
        if found is not None:
            return replace(
                found, names={prefix + old: new for old, new in found.names.items()} or {prefix: ""}
            )
    return None


def _recognise(tensors: Mapping[str, Tensor], kind: str | None) -> Mapped | None:
    """Ask the network of one name, or each there is, whether the tensors are its own."""
    found: list[Mapped] = []
    refusals: list[RestorekitError] = []
    for entry in registry("network") if kind is None else [registry("network").entry(kind)]:
        try:
            known = registry("network").get(entry.name).recognise(tensors)
        except PluginError:
            continue  # restorekit doctor names it
        except RestorekitError as error:
            refusals.append(error)
            continue
        if known is not None:
            found.append(Mapped(component_table(entry.name, known[0]), known[0], known[1]))
    if len(found) > 1:
        types = ", ".join(each.table["type"] for each in found)
        raise RestorekitError(
            f"several networks recognise these weights: {types}", "choose with network=NAME"
        )
    if not found and refusals:
        raise refusals[0]
    return found[0] if found else None
