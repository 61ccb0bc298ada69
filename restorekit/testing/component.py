"""What holds for components of every kind."""

from __future__ import annotations

import dataclasses
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from restorekit.kinds import COMPONENTS, KINDS, kind_of
from restorekit.plugins import registry
from restorekit.recipe.component import adapter, component_table, field_names, reserved
from restorekit.testing.lesson import demand, demanding

_CONTRACTS = tuple(contract for kind in COMPONENTS for contract in kind.contracts)
_LIGHT = "import sys, {module}; print('torch' in sys.modules)"


def check_component(component: object, contract: type) -> None:
    """Check what holds for all: a frozen, picklable dataclass that a recipe can state in full, in a light module.

    Args:
        component: An instance; components in its fields are checked too.
        contract: The class of restorekit that it should derive from.

    Raises:
        AssertionError: It breaks the contract.
    """
    cls = type(component)
    dataclass = (
        f"@dataclass(frozen=True)\nclass {cls.__name__}(restorekit.{contract.__name__}):\n    size: int = 5"
    )
    demand(
        isinstance(component, contract),
        f"{cls.__name__} does not derive from restorekit.{contract.__name__}",
        "a component derives from the class of its kind",
        dataclass,
    )
    demand(
        dataclasses.is_dataclass(cls) and cls.__dataclass_params__.frozen,  # type: ignore[attr-defined]
        f"{cls.__name__} is not a frozen dataclass",
        "the fields of a component are the keys of its recipe table, and do not change once they are checked",
        dataclass,
    )
    check_pickles(component)
    for name, part in _parts(component):
        _check_part(cls, name, part)
    _check_fields(component, kind_of(contract).name)
    _check_light(cls)


def check_pickles(component: object, when: str = "") -> None:
    """Check that a copy of a component equals it, at a moment that ``when`` names."""
    name = type(component).__name__
    with demanding(
        f"a pickled {name} is not what it was{when}",
        "workers get a copy of each component, so its fields are plain values: no lambdas, no open files",
        'path: Path = Path("kernels.npz")  # not the file itself: open that when it is needed',
    ):
        assert pickle.loads(pickle.dumps(component)) == component


def _check_fields(component: object, kind: str) -> None:
    """Check that the fields survive being written to a recipe and read from it."""
    cls: type = type(component)
    example = 'sizes: tuple[int, ...] = (5, 7)\nmode: Literal["soft", "hard"] = "soft"'
    for name in field_names(cls):
        demand(
            name not in reserved(kind),
            f"{cls.__name__} has a field {name}",
            f"the table of a {kind} has a key {name} already, which the recipe itself reads",
            f"own_{name}: float = 1.0",
        )
    with demanding(
        f"the fields of {cls.__name__} cannot be written to a recipe",
        "a field is what TOML can state: numbers, text, true or false, paths, tuples of these, or components",
        example,
    ):
        table = component_table("x", component)
        del table["type"]
        again = adapter(cls).validate_python(table, strict=False)
    for name in field_names(cls):
        before, after = getattr(component, name), getattr(again, name)
        demand(
            after == before,
            f"field {name} of {cls.__name__} was {before!r}, and {after!r} after a recipe was written and read",
            "a field keeps its value, so that a run's recipe says what was run; its type says what it holds",
            example,
        )


def _parts(component: Any) -> Iterator[tuple[str, Any]]:
    """Yield the components that the fields hold, alone or in tuples, each with the name of the field."""
    for name in field_names(type(component)):
        value = getattr(component, name)
        for part in value if isinstance(value, tuple | list) else (value,):
            if isinstance(part, _CONTRACTS):
                yield name, part


def _check_part(cls: type, name: str, part: object) -> None:
    """Check a component that a field of another holds."""
    contract = next(contract for contract in _CONTRACTS if isinstance(part, contract))
    kind = kind_of(contract).name
    declared = {field.name: str(field.type) for field in dataclasses.fields(cls)}
    demand(
        re.search(rf"\b{contract.__name__}\b", declared[name]) is not None,
        f"field {name} of {cls.__name__} holds a {kind} but is declared as {declared[name]}",
        f"a field for components is declared as restorekit.{contract.__name__}, or a tuple of them, so that a "
        f"recipe may choose any: [[{kind}.{name}]] with a type",
        f"{name}: tuple[restorekit.{contract.__name__}, ...]",
    )
    with demanding(
        f"field {name} of {cls.__name__} holds a {type(part).__name__}, which a recipe cannot name",
        "what a field holds is registered, by this plugin or another that is installed",
        f"@restorekit.hookimpl\ndef {KINDS[kind].hook}(register):\n"
        f'    register("a_name", "{type(part).__module__}:{type(part).__qualname__}")',
    ):
        registry(kind).name_of(type(part))
    check_component(part, contract)


def _check_light(cls: type) -> None:
    """Check that importing a component's module does not import torch."""
    command = [sys.executable, "-c", _LIGHT.format(module=cls.__module__)]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    demand(
        found.returncode == 0,
        f"{cls.__module__} does not import by itself: {found.stderr.strip()}",
        "a component lives in a module of the installed package, which a recipe can import",
        f'register("a_name", "restorekit_mine.parts:{cls.__name__}")',
    )
    demand(
        found.stdout.strip() == "False",
        f"importing {cls.__module__} imports torch",
        "torch is imported inside the methods that compute, so that list, show and check answer at once",
        "def apply(self, images):\n    import torch\n    return torch.flip(images, (-1,))",
    )
