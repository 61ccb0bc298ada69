"""What a network that knows the blur makes of sharp and of blurred pictures: where its decisions may lie.

    python tests/benchmarks/trust.py --data CELEBA [--list FILE] [--limit 20] [--model BUNDLE] [--sets sharp faces80]

For each test set it prints, at some shares of its pairs, the estimated blur (standard deviation of the kernel along
its longer axis, pixels) and the reblur error (in units of the picture's noise), the correlation of the estimated with
the true kernel, and how many pairs are left as they are. The decisions of the bundle itself are in force; a bundle
without any (``sharp`` and ``unexplained`` left out) shows what they are to be set on.
"""

import argparse

import numpy as np

from restorekit.evaluation.call import open_pairs
from restorekit.restore.load import load_restorer

SHARES = (0, 1, 2, 5, 10, 25, 50, 75, 90, 95, 98, 99, 100)
BATCH = 16


def fitted(kernel, size):
    """A kernel in the middle of size x size, cut or padded."""
    border = (size - len(kernel)) // 2
    if border < 0:
        return kernel[-border:border, -border:border]
    return np.pad(kernel, border)


def facts(restorer, pairs):
    """Each pair's facts, with the correlation of its kernel, and whether it was left as it is."""
    for first in range(0, len(pairs), BATCH):
        group = [pairs[n] for n in range(first, min(first + BATCH, len(pairs)))]
        degraded = np.stack([pair.degraded for pair in group]).astype(np.float32) / 255
        restored = restorer.restore_arrays(degraded)
        for pair, told in zip(group, restorer.examine(degraded, restored), strict=True):
            kernel = np.array(told["kernel"])
            true = pair.draws.get("kernel")
            alike = (
                np.nan
                if true is None
                else np.corrcoef(kernel.ravel(), fitted(true, len(kernel)).ravel())[0, 1]
            )
            yield told["kernel_blur"], told["reblur_error"], alike, "left" in told


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True)
    parser.add_argument("--list")
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--model")
    parser.add_argument("--sets", nargs="+", default=["sharp", "faces80"])
    given = parser.parse_args()
    restorer = load_restorer(given.model)
    overrides = [f'source.listing="{given.list}"'] if given.list else []
    for name in given.sets:
        pairs = open_pairs(name, given.data, overrides, given.limit)
        blur, error, alike, left = np.array(list(facts(restorer, pairs))).T
        print(
            f"{name}: {len(pairs)} pairs, {int(left.sum())} left alone, kernels alike {np.nanmean(alike):.3f}"
        )
        print("  share of pairs, % " + "".join(f"{share:8d}" for share in SHARES))
        for what, values in (("blur, px", blur), ("reblur error", error)):
            print(f"  {what:18s}" + "".join(f"{value:8.2f}" for value in np.percentile(values, SHARES)))


if __name__ == "__main__":
    main()
