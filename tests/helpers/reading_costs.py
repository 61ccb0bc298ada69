"""What reading pictures takes, each in its turn in one process."""

import json
import subprocess
import sys

READ = """
import json, resource, sys, time
from restorekit.images import read
from restorekit.errors import ImageError
read(sys.argv[1])  # what the libraries take themselves
for path in sys.argv[2:]:
    before, since = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        said = "; ".join(read(path).notes)
    except ImageError as error:
        said = str(error)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps([said, grown / 1024, time.process_time() - since]))
"""


def costs_of(paths):
    """Give for each what is said of it, the MiB by which the process grew, and seconds of the processor.

    Args:
        paths: The first is a good one, which costs what the libraries take themselves, and is not told.
    """
    done = subprocess.run(
        [sys.executable, "-c", READ, *map(str, paths)], capture_output=True, text=True, timeout=200
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]
