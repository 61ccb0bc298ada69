"""Attack a room with mutants, within bounds of memory and time, and say what got through.

    python tests/fuzz/attack.py pictures recipes --count 20000 --seed 1

Mutant N of a seed is the same on every machine. Each must be taken or refused in a line (RestorekitError), quickly,
without a word of a library on stderr, without a file outside the attack's own folder, a program started, or a host
asked. Prints an object for each subject, with its faults; exit status 1 if there is one. ``--only N`` repeats one.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))  # which PYTHONSAFEPATH leaves out

import subjects  # noqa: E402

from restorekit import RestorekitError  # noqa: E402

SLOW = 10.0
"""Seconds of the processor that no mutant may take."""

SHOWN = 10

TEMPORARY = tempfile.gettempdir()
"""Where the folders of all attacks lie: each takes its own for the temporary one."""


class Watch:
    """Notes what a process must not do; an audit hook, which cannot be taken off.

    Args:
        folder: The one folder in which files may be written.
        hosts: Who may be asked, beside this machine.
    """

    def __init__(self, folder, hosts=()):
        self.seen, self.on, self._folder = [], False, str(folder)
        self._hosts = ("127.0.0.1", "localhost", *hosts)
        sys.addaudithook(self._look)

    def _look(self, event, arguments):
        if not self.on:
            return
        if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "pickle.find_class"):
            self.seen.append(f"{event} {arguments[:2]!r}")
        elif event in ("socket.connect", "socket.getaddrinfo"):
            where = str(arguments[1] if event == "socket.connect" else arguments[0])
            if not any(host in where for host in self._hosts):
                self.seen.append(f"{event} {where}")
        elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path, _, flags = arguments
            if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR):
                self._written(path)
        elif event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.symlink", "os.truncate"):
            path = arguments[1 if event == "os.symlink" else 0]
            if arguments[-1] == -1 or os.path.isabs(path):  # else it is below a folder that was opened before
                self._written(path)

    def _written(self, path):
        place = os.path.abspath(os.fsdecode(path)) if not isinstance(path, int) else ""
        if place and not place.startswith((self._folder, "/dev/")):
            self.seen.append(f"written: {place}")


@contextlib.contextmanager
def own_words(file):
    """Send what libraries write to the descriptor of stderr into a file."""
    sys.stderr.flush()
    before = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(before, 2)
        os.close(before)


def attempt(subject, folder, rng, number):
    """Try one mutant; gives how it ended, and the fault if there is one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ended = subject.attempt(folder, rng, number)
        return ended or "taken", None
    except RestorekitError as error:
        lines = str(error).split("\n")
        if all(line.isprintable() for line in lines) and max(map(len, lines)) <= 2100:
            return "refused", None
        return "fault", f"unprintable or long: {str(error)[:200]!r}"
    except MemoryError as error:
        return "fault", f"MemoryError {error}"
    except Exception as error:
        places = traceback.extract_tb(error.__traceback__)
        place = places[-1] if places else None
        ours = next((each for each in reversed(places) if "restorekit" in each.filename), place)
        return (
            "fault",
            f"{type(error).__name__}: {str(error)[:160]} ({Path(ours.filename).name}:{ours.lineno})",
        )


def attack(name, count, seed=0, seconds=3600, only=None, keep=None, memory=8):
    """Attack one subject with so many GiB of memory; gives what became of its mutants."""
    most = int(memory * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="restorekit-fuzz-", dir=TEMPORARY)))
    os.environ |= {"HOME": str(folder), "TMPDIR": str(folder), "HF_HOME": str(folder / "hf")}
    tempfile.tempdir = str(folder)
    subject = subjects.SUBJECTS[name](folder)
    watch, ends, faults, slowest = Watch(folder, getattr(subject, "hosts", ())), Counter(), {}, 0.0
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tried = 0
    try:
        with tempfile.TemporaryFile(dir=folder) as said:
            for number in [only] if only is not None else range(count):
                if time.monotonic() - begun > seconds:
                    break
                rng, since = np.random.default_rng([seed, number]), time.process_time()
                place = folder / "mutant"
                place.mkdir()
                watch.seen, watch.on = [], True
                with own_words(said):
                    end, fault = attempt(subject, place, rng, number)
                watch.on = False
                took, tried = time.process_time() - since, tried + 1
                slowest = max(slowest, took)
                if words := _written(said):
                    fault = fault or f"words of a library: {words[:200]!r}"
                if watch.seen:
                    fault = watch.seen[0]
                if took > SLOW:
                    fault = fault or f"took {took:.1f} s"
                ends["fault" if fault else end] += 1
                if fault:
                    faults.setdefault(fault, []).append(number)
                    if keep:
                        shutil.copytree(place, Path(keep, name, str(number)), dirs_exist_ok=True)
                shutil.rmtree(place)
    finally:
        getattr(subject, "close", bool)()
        shutil.rmtree(folder, ignore_errors=True)
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    return {
        "subject": name, "seed": seed, "mutants": tried, **ends, "seconds": round(time.monotonic() - begun, 1),
        "slowest": round(slowest, 2), "peak_mib": peak,
        "faults": {fault: numbers[:5] for fault, numbers in list(faults.items())[:SHOWN]},
    }  # fmt: skip


def _written(file):
    size = os.fstat(file.fileno()).st_size
    if not size:
        return ""
    file.seek(0)
    words = file.read(4000).decode(errors="replace")
    os.ftruncate(file.fileno(), 0)
    file.seek(0)
    return words


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "subjects", nargs="*", help=f"of {', '.join(subjects.SUBJECTS)}; all if none is named"
    )
    parser.add_argument("--count", type=int, default=100, help="mutants of each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="this mutant alone")
    parser.add_argument("--seconds", type=float, default=3600, help="stop a subject after so long")
    parser.add_argument("--memory", type=float, default=8, help="GiB that the process may map")
    parser.add_argument("--keep", help="a folder for the files of mutants that got through")
    given = parser.parse_args()
    if len(given.subjects) == 1:
        found = attack(
            given.subjects[0],
            given.count,
            given.seed,
            given.seconds,
            given.only,
            given.keep,
            given.memory,
        )
        print(json.dumps(found), flush=True)
        sys.exit(bool(found["faults"]))
    shared = [word for word in sys.argv[1:] if word not in given.subjects]
    statuses = [
        subprocess.run([sys.executable, __file__, name, *shared], check=False).returncode
        for name in given.subjects or subjects.SUBJECTS  # each alone: what one imports or breaks is its own
    ]
    sys.exit(any(statuses))


if __name__ == "__main__":
    main()
