"""Seconds of a core that each classical method takes for a face of 128 x 128 in colours, and where they go.

OMP_NUM_THREADS=1 python tests/benchmarks/classical_time.py [METHOD ...]
"""

import cProfile
import pstats
import sys
import time

import numpy as np
from scipy.signal import convolve2d
from skimage.data import astronaut

from restorekit import load_restorer
from restorekit_classical.nonblind import NonBlind

METHODS = (
    *("cho_lee2009", "krishnan2011", "pan2014", "shan2008", "xu2013", "zhong2013"),
    *("wiener", "tv", "hyper_laplacian", "non_local_means", "richardson_lucy"),
)

PIECES = {
    "kernel_step.py": ("kernel steps", ("__init__", "solve")),
    "l0.py": ("L0 image steps", ("solve", "cost")),
    "sparse_gradients.py": ("shrinkage", ("improve",)),
    "natural.py": ("gradients of the prior", ("best_gradients",)),
    "shan2008.py": ("sharper", ("sharper",)),
    "zhong2013.py": ("directions and Radon", ("along", "joined")),
    "matching.py": ("matching", ("best_place",)),
    "edges.py": ("edges", ("bilateral", "shocked", "gradient_threshold")),
    "masked.py": ("final", ("deconvolve",)),
    "non_local_means.py": ("final", ("solve",)),
}


def main():
    sharp = astronaut()[0:154, 150:304] / 255
    kernel = np.zeros((27, 27))
    kernel[np.arange(3, 24), 13 + np.round(6 * np.sin(np.arange(21) / 5)).astype(int)] = 1 / 21
    blurred = np.stack(
        [convolve2d(channel, kernel, "valid") for channel in sharp.transpose(2, 0, 1)], axis=-1
    )
    for name in sys.argv[1:] or METHODS:
        method = load_restorer(name)
        arguments = (blurred, kernel) if isinstance(method, NonBlind) else (blurred,)
        method.deblur(*arguments)  # what is loaded on first use is no part of it
        profile, since = cProfile.Profile(), time.process_time()
        profile.runcall(method.deblur, *arguments)
        took = time.process_time() - since
        pieces: dict[str, float] = {}
        stats = pstats.Stats(profile).stats
        for (file, _, function), (_, _, _, cumulative, _) in stats.items():
            label, functions = PIECES.get(file.rsplit("/", 1)[-1], ("", ()))
            if function in functions and "restorekit_classical" in file:
                pieces[label] = pieces.get(label, 0) + cumulative
        whole = max(cumulative for _, _, _, cumulative, _ in stats.values())
        shares = ", ".join(
            f"{label} {100 * spent / whole:.0f} %"
            for label, spent in sorted(pieces.items(), key=lambda item: -item[1])
        )
        print(f"{name:16} {took:5.2f} s   {shares}", flush=True)


if __name__ == "__main__":
    main()
