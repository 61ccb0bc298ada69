"""A recipe from somebody else costs its reader a line, and neither memory, time nor files."""

import os
from pathlib import Path

import pytest
from limited_child import limited_child
from tiny_recipe import RECIPE

from restorekit import RestorekitError, load_recipe
from restorekit.recipe.lines import key_lines, nesting

CHECK = "import sys; from restorekit.cli import main; sys.argv = ['restorekit', 'check', 'r.toml']; main()"


def sparse(file, size, begin):
    with file.open("wb") as stream:
        stream.write(begin)
        stream.truncate(size)


LONG = "a." * 20000 + "a"
BOMBS = {
    "gigabytes": (lambda f: sparse(f, 2**33, b"#"), "larger than 64 KiB; "),
    "arrays": (lambda f: f.write_text("a = " + "[" * 30000 + "]" * 30000), "nested more than 32 deep"),
    "tables": (lambda f: f.write_text("a = " + "{a=" * 9000 + "1" + "}" * 9000), "nested more than 32"),
    "header": (
        lambda f: f.write_text(f"[{LONG}]\n" + "".join(f"k{i} = 1\n" for i in range(2000))),
        "nested more than 32",
    ),
    "key": (lambda f: f.write_text(f"{LONG} = 1"), "nested more than 32 deep"),
    "a string that ends nowhere": (lambda f: f.write_text('a = """' + '\\"""' * 10000), "r.toml:1: "),
    "quotes": (lambda f: f.write_text("a = " + "\"'" * 30000), "r.toml:1: "),
    "an array of many lines": (
        lambda f: f.write_text(RECIPE + "a = [\n" + "1,\n" * 20000 + "]"),
        "unknown key 'a'",
    ),
    "blanks": (lambda f: f.write_text(f'{RECIPE}[{" " * 30000}"="{" " * 20000}]'), "unknown key '='"),
    "a pipe": (lambda f: os.mkfifo(f), "no recipe 'r.toml'; "),
    "no text": (lambda f: f.write_bytes(b"\xff" * 9), "'utf-8' codec"),
    "more digits than Python reads": (
        lambda f: f.write_text(f"{RECIPE}[train]\nema = {'9' * 5000}"),
        "r.toml:18: an integer past 64 bits",
    ),
    "more digits than Python writes": (
        lambda f: f.write_text(f"{RECIPE}[train]\nsave_every = 0x{'f' * 5000}"),
        "r.toml:18: train.save_every: an integer past 64 bits",
    ),
    "a name that is a path": (
        lambda f: f.write_text(RECIPE.replace('"tiny"', '"../../x"')),
        "r.toml:2: name: ",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_recipe_is_refused_within_bounds(name, tmp_path):
    write, message = BOMBS[name]
    write(tmp_path / "r.toml")
    done = limited_child(["-c", CHECK], tmp_path, addresses=2**30, seconds=20)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr and done.stderr.count("\n") == 1 and len(done.stderr) < 800
    assert os.listdir(tmp_path) == ["r.toml"]


def test_brackets_and_dots_within_strings_and_comments_do_not_nest():
    assert nesting('a = "[[[{{." # [[[\nb = """\n[[.[["""\nc = [1.5, 2.5, 3.5] # ]') == 2


@pytest.mark.parametrize(
    "recipe", sorted(Path(__file__).parents[2].glob("recipes/*.toml")), ids=lambda file: file.stem
)
def test_a_real_recipe_nests_little(recipe):
    assert nesting(recipe.read_text()) <= 6


def test_lines_are_found_around_values_that_go_on():
    text = 'a = [\n  "]", # ]\n]\n[[t]]\nb = """\n[x]\ny = 1\n"""\nc.d = { e = 1 }\n[[t]]\n[t."u.v"]\nw = 1\n'
    assert key_lines(text) == {
        ("a",): 1, ("t", 0): 4, ("t", 0, "b"): 5, ("t", 0, "c", "d"): 9, ("t", 1): 10,
        ("t", 1, "u.v"): 11, ("t", 1, "u.v", "w"): 12,
    }  # fmt: skip


def test_a_value_that_stands_within_the_limits_is_no_error(tmp_path):
    (tmp_path / "r.toml").write_text(RECIPE + "# " + "x" * 60000)
    load_recipe(tmp_path / "r.toml")
    (tmp_path / "r.toml").write_text(RECIPE + "# " + "x" * 70000)
    with pytest.raises(RestorekitError, match="larger than 64 KiB"):
        load_recipe(tmp_path / "r.toml")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (f"train.ema={'9' * 5000}", "an integer past 64 bits"),
        (f"train.ema=[0x{'f' * 5000}]", "an integer past 64 bits"),
        (f"stage.{'9' * 5000}.steps=1", "no entry"),
        ("stage.\N{SUPERSCRIPT TWO}.steps=1", "no entry"),
        (f"train.ema={'[' * 9000}", "nested more than 32 deep"),
        (f"{'a.' * 9000}b=1", "nested more than 32 deep"),
    ],
    ids=["digits", "hex", "place", "no digit", "brackets", "dots"],
)
def test_a_hostile_override_is_refused(override, message, tmp_path):
    (tmp_path / "r.toml").write_text(RECIPE)
    with pytest.raises(RestorekitError, match=message):
        load_recipe(tmp_path / "r.toml", [override])
