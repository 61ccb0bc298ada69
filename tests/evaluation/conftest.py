"""Small test sets by the recipe of faces80."""

import numpy as np
import pytest

from restorekit.evaluation.kernels import KernelSet, save_kernels
from restorekit.evaluation.load import load_protocol, override
from restorekit.evaluation.pairs import MadePairs


@pytest.fixture
def open_test(tmp_path_factory):
    """Return what opens the pairs of a folder: every picture by some kernels, of sides that may differ."""

    def run(folder, *kernels, crop="celeba", noise=0.0, laws=None, limit=None, changes=()):
        side = max(len(kernel) for kernel in kernels)
        padded = np.stack([np.pad(kernel, (side - len(kernel)) // 2) for kernel in kernels])
        sizes, laws = np.array([len(kernel) for kernel in kernels]), laws or ["none"] * len(kernels)
        file = tmp_path_factory.mktemp("kernels") / "kernels.npz"
        save_kernels(file, KernelSet(padded, sizes, tuple(laws), "small", "middle"))
        changed = [
            *([override("crop", crop)] if crop else []),
            override("source.path", str(folder)),
            override("degradation.kernel_set.kernels", str(file)),
            override("degradation.fixed_noise.level", float(noise)),
            override("name", "small"),
        ]
        return MadePairs(load_protocol("faces80", [*changed, *changes]), limit)

    return run
