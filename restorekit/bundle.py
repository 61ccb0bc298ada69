"""A bundle is a model directory: config.json, model.safetensors, model.onnx, recipe.toml, metrics.json, README.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w
from pydantic import ValidationError

from restorekit import __version__
from restorekit.card import model_card, provider
from restorekit.contracts import Network, Task
from restorekit.errors import BundleError, RestorekitError, UnknownNameError, brief
from restorekit.reading import read_text
from restorekit.recipe import Recipe
from restorekit.recipe.component import make_component
from restorekit.tensors import check_fit, fill_weights, sketch, stated
from restorekit.whole import whole_folder

if TYPE_CHECKING:
    from torch import Tensor, nn

FORMAT = 1
DEFAULT = "kernel-unet"
"""The model that is used when none is named."""

CARD, GRAPH, WEIGHTS = "README.md", "model.onnx", "model.safetensors"
FILES = ("config.json", CARD, "recipe.toml", "metrics.json", GRAPH, WEIGHTS)
"""All that a bundle may have, the large last."""

MOST_SCALES, MOST_STEP = 12, 2**12
"""How many scales a network may see, and what its sizes may be multiples of, in pixels."""

MOST_SIDE = 1024
"""Side of the crops with marked points that a network may be made for, in pixels; several are held at once."""

_SHIPPED = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class Bundle:
    """A model directory whose config was read and whose components exist.

    Attributes:
        path: The directory.
        name: What its recipe called it.
        license: Under what terms it may be used; may be empty.
        geometry: What its training pictures were cut to: crop, size, and points in it that a framing goes by; None if
            that is not known.
        network: The network, not yet built.
        tasks: Its tasks, by name.
        framing: The table of the framing that its recipe made it for, whose plugin may be missing; None if any will do.
        tables: What its config says of its network and tasks.
    """

    path: Path
    name: str
    license: str
    geometry: Mapping[str, Any] | None
    network: Network
    tasks: Mapping[str, Task]
    framing: Mapping[str, Any] | None = None
    tables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_graph(self) -> bool:
        """Whether it has its network as a graph, which runs without torch."""
        return (self.path / GRAPH).exists()

    def module(self) -> nn.Module:
        """Build the network, fill in the weights strictly, and return it in fp32 evaluation mode.

        Raises:
            BundleError: The weights are missing, unreadable, or not the network's; found before anything of the
                network's size is allocated.
        """
        file = self.path / WEIGHTS
        held = stated(file)
        check_fit(sketch(self._build, held, self.path), held, file)
        module = self._build()
        fill_weights(module, file)
        return module.eval()

    def _build(self) -> nn.Module:
        return self.network.build(self.tasks)


def find_bundle(model: str | Path | None) -> Path:
    """Return the directory of a model: a path, the name of a shipped one, or the default if None."""
    if model is None:
        return _SHIPPED / DEFAULT
    path = Path(model)
    if path.is_dir():
        return path
    known = shipped()
    if str(path) in known:
        return _SHIPPED / path
    raise BundleError(
        f"no model '{path}'", f"give a bundle directory, or one of: {', '.join(known) or 'none'}"
    )


def shipped() -> list[str]:
    """The names of the models that come with restorekit."""
    return sorted(folder.name for folder in _SHIPPED.glob("*") if folder.is_dir())


def load_bundle(model: str | Path | None = None) -> Bundle:
    """Read a bundle's config and make its components; weights are read by ``Bundle.module``.

    Args:
        model: A bundle directory, the name of a shipped model, or None for the default.

    Raises:
        BundleError: It is not a bundle, or a component does not take what the config says.
        UnknownNameError: No plugin here provides its network or a task.
    """
    path = find_bundle(model)
    try:
        config = json.loads(read_text(path / "config.json"))
        if config["format"] != FORMAT:
            raise BundleError(f"{path} has format {config['format']}", "update restorekit")
        bundle = Bundle(
            path=path,
            name=shown_line(config, "name"),
            license=shown_line(config, "license"),
            geometry=checked_geometry(config["geometry"]),
            network=_component(path, "network", config["network"]),
            tasks={table["type"]: _component(path, "task", table) for table in config["tasks"]},
            framing=_stated_framing(config.get("framing")),
            tables=portable({"network": config["network"], "tasks": config["tasks"]}),
        )
    except FileNotFoundError:
        raise BundleError(
            f"{path} is not a bundle: it has no config.json", "give a run's bundle directory"
        ) from None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        fault = _first_key(error) if isinstance(error, ValidationError) else brief(repr(error))
        raise BundleError(f"{path / 'config.json'} cannot be used: {fault}", "get the bundle again") from None
    if "image" not in bundle.tasks:
        raise BundleError(f"{path} has no head for the task 'image'", "choose a bundle that restores images")
    _check_sizes(bundle)
    return bundle


def _check_sizes(bundle: Bundle) -> None:
    """Check that the pictures for the network have a bounded size: a config from somebody else may ask for any."""
    network = bundle.network
    fault = ""
    if not 1 <= network.scales <= MOST_SCALES:
        fault = f"it sees a picture at {network.scales} scales"
    elif not 1 <= network.size_multiple <= MOST_STEP:
        fault = f"it takes pictures in steps of {network.size_multiple} pixels"
    if fault:
        raise BundleError(f"{bundle.path / 'config.json'} cannot be used: {fault}", "get the bundle again")


def _first_key(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return brief(f"{'.'.join(map(str, first['loc'])) or error.title}: {first['msg']}")


def shown_line(table: Mapping[str, Any], key: str) -> str:
    """Return a text of a config that is shown to people; a ValueError if it could pass for other lines, or a path."""
    text = table[key]
    if not isinstance(text, str) or len(text) > 1000 or not text.isprintable():
        raise ValueError(f"{key} is not one line of text")
    if key != "license" and ("/" in text or "\\" in text):
        raise ValueError(f"{key} is a path")
    return text


def _stated_framing(table: Any) -> Mapping[str, Any] | None:
    """Return what a config says of its framing, if it may be so; a ValueError if not."""
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ValueError("framing is not a table")
    return table | {"type": shown_line(table, "type")}


def checked_geometry(geometry: Any) -> Mapping[str, Any] | None:
    """Return what a config says of training pictures, if there can be such; a ValueError if not."""
    if geometry is None:
        return None
    if not isinstance(geometry, dict):
        raise ValueError("geometry is not a table")
    size: Any = geometry.get("size")
    if size is not None and (type(size) is not int or not 1 <= size <= MOST_STEP):
        raise ValueError(f"geometry: size is not a whole number from 1 to {MOST_STEP}")
    points = {key: value for key, value in geometry.items() if key not in ("crop", "size")}
    if points and not 16 <= (size or 0) <= MOST_SIDE:
        raise ValueError(f"geometry: the size of crops with points is not from 16 to {MOST_SIDE}")
    for key, point in points.items():
        if not isinstance(point, list) or len(point) != 2 or not all(_within(at, size or 0) for at in point):
            raise ValueError(f"geometry: {brief(key)} is not [x, y] within the size")
    return geometry


def _within(at: Any, size: int) -> bool:
    return isinstance(at, int | float) and not isinstance(at, bool) and 0 <= at <= size


def _component(path: Path, kind: str, table: Mapping[str, Any]) -> Any:
    name = shown_line(table, "type")
    try:
        return make_component(kind, name, {key: value for key, value in table.items() if key != "type"})
    except UnknownNameError as error:
        owner = provider(path / CARD, kind, name)
        if owner is None:
            raise
        hint = f"its card says that the plugin '{owner}' provides it: install that if you trust it"
        raise UnknownNameError(error.message, hint) from None


def load_weights(module: nn.Module, model: str | Path) -> None:
    """Fill ``module`` with a bundle's weights, strictly.

    Raises:
        BundleError: The file is missing or unreadable, or its keys, shapes or types are not the module's.
    """
    fill_weights(module, find_bundle(model) / WEIGHTS)


def save_bundle(
    path: Path,
    recipe: Recipe,
    module: nn.Module,
    *,
    metrics: Mapping[str, Any],
    steps: int,
) -> None:
    """Write a bundle, whole or not at all, replacing one that is there.

    Args:
        path: The directory.
        recipe: What the module was trained by, with the loss weights that were found.
        module: The trained module.
        metrics: What the last validation measured; may be empty.
        steps: Steps taken.

    Raises:
        RestorekitError: It cannot be written.
    """
    tensors = {key: value.detach() for key, value in module.state_dict().items()}
    if recipe.train.half:
        tensors = {
            key: value.half() if value.is_floating_point() else value for key, value in tensors.items()
        }
    config, measured = _config(recipe, steps), {"validation": metrics} if metrics else {}
    texts = {
        "config.json": json.dumps(config, indent=2) + "\n",
        "recipe.toml": tomli_w.dumps(portable(recipe.table())),
        "metrics.json": json.dumps(measured, indent=2) + "\n",
        CARD: model_card(config, measured),
    }
    write_bundle(path, tensors, texts)


def write_bundle(path: Path, tensors: Mapping[str, Tensor], texts: Mapping[str, str]) -> None:
    """Write the weights and the texts of a bundle, whole or not at all, replacing one that is there.

    Raises:
        RestorekitError: It cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    alone = {key: value.cpu().contiguous().clone() for key, value in tensors.items()}
    try:
        with whole_folder(path) as draft:
            save_file(alone, draft / WEIGHTS)
            for name, text in texts.items():
                (draft / name).write_text(text, encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise RestorekitError(f"cannot write {path}: {error}", "make room or choose another place") from None


def _config(recipe: Recipe, steps: int) -> dict[str, Any]:
    table = portable(recipe.table())
    crop = table["data"]["crop"]
    geometry = {"crop": crop, "size": recipe.data.size, **recipe.data.crop.geometry}
    framing = table.get("framing")
    return {
        "format": FORMAT,
        "restorekit": __version__,
        "name": recipe.name,
        "network": table["network"],
        "tasks": table["task"],
        "geometry": geometry,
        "degradation": table.get("degradation", []),
        "data": table["data"]["train"],
        "license": recipe.data.license,
        "steps": steps,
        **(
            {} if framing is None else {"framing": {"type": framing} if isinstance(framing, str) else framing}
        ),
    }


def portable(tree: Any) -> Any:
    """Keep only the last part of absolute paths: where a file lay on the trainer's disk concerns nobody."""
    if isinstance(tree, dict):
        return {key: portable(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [portable(value) for value in tree]
    if isinstance(tree, str) and Path(tree).is_absolute():
        return Path(tree).name
    return tree
