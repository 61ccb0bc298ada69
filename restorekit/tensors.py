"""Weights in safetensors files: looked at before anything is allocated, and filled in strictly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import BundleError, brief

if TYPE_CHECKING:
    from torch import Tensor, nn

LARGEST = 2**32
"""Bytes that a file of weights may have."""

_HEADER = 2**22
"""Bytes that its header may have, about a hundred for each tensor."""

_FLOATS = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_INTEGERS = {"I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool"}


@dataclass(frozen=True)
class Stated:
    """What is known of a tensor that is not read yet: its shape, and its type as torch names it."""

    shape: tuple[int, ...]
    dtype: str

    @classmethod
    def of(cls, tensor: Tensor) -> Stated:
        """State what a tensor is."""
        return cls(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))

    def fits(self, wanted: Stated) -> bool:
        """Whether it may take the place of ``wanted``: of the same shape and type, or another type of real numbers."""
        real = self.dtype in _FLOATS.values() and wanted.dtype in _FLOATS.values()
        return self.shape == wanted.shape and (real or self.dtype == wanted.dtype)

    def __str__(self) -> str:
        return brief(f"{self.dtype} {list(self.shape)}", 60)


def stated(file: Path) -> dict[str, Stated]:
    """Read the header of a safetensors file.

    Raises:
        BundleError: There is no such file, it is too large, or it is none of safetensors.
    """
    from safetensors import SafetensorError, safe_open

    types = _FLOATS | _INTEGERS
    try:
        _check_head(file)
        with safe_open(file, framework="np") as weights:
            parts = {key: weights.get_slice(key) for key in weights.keys()}  # noqa: SIM118
            return {
                key: Stated(tuple(part.get_shape()), types.get(part.get_dtype(), part.get_dtype()))
                for key, part in parts.items()
            }
    except FileNotFoundError:
        raise BundleError(f"{file.parent} has no {file.name}", "get the bundle again") from None
    except (OSError, ValueError, SafetensorError) as error:
        raise BundleError(f"{file} cannot be read: {brief(error)}", "get the bundle again") from None


@dataclass(frozen=True)
class Place:
    """Where a tensor lies in a file of weights.

    Attributes:
        dtype: Its type, as safetensors names it.
        shape: Its shape.
        offset: Bytes of the file before it.
        length: Bytes that it has.
    """

    dtype: str
    shape: tuple[int, ...]
    offset: int
    length: int


def places(file: Path) -> dict[str, Place]:
    """Say where the tensors of a safetensors file lie.

    Raises:
        BundleError: There is no such file, it is too large, or it is none of safetensors.
    """
    names = stated(file)  # which sees that the header is sound
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(size))
    found = {}
    for name in names:
        entry = header[name]
        start, stop = entry["data_offsets"]
        found[name] = Place(entry["dtype"], tuple(entry["shape"]), 8 + size + start, stop - start)
    return found


def _check_head(file: Path) -> None:
    if file.exists() and not file.is_file():
        raise ValueError("not a file")
    with file.open("rb") as stream:
        head = stream.read(8)
    if head[:2] in (b"PK", b"\x80\x02", b"\x80\x04"):
        raise ValueError("it is a pickle of PyTorch, whatever its name")
    if int.from_bytes(head, "little") > _HEADER:
        raise ValueError(f"its header would be larger than {_HEADER // 2**20} MiB")
    if file.stat().st_size > LARGEST:
        raise ValueError(f"larger than {LARGEST // 2**30} GiB")


def sketch(build: Callable[[], nn.Module], held: Mapping[str, Stated], whose: object) -> nn.Module:
    """Build a module whose tensors have shapes but no memory, no larger than weights that are there can fill.

    Args:
        build: Builds it, under torch's meta device. A row of numbers (``torch.linspace``) is computed all the same:
            networks read their rates of stochastic depth from one.
        held: The weights that are there.
        whose: What errors name.

    Raises:
        BundleError: It cannot be built so, or is by far larger than its weights.
    """
    import torch
    from torch.nn.modules import module as hooks
    from torch.overrides import TorchFunctionMode

    class Rows(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            steps = [*args, *(kwargs or {}).values()][2:3]
            if func is torch.linspace and isinstance(steps[0], int) and steps[0] <= 2**16:
                kwargs = {"device": "cpu", **(kwargs or {})}
            return func(*args, **(kwargs or {}))

    left = 1024 + 16 * len(held)  # parts of modules, which are many for each tensor, but not without end

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise BundleError(
                f"{whose}: its network has far more parts than its weights, which are {len(held)} tensors",
                "its config does not belong to its weights; get the bundle again",
            )

    handles = [
        register(count)
        for register in (
            hooks.register_module_module_registration_hook,
            hooks.register_module_parameter_registration_hook,
            hooks.register_module_buffer_registration_hook,
        )
    ]
    try:
        with torch.device("meta"), Rows():
            return build()
    except BundleError:
        raise
    except Exception as error:  # whatever a plugin raises for keys that somebody else chose
        raise BundleError(
            f"{whose}: its network cannot be built: {brief(error) or type(error).__name__}",
            "check its keys; a network must also build on torch's meta device, where no tensor has a value",
        ) from error
    finally:
        for handle in handles:
            handle.remove()


def misfits(module: nn.Module, held: Mapping[str, Stated], part: str = "") -> list[str]:
    """Return a line for each tensor that a module needs and ``held`` has not, or has but does not fit.

    ``part`` is what their names begin with in the file.
    """
    wanted = {key: Stated.of(value) for key, value in module.state_dict().items()}
    return [f"missing {part}{key}" for key in wanted if key not in held] + [
        f"{part}{key} is {held[key]} instead of {need}"
        for key, need in wanted.items()
        if key in held and not held[key].fits(need)
    ]


def check_fit(module: nn.Module, held: Mapping[str, Stated], file: Path, part: str = "") -> None:
    """See that the weights of a file are a module's own: every key, no other, of its shape and type.

    Raises:
        BundleError: They are not, or what the module has beside its weights would be far larger than them.
    """
    wanted = module.state_dict()
    faults = misfits(module, held, part) + [f"extra {brief(key, 60)}" for key in held if key not in wanted]
    if faults:
        shown = ", ".join(faults[:5]) + (f" and {len(faults) - 5} more" if len(faults) > 5 else "")
        raise BundleError(
            f"{file} does not fit its network: {shown}",
            "config.json and the weights belong to different models",
        )
    buffers = sum(buffer.nbytes for buffer in module.buffers())
    if buffers > 2**28 + 4 * file.stat().st_size:
        raise BundleError(
            f"{file.parent}: its network would take {buffers:,} bytes beside its weights",
            "its config does not belong to its weights; get the bundle again",
        )


def fill_weights(module: nn.Module, file: Path, part: str = "") -> None:
    """Fill a module with the weights of a safetensors file, strictly: each in its shape, and of real numbers or whole.

    Args:
        module: The module; one on torch's meta device gets the file's tensors, in its own types.
        file: The file.
        part: What the module's names begin with in the file, if that holds more than the module, such as
            ``features.``; what else it holds is then not read.

    Raises:
        BundleError: The file is missing or unreadable, or its keys, shapes or types are not the module's.
    """
    from safetensors import safe_open

    held = {key.removeprefix(part): value for key, value in stated(file).items() if key.startswith(part)}
    wanted = module.state_dict()
    if part:
        held = {key: value for key, value in held.items() if key in wanted}
    check_fit(module, held, file, part)
    with safe_open(file, framework="pt") as weights:
        found = {key: weights.get_tensor(part + key).to(like.dtype) for key, like in wanted.items()}
    module.load_state_dict(found, assign=any(like.is_meta for like in wanted.values()))
