"""What mutants are made of: strategies of Hypothesis that give *changes*, and what makes each change of a seed.

A change is a small tuple that fits any seed, so a mutant prints in a line and shrinks to the few changes that matter.
"""

import copy
import struct

from hypothesis import strategies as st

WORDS = ["", "\x00", "\x1b]0;x\x07\x1b[31m", "a\nerror: b", "../../../x", "/tmp/x", "\u202e", "x" * 5000,
         "https://evil.example/x", "[red]", "<b>", "%s%n", "nan", "-0", "a.b.c", "\udc80", "é" * 300]  # fmt: skip
NUMBERS = [0, -1, 1, 2, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32, 2**63, 2**64, 10**400, 0.0, -0.5, 1e308,
           1e-308, float("inf"), float("-inf"), float("nan")]  # fmt: skip

texts = st.text(max_size=20) | st.text(st.characters(max_codepoint=255), max_size=20)
words = st.sampled_from(WORDS) | texts
numbers = st.sampled_from(NUMBERS) | st.integers(0, 16) | st.integers() | st.floats()
_leaves = st.booleans() | words | numbers


def _trees(leaves):
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
        max_leaves=4,
    )


def _changes(kinds, most):
    return st.lists(st.one_of(*(st.tuples(*kind) for kind in kinds)), min_size=1, max_size=most)


_places = st.integers(0, 199) | st.integers(0, 2**24 - 1)
"""Heads say most: half of all changes are made there."""
_bits32 = st.sampled_from([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]) | st.integers(0, 9999)
_bits16 = st.sampled_from([0, 1, 0x7FFF, 0xFFFF]) | st.integers(0, 999)
_byte_kinds = [
    (_places, st.just("flip"), st.integers(0, 7)),
    (_places, st.just("set"), st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255)),
    (_places, st.sampled_from(["<I", ">I"]), _bits32),
    (_places, st.sampled_from(["<H", ">H"]), _bits16),
    (_places, st.just("cut")),
    (_places, st.just("drop"), st.integers(1, 63)),
    (_places, st.just("repeat"), st.integers(1, 255), st.integers(1, 19)),
    (_places, st.just("insert"), st.binary(min_size=1, max_size=63)),
    (_places, st.just("copy"), st.integers(0, 2**24 - 1)),
]
byte_changes = _changes(_byte_kinds, 8)


def of_bytes(data, changes):
    """Change bytes: flip, overwrite, cut, repeat, move, and lie about lengths."""
    data = bytearray(data)
    for at, *what in changes:
        at %= max(len(data), 1)
        match what:
            case ["flip", bit]:
                data[at : at + 1] = bytes(byte ^ 1 << bit for byte in data[at : at + 1])
            case ["set", byte]:
                data[at : at + 1] = bytes([byte])
            case ["cut"]:
                del data[at:]
            case ["drop", length]:
                del data[at : at + length]
            case ["repeat", length, times]:
                data[at:at] = data[at : at + length] * times
            case ["insert", more]:
                data[at:at] = more
            case ["copy", other]:
                other %= max(len(data), 1)
                data[at : at + 32] = data[other : other + 32]
            case [form, number]:
                data[at : at + struct.calcsize(form)] = struct.pack(form, number)
    return bytes(data)


def _tree_changes(leaves):
    place, value = st.integers(0, 999), _trees(leaves)
    return _changes(
        [
            (place, st.just("set"), value),
            (place, st.just("copy"), place),
            (place, st.just("drop")),
            (place, st.just("repeat"), st.integers(1, 3)),
            (place, st.just("wrap"), words),
            (place, st.just("add"), words, value),
            (place, st.just("rename"), words),
        ],
        3,
    )


toml_changes = _tree_changes(_leaves)
json_changes = _tree_changes(st.none() | _leaves)


def of_tree(tree, changes):
    """Change a tree of JSON or TOML: values, keys, kinds, depth."""
    tree = copy.deepcopy(tree)
    for at, *what in changes:
        places = list(_nodes(tree))
        if not places:
            break
        table, key = places[at % len(places)]
        match what:
            case ["set", value]:
                table[key] = copy.deepcopy(value)
            case ["copy", other]:
                there, name = places[other % len(places)]
                table[key] = copy.deepcopy(there[name])
            case ["drop"]:
                del table[key]
            case ["repeat", times]:
                table[key] = [table[key]] * times
            case ["wrap", word]:
                table[key] = {word: table[key]}
            case ["add", word, value] if isinstance(table, dict):
                table[word] = copy.deepcopy(value)
            case ["rename", word] if isinstance(table, dict):
                table[word] = table.pop(key)
    return tree


def _nodes(tree):
    if isinstance(tree, dict | list):
        for key, value in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
            yield tree, key
            yield from _nodes(value)


_lines = st.integers(0, 199)
_signs = st.sampled_from([*"[]{}=.,#\"'", '"""', "'''", " = ", "\\", "\r", "\ufeff", "9" * 5000])
text_changes = _changes(
    [
        (_lines, st.just("drop")),
        (_lines, st.just("repeat"), _lines),
        (_lines, st.just("value"), _trees(st.none() | _leaves)),
        (_lines, st.just("word"), words),
        (_lines, st.just("append"), _signs),
        (_lines, st.just("bytes"), byte_changes),
        (_lines, st.just("table"), st.sampled_from(["[{}]", "[[{}]]", "[{}", "[[{}]"]), words),
        (_lines, st.just("replace"), st.sampled_from([*'aeio="[]0123']), words),
    ],
    4,
)


def of_text(text, changes):
    """Change a text by its lines."""
    lines = text.split("\n")
    for at, *what in changes:
        at %= len(lines)
        key = lines[at].partition("=")[0]
        match what:
            case ["drop"]:
                lines[at : at + 1] = [] if len(lines) > 1 else [""]
            case ["repeat", other]:
                lines.insert(at, lines[other % len(lines)])
            case ["value", value]:
                lines[at] = f"{key}= {value!r}".lower()
            case ["word", word]:
                lines[at] = f'{key}= "{word}"'
            case ["append", sign]:
                lines[at] += sign
            case ["bytes", inside]:
                lines[at] = of_bytes(lines[at].encode("utf-8", "surrogatepass"), inside).decode("latin-1")
            case ["table", form, word]:
                lines[at] = form.format(word)
            case ["replace", sign, word]:
                lines[at] = lines[at].replace(sign, word, 1)
    return "\n".join(lines)
