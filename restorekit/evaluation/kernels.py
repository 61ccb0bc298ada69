"""Fixed sets of blur kernels, as files; those in ``kernel_sets/`` are known by their names.

``faces80`` holds 80 kernels of the trajectory blur, ten of each size 13, 15 ... 27; ``faces80-laws`` as many of
other laws of motion; ``defocus10`` blur of the lens; ``sharp`` none. Each was drawn once, from random streams that
nothing else uses (the last three by tests/benchmarks/kernel_sets.py). The files are the protocol, whatever becomes
of the samplers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import numpy as np

from restorekit.errors import DataError, brief

if TYPE_CHECKING:
    from restorekit.contracts import Array

FOLDER = Path(__file__).with_name("kernel_sets")
SHIPPED = tuple(sorted(file.stem for file in FOLDER.glob("*.npz")))
FIELDS = ("kernels", "sizes", "name", "law", "centring")

_LARGEST = 2**26
"""Bytes of all arrays of a file; the shipped ones have one million."""


@dataclass(frozen=True)
class KernelSet:
    """Blur kernels (PSFs) in a fixed order.

    Attributes:
        kernels: K,S,S float64, S odd, each of sum 1, the middle element being no shift.
        sizes: K odd integers: the side of the support that each kernel roughly fills, at most S.
        laws: K texts: the law that each kernel was drawn from.
        name: What the set is called in reports.
        centring: What lies at the middle element.
    """

    kernels: Array
    sizes: Array
    laws: tuple[str, ...]
    name: str
    centring: str

    def __len__(self) -> int:
        return len(self.kernels)

    @property
    def margin(self) -> int:
        """Border pixels that the kernels consume on each side."""
        return int(self.kernels.shape[-1]) // 2


def load_kernels(name_or_path: str | Path) -> KernelSet:
    """Load a shipped set by name, or any set from an ``.npz`` file.

    Args:
        name_or_path: One of `SHIPPED`, in whatever folder, or a file of the arrays that `KernelSet` describes, its
            ``law`` being one text, or one for each kernel.

    Raises:
        DataError: The file is missing, lacks an array, or an array has a wrong shape or a kernel another sum.
    """
    path = Path(name_or_path)
    if path.name in SHIPPED:
        path = FOLDER / f"{path.name}.npz"
    arrays = _read(path)
    kernels, sizes = arrays["kernels"], arrays["sizes"]
    side = kernels.shape[-1] if kernels.ndim else 0
    square = kernels.ndim == 3 and kernels.shape[1] == side and side % 2 == 1 and len(kernels)
    if not square or kernels.dtype.kind != "f":
        wrong = f"kernels are {kernels.dtype} of shape {kernels.shape}"
        raise DataError(f"{path}: {wrong}", "store them as float32 of shape K,S,S with S odd")
    if (
        sizes.dtype.kind not in "iu"
        or sizes.shape != kernels.shape[:1]
        or not np.isin(sizes, range(1, side + 1, 2)).all()
    ):
        raise DataError(
            f"{path}: sizes do not fit the kernels", f"store {len(kernels)} odd numbers up to {side}"
        )
    sums = kernels.sum(axis=(1, 2), dtype=np.float64)
    for k in np.flatnonzero(~(np.abs(sums - 1) < 1e-4)):
        raise DataError(f"{path}: kernel {k} sums to {sums[k]:.6g}, not 1", "divide each by its sum")
    law = arrays["law"]
    for key in ("law", "name", "centring"):
        if arrays[key].dtype.kind != "U" or (arrays[key].ndim and key != "law"):
            raise DataError(f"{path}: {key} is no text", "store it as one")
    if law.shape not in ((), sizes.shape):
        raise DataError(
            f"{path}: {law.size} laws for {len(kernels)} kernels", "store one text, or one for each"
        )
    exact = np.array([math.fsum(kernel.ravel()) for kernel in kernels])  # numpy's sum may differ by machine
    return KernelSet(
        kernels=kernels / exact[:, None, None],
        sizes=sizes.astype(np.int64),
        laws=tuple(map(brief, np.broadcast_to(law, sizes.shape).tolist())),
        name=brief(arrays["name"]),
        centring=brief(arrays["centring"]),
    )


def save_kernels(path: Path, kernels: KernelSet) -> None:
    """Write a set to an ``.npz`` file that `load_kernels` reads."""
    np.savez_compressed(
        path,
        kernels=kernels.kernels,
        sizes=kernels.sizes,
        law=np.array(kernels.laws),
        name=np.array(kernels.name),
        centring=np.array(kernels.centring),
    )


def _read(path: Path) -> dict[str, Array]:
    try:
        if path.exists() and not path.is_file():
            raise ValueError("not a file")
        with ZipFile(path) as archive:
            unfolded = sum(each.file_size for each in archive.infolist())
        if unfolded > _LARGEST:
            raise ValueError(f"its arrays have {unfolded / 2**20:,.0f} MiB, more than {_LARGEST // 2**20}")
        with np.load(path, allow_pickle=False) as file:
            missing = [key for key in FIELDS if key not in file]
            if missing:
                raise DataError(
                    f"{path}: no array '{missing[0]}'", "a kernel file holds " + ", ".join(FIELDS)
                )
            arrays = {key: file[key] for key in FIELDS}
        if not all(isinstance(each, np.ndarray) for each in arrays.values()):
            raise ValueError("what it holds are no arrays")
        return arrays
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(
            f"{path}: no such kernel file", f"give {', '.join(SHIPPED)} or an .npz file"
        ) from None
    except Exception as error:  # numpy, zipfile and what unpacks raise each their own
        reason = brief(error) or type(error).__name__
        raise DataError(f"{path}: cannot be read as .npz ({reason})", "write it with numpy.savez") from None
