"""A child that may use only so much, as what somebody else made is read in it."""

import os
import resource
import subprocess
import sys


def limited_child(arguments, folder, *, addresses, seconds):
    """Run Python in a folder with so many bytes of addresses and seconds of computing; gives how it ended."""

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (addresses, addresses))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
