"""A short share of the attack in every test run; attack.py says how the long one is begun."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ATTACK = Path(__file__).with_name("attack.py")
SHARE = {
    "pictures": 250,
    "metadata": 60,
    "recipes": 100,
    "requests": 100,
    "bundles": 20,
    "hub": 12,
    "page": 60,
}


@pytest.mark.parametrize("subject", SHARE)
def test_no_mutant_gets_through(subject):
    done = subprocess.run(
        [sys.executable, ATTACK, subject, "--count", str(SHARE[subject])],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert (
        found["mutants"] == SHARE[subject]
        and found.get("taken", 0) + found.get("refused", 0) == found["mutants"]
    )


PLANTED = """
import json, os, socket, subprocess, sys
sys.path.insert(0, {folder!r})
import attack, subjects
from hypothesis import strategies as st
from restorekit import RestorekitError

def raises(): 1 / 0
def writes(): open({outside!r}, "w")
def asks(): socket.getaddrinfo("evil.invalid", 80)
def runs(): subprocess.run(["true"])
def speaks(): os.write(2, b"a warning")
def fills(): bytearray(2**34)
def quotes(): raise type("Raw", (RestorekitError,), {{"__str__": lambda self: chr(27)}})("")

class Planted:
    mutants = st.integers()
    def __init__(self, folder): pass
    def attempt(self, folder, mutant): self.act()

for act in (raises, writes, asks, runs, speaks, fills, quotes):
    subjects.SUBJECTS[act.__name__] = type(act.__name__, (Planted,), {{"act": staticmethod(act)}})
    print(json.dumps(attack.attack(act.__name__, 2)))

class Tree:
    mutants = st.tuples(st.integers(), st.lists(st.integers(0, 99)))
    def __init__(self, folder): pass
    def attempt(self, folder, mutant):
        if sum(mutant[1]) > 120: raise KeyError(str(mutant))
        if len(mutant[1]) > 1: raise IndexError(str(mutant))

subjects.SUBJECTS["tree"] = Tree
whole = attack.attack("tree", 60, seed=3)
print(json.dumps(whole))
last = [told["mutants"][-1] for told in whole["faults"].values()]
for number in last:
    print(json.dumps(attack.attack("tree", 60, seed=3, only=number) | {{"subject": f"only {{number}}"}}))
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """What the attack says of subjects that do what must not be done."""
    code = PLANTED.format(
        folder=str(ATTACK.parent), outside=str(tmp_path_factory.mktemp("planted") / "outside")
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {found["subject"]: found for found in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize(
    ("subject", "what"),
    [
        ("raises", "ZeroDivisionError"), ("writes", "written"), ("asks", "socket.getaddrinfo"),
        ("runs", "subprocess"), ("speaks", "words of a library"), ("fills", "MemoryError"), ("quotes", "unprintable"),
    ],
)  # fmt: skip
def test_the_attack_sees_what_gets_through(subject, what, planted):
    """So that nothing found means that there is nothing."""
    found = planted[subject]
    assert found["mutants"] == found["fault"] == 2 and any(what in fault for fault in found["faults"]), found


def test_each_kind_of_fault_is_told_by_its_smallest_mutant(planted):
    found = planted["tree"]
    assert found["mutants"] == 60 and found["taken"] > 0
    smallest = {kind.split()[0]: told["smallest"] for kind, told in found["faults"].items()}
    assert smallest == {"KeyError": "(0, [22, 99])", "IndexError": "(0, [0, 0])"}


def test_a_mutant_is_the_same_alone_as_among_others(planted):
    for kind, told in planted["tree"]["faults"].items():
        number = told["mutants"][-1]
        alone = planted[f"only {number}"]
        assert alone["mutants"] == 1 and alone["faults"][kind]["mutants"] == [number]
