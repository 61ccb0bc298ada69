"""Give the commands a hundred mutants of each kind of fault that version b439485 had, and say what they cost.

    python tests/fuzz/kinds.py                                     # all kinds
    python tests/fuzz/kinds.py scans chains --count 500 --seed 2
    python tests/fuzz/kinds.py --count 1 --command OTHER/bin/restorekit   # the samples alone, with another version

Mutant 0 of each kind is the sample by which that version was caught; the others vary it. Mutants that are pictures lie
between two good ones, which must come out. A command must end with a status of its own within bounds of memory and
time, say what it says in printable lines, and leave no part of a file. Prints an object for each kind, with its
faults, whose folders are kept; exit status 1 if there is one.
"""

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))  # which PYTHONSAFEPATH leaves out

from kinds_drawn import Draw, Kind  # noqa: E402
from kinds_of_files import chains, channels, metadata, no_files, scans  # noqa: E402
from kinds_of_words import ENDED, bundles, deblurring, digits, ended, training, words  # noqa: E402
from PIL import Image  # noqa: E402

KINDS = {
    "channels": Kind(channels), "scans": Kind(scans), "chains": Kind(chains), "no-files": Kind(no_files),
    "words": Kind(words, lot=1), "bundles": Kind(bundles, lot=1), "digits": Kind(digits, lot=1),
    "metadata": Kind(metadata, kept=True, allowed=(0,)),
    "deblurring": Kind(deblurring, lot=1, allowed=ENDED, kill=ended(0.3, 3.0)),
    "training": Kind(training, lot=1, allowed=ENDED, writes=("run",), kill=ended(1.0, 9.0)),
}  # fmt: skip

PATIENCE, MAPPED = 300, 12 * 2**30
"""Seconds that a command may take, and bytes that it may map, before it is stopped."""

MOST_MIB, MOST_SECONDS = 1100, 30.0
"""Resident memory and seconds of the processor of one command, which restores two pictures besides."""

GOOD = ("a.png", "zz.png")
LONG, SHOWN = 4100, 300


def run(command, folder, kill):
    """Run a command; gives its status, what it said, its peak memory in MiB and its seconds of the processor."""
    environment = os.environ | {"HOME": str(folder / "home"), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MAPPED, MAPPED)),
        )  # fmt: skip
        due = [(PATIENCE, signal.SIGKILL), *([kill[::-1]] if kill else [])]
        begun = time.monotonic()
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            if due and time.monotonic() - begun > due[-1][0]:
                os.kill(process.pid, due.pop()[1])
            time.sleep(0.02)
        _, status, used = ended
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode(errors="replace")
    return process.returncode, text, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime


def faults_of(status, text, peak, seconds, kind):
    """What must not be, of a command that ended."""
    lines = text.split("\n")
    if status not in kind.allowed:
        yield f"status {status}: {lines[-2:][0]}"
    if "Traceback" in text:
        yield f"a traceback: {lines[-2:][0]}"
    yield from (f"unprintable: {line!r}" for line in lines if not line.isprintable())
    yield from (f"a line of {len(line)} characters" for line in lines if len(line) > LONG)
    if peak > MOST_MIB:
        yield f"took {peak:.0f} MiB"
    if seconds > MOST_SECONDS:
        yield f"took {seconds:.0f} s"


def left_by(folder, before, names, kind):
    """What is missing in a folder, and what is too much."""
    yield from (f"{name} was lost" for name in names if not list((folder / "out").glob(f"{name}*")))
    yield from (f"left {path.name}" for path in folder.rglob("*.part"))
    yield from (f"wrote {path.name}" for path in {*folder.iterdir()} - before if path.name not in kind.writes)


def attack(name, count, seed, command):
    """Give a command all mutants of a kind; gives what became of them."""
    kind, top, slowest, found = KINDS[name], 0.0, 0.0, {}
    good = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8))
    for first in range(0, count, kind.lot):
        folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="restorekit-kinds-")))
        for inner in ("in", "home"):
            (folder / inner).mkdir()
        for each in GOOD:
            good.save(folder / "in" / each)
        draws = [
            Draw(n, np.random.default_rng([seed, n])) for n in range(first, min(first + kind.lot, count))
        ]
        asked = [kind.make(folder, draw) for draw in draws][-1]
        names = [Path(each).stem for each in GOOD] if asked is None else []
        names += [f"m{draw.number:05}" for draw in draws if kind.kept]
        before = {*folder.iterdir()}
        arguments = asked or ["deblur", "in", "-o", "out", "--faces", "off"]
        status, text, peak, seconds = run([*command, *arguments], folder, kind.kill(draws[0]))
        faults = [*faults_of(status, text, peak, seconds, kind), *left_by(folder, before, names, kind)]
        top, slowest = max(top, peak), max(slowest, seconds)
        if faults:
            found[f"from {first}, in {folder}"] = [fault[:SHOWN] for fault in faults[:5]]
        else:
            shutil.rmtree(folder)
    return {
        "kind": name, "seed": seed, "mutants": count, "peak_mib": round(top), "slowest": round(slowest, 1),
        "faults": found,
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kinds", nargs="*", help=f"of {', '.join(KINDS)}; all if none is named")
    parser.add_argument("--count", type=int, default=100, help="mutants of each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--command", type=Path, help="another version's restorekit")
    given = parser.parse_args()
    command = [given.command.absolute()] if given.command else [sys.executable, "-m", "restorekit"]
    bad = False
    for name in given.kinds or KINDS:
        found = attack(name, given.count, given.seed, command)
        print(json.dumps(found), flush=True)
        bad = bad or bool(found["faults"])
    sys.exit(bad)


if __name__ == "__main__":
    main()
