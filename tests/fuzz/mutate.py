"""Mutants: of bytes, of trees of JSON or TOML, and of text; each a function of a random generator and a seed."""

import copy
import struct

WORDS = ["", "\x00", "\x1b]0;x\x07\x1b[31m", "a\nerror: b", "../../../x", "/tmp/x", "\u202e", "x" * 5000,
         "https://evil.example/x", "[red]", "<b>", "%s%n", "nan", "-0", "a.b.c", "\udc80", "é" * 300]  # fmt: skip
NUMBERS = [0, -1, 1, 2, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32, 2**63, 2**64, 10**400, 0.0, -0.5, 1e308,
           1e-308, float("inf"), float("-inf"), float("nan")]  # fmt: skip
VALUES = [None, True, False, [], {}, [[]], [None], {"": None}, *WORDS, *NUMBERS]


def pick(rng, choices):
    """One of some choices; lists and tables stay what they are."""
    return choices[int(rng.integers(len(choices)))]


def of_bytes(rng, data, most=8):
    """Change bytes: flip, overwrite, cut, repeat, move, and lie about lengths."""
    data = bytearray(data)
    for _ in range(int(rng.integers(1, most + 1))):
        if not data:
            return bytes(rng.bytes(16))
        at = int(rng.integers(len(data)))
        # Heads say most: half of all changes are made within the first 200 bytes.
        at = at % 200 if rng.random() < 0.5 and len(data) > 200 else at
        match int(rng.integers(9)):
            case 0:
                data[at] ^= 1 << int(rng.integers(8))
            case 1:
                data[at] = pick(rng, [0, 1, 0x7F, 0x80, 0xFF])
            case 2:
                number = pick(rng, [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, len(data), len(data) * 2])
                data[at : at + 4] = struct.pack(pick(rng, ["<I", ">I"]), number)
            case 3:
                data[at : at + 2] = struct.pack(pick(rng, ["<H", ">H"]), pick(rng, [0, 1, 0x7FFF, 0xFFFF]))
            case 4:
                del data[at:]
            case 5:
                del data[at : at + int(rng.integers(1, 64))]
            case 6:
                piece = data[at : at + int(rng.integers(1, 256))]
                data[at:at] = piece * int(rng.integers(1, 20))
            case 7:
                data[at:at] = rng.bytes(int(rng.integers(1, 64)))
            case 8:
                other = int(rng.integers(len(data)))
                data[at : at + 32] = data[other : other + 32]
    return bytes(data)


def of_tree(rng, tree, most=3):
    """Change a tree: values, keys, kinds, depth."""
    tree = copy.deepcopy(tree)
    for _ in range(int(rng.integers(1, most + 1))):
        places = list(_places(tree))
        if not places:
            return pick(rng, VALUES)
        table, key = pick(rng, places)
        match int(rng.integers(7)):
            case 0 | 1 | 2:
                table[key] = copy.deepcopy(pick(rng, VALUES))
            case 3:
                del table[key]
            case 4:
                table[key] = [table[key]] * int(rng.integers(1, 4))
            case 5 if isinstance(table, dict):
                table[pick(rng, WORDS)] = copy.deepcopy(pick(rng, VALUES))
            case 6 if isinstance(table, dict):
                table[pick(rng, WORDS)] = table.pop(key)
            case _:
                table[key] = {"a": table[key]}
    return tree


def _places(tree):
    if isinstance(tree, dict | list):
        for key, value in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
            yield tree, key
            yield from _places(value)


def of_text(rng, text, most=4):
    """Change a text by its lines and tokens."""
    lines = text.split("\n")
    for _ in range(int(rng.integers(1, most + 1))):
        at = int(rng.integers(len(lines)))
        match int(rng.integers(8)):
            case 0:
                del lines[at]
                lines = lines or [""]
            case 1:
                lines.insert(at, pick(rng, lines))
            case 2:
                lines[at] = lines[at].partition("=")[0] + "= " + repr(pick(rng, VALUES)).lower()
            case 3:
                lines[at] = lines[at].partition("=")[0] + '= "' + pick(rng, WORDS) + '"'
            case 4:
                lines[at] += pick(
                    rng, [*"[]{}=.,#\"'", '"""', "'''", " = ", "\\", "\r", "\ufeff", "9" * 5000]
                )
            case 5:
                lines[at] = of_bytes(rng, lines[at].encode("utf-8", "surrogatepass"), 2).decode("latin-1")
            case 6:
                lines[at] = pick(rng, ["[", "[["]) + pick(rng, WORDS[:8]) + pick(rng, ["]", "]]"])
            case 7:
                lines[at] = lines[at].replace(pick(rng, [*'aeio="[]0123']), pick(rng, WORDS), 1)
    return "\n".join(lines)
