"""What is quoted in an error stays one line that moves no cursor, and is not long."""

import pickle

import pytest

from restorekit.errors import LONGEST, RecipeError, RestorekitError, brief, one_line

HOSTILE = [
    "\x1b[2J",
    "a\nerror: b",
    "\r",
    "\x9b31m",
    "\u202egnp.exe",
    "\u2028",
    "\x07",
    "\x7f",
    "\udc9b",
    "\x00",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_what_moves_the_cursor_or_breaks_the_line_is_an_escape(words):
    for said in (
        str(RestorekitError(words, words)),
        one_line(words),
        brief(words),
        *RecipeError([words]).problems,
    ):
        assert said.isprintable()


def test_names_of_all_languages_stay_as_they_are():
    name = "söndag  in 東京 – «ё».jpg"
    assert one_line(name) == name == RestorekitError(name).message


def test_of_a_long_message_the_middle_is_left_out():
    said = str(RestorekitError("begin" + "x" * 10**6 + "end", "hint"))
    assert said.startswith("begin") and said.endswith("end; hint") and len(said) < LONGEST + 10


def test_each_problem_of_a_recipe_is_one_line_and_they_are_not_without_end():
    error = RecipeError([f"r.toml:{n}: \n" for n in range(1000)])
    assert len(error.problems) == 1000
    assert str(error).splitlines()[-1] == "and 900 more" and str(error).count("\n") == 100


@pytest.mark.parametrize("error", [RestorekitError("a", "b"), RecipeError(["a", "b"])])
def test_it_comes_back_whole_from_another_process(error):
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
