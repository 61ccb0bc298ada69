"""Attack a room with mutants, within bounds of memory and time, and say what got through.

    python tests/fuzz/attack.py pictures recipes --count 20000 --seed 1

Mutant N of a seed is the same on every machine that has the same version of Hypothesis, which draws it. Each must be
taken or refused in a line (RestorekitError), quickly, without a word of a library on stderr, without a file outside the
attack's own folder, a program started, or a host asked. Prints an object for each subject, with its faults, each by the
smallest mutant that Hypothesis finds for it; exit status 1 if there is one. ``--only N`` repeats one.
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
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.errors import HypothesisException

sys.path.insert(0, str(Path(__file__).parent))  # which PYTHONSAFEPATH leaves out

import subjects  # noqa: E402

from restorekit import RestorekitError  # noqa: E402

SLOW = 10.0
"""Seconds of the processor that no mutant may take."""

SHOWN, LONGEST = 10, 2000
"""Faults of a subject that are told, and characters of what is told of one."""

DRAWN = 8192
"""Random bytes that Hypothesis draws a mutant from, as many as it takes."""

SHRINKING = settings(
    phases=[Phase.reuse, Phase.shrink],
    max_examples=10_000,  # of which a tenth may be faults to begin with
    deadline=None,
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)

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
            self.seen.append((event, repr(arguments[:2])))
        elif event in ("socket.connect", "socket.getaddrinfo"):
            where = str(arguments[1] if event == "socket.connect" else arguments[0])
            if not any(host in where for host in self._hosts):
                self.seen.append((event, where))
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
            self.seen.append(("written", place))


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


class Fault(Exception):
    """What no mutant may bring about: its kind, and more about this one."""


def ended(attempt, *given):
    """Try to do something with a mutant; gives ``taken``, ``refused``, or the word for how else it ended.

    Raises:
        Fault: It ended in an error that is none of ours, or none that a terminal may be shown.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return attempt(*given) or "taken"
    except RestorekitError as error:
        lines = str(error).split("\n")
        if all(line.isprintable() for line in lines) and max(map(len, lines)) <= 2100:
            return "refused"
        raise Fault("unprintable or long", repr(str(error))) from error
    except Exception as error:
        places = traceback.extract_tb(error.__traceback__)
        ours = next((each for each in reversed(places) if "restorekit" in each.filename), places[-1])
        kind = f"{type(error).__name__} ({Path(ours.filename).name}:{ours.lineno})"
        raise Fault(kind, str(error)) from error


class Trial:
    """Tries mutants of a subject in a folder, and keeps the last one of each kind of fault.

    Args:
        subject: One of `subjects.SUBJECTS`, made for the folder.
        folder: The one in which it may write.
        keep: Where the files of faults are copied to, if anywhere.
    """

    def __init__(self, subject, folder, keep=None):
        self._subject, self._place, self._keep = subject, folder / "mutant", keep
        self._watch = Watch(folder, getattr(subject, "hosts", ()))
        self._said = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self.number, self.end, self.slowest, self.faults = 0, "", 0.0, {}

    def __call__(self, mutant):
        """Try one; raises Fault."""
        self._place.mkdir()
        self.end = "fault"
        try:
            self.end = self._judged(mutant)
        except Fault as fault:
            kind, more = fault.args
            told = self.faults.setdefault(kind, {"mutants": []})
            if self.number not in told["mutants"]:
                told["mutants"].append(self.number)
            told |= {"said": more[:LONGEST], "smallest": repr(mutant)[:LONGEST]}
            if self._keep:
                kept = Path(self._keep, "".join(sign if sign.isalnum() else "_" for sign in kind))
                shutil.rmtree(kept, ignore_errors=True)
                shutil.copytree(self._place, kept)
            raise
        finally:
            shutil.rmtree(self._place)

    def _judged(self, mutant):
        since, fault = time.process_time(), None
        self._watch.seen, self._watch.on = [], True
        with own_words(self._said):
            try:
                end = ended(self._subject.attempt, self._place, mutant)
            except Fault as error:
                fault = error
        self._watch.on = False
        took = time.process_time() - since
        self.slowest = max(self.slowest, took)
        words = _written(self._said)
        if self._watch.seen:  # each on a line of its own, by which Hypothesis knows them apart
            raise Fault(*self._watch.seen[0])
        if fault:
            raise fault
        if words:
            raise Fault("words of a library", words)
        if took > SLOW:
            raise Fault("slow", f"{took:.1f} s")
        return end


def attack(name, count, seed=0, seconds=3600, only=None, keep=None, memory=8):
    """Attack one subject with so many GiB of memory; gives what became of its mutants."""
    most = int(memory * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="restorekit-fuzz-", dir=TEMPORARY)))
    os.environ |= {"HOME": str(folder), "TMPDIR": str(folder), "HF_HOME": str(folder / "hf")}
    tempfile.tempdir = str(folder)
    subject = subjects.SUBJECTS[name](folder)
    trial, ends = Trial(subject, folder, keep and Path(keep, name)), Counter()

    @settings(SHRINKING, database=InMemoryExampleDatabase())
    @given(subject.mutants)
    def test(mutant):
        trial(mutant)

    test.hypothesis.fuzz_one_input(b"")  # no mutant, but it makes Hypothesis read its tables
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        for number in [only] if only is not None else range(count):
            if time.monotonic() - begun > seconds:
                break
            rng, trial.number = np.random.default_rng([seed, number]), number
            with contextlib.suppress(Fault):  # which it has noted
                while test.hypothesis.fuzz_one_input(rng.bytes(DRAWN)) is None:
                    pass
            ends[trial.end] += 1
        took, slowest = time.monotonic() - begun, trial.slowest
        peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        if trial.faults:
            with contextlib.suppress(Fault, ExceptionGroup, HypothesisException):
                test()  # with the faults in its database, and nothing more to find
    finally:
        getattr(subject, "close", bool)()
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "subject": name, "seed": seed, "mutants": ends.total(), **ends, "seconds": round(took, 1),
        "slowest": round(slowest, 2), "peak_mib": peak,
        "faults": {kind: told | {"mutants": told["mutants"][:5]} for kind, told in list(trial.faults.items())[:SHOWN]},
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
