"""From named paths to pictures: files, folders and patterns."""

import os
from pathlib import Path

import pytest

from restorekit.errors import ImageError
from restorekit.restore.listing import Found, LeftOut, find_pictures


@pytest.fixture(autouse=True)
def _tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (
        "in/b.JPG", "in/a.png", "in/a.deblurred.png", "in/b.compare.png", "in/notes.txt", "in/.hidden.png",
        "in/folder.png/c.png", "in/.git/d.png", "in/deep/er/e.webp", "in/out/a.png",
    ):  # fmt: skip
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("")


def paths(*arguments, **options):
    found = find_pictures(*arguments, **options)
    return [each.path.as_posix() for each in found if not isinstance(each, LeftOut)]


def left_out(*arguments, **options):
    (found,) = [each.why for each in find_pictures(*arguments, **options) if isinstance(each, LeftOut)]
    return found


def test_a_folder_gives_its_own_pictures_without_what_was_written():
    assert paths(Path("in")) == ["in/a.png", "in/b.JPG"]


def test_recursion_goes_into_all_but_hidden_folders():
    below = ["in/a.png", "in/b.JPG", "in/deep/er/e.webp", "in/folder.png/c.png", "in/out/a.png"]
    assert sorted(paths(Path("in"), recursive=True)) == below


def test_recursion_keeps_the_way_down():
    places = {
        each.path.as_posix(): each.place
        for each in find_pictures(Path("in"), recursive=True)
        if isinstance(each, Found)
    }
    assert places["in/deep/er/e.webp"] == Path("deep/er/e.webp")


def test_recursion_leaves_out_the_folder_that_is_written_to():
    assert "in/out/a.png" not in paths(Path("in"), recursive=True, output=Path("in/out").resolve())


def test_recursion_does_not_follow_folders_that_are_links():
    os.symlink("..", "in/deep/loop")
    assert len(paths(Path("in"), recursive=True)) == 5


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("in/*", ["in/a.png", "in/b.JPG", "in/deep", "in/folder.png/c.png", "in/out/a.png"]),
        ("in/*.png", ["in/a.png", "in/folder.png/c.png"]),
        ("in/[b]*", ["in/b.JPG"]),
        ("**/e.webp", ["in/deep/er/e.webp"]),
    ],
)
def test_a_pattern_gives_the_pictures_and_folders_that_match(pattern, found):
    given = [each for each in find_pictures(Path(pattern)) if isinstance(each, Found)]
    assert [each.path.as_posix() for each in given] == [path for path in found if path != "in/deep"]


@pytest.mark.parametrize("pattern", ["in/**/*.png", "in/*"])
def test_a_pattern_leaves_out_the_folder_that_is_written_to(pattern):
    found = paths(Path(pattern), recursive=True, output=Path("in/out").resolve())
    assert "in/a.png" in found and "in/out/a.png" not in found


def test_a_pattern_of_the_very_folder_that_is_written_to_gives_its_pictures():
    assert paths(Path("in/*.JPG"), output=Path("in").resolve()) == ["in/b.JPG"]


def test_a_pattern_without_a_match_says_so():
    (error,) = find_pictures(Path("in/*.xcf"))
    assert isinstance(error, ImageError)
    assert "in/*.xcf: no picture matches" in str(error)


def test_a_file_with_a_name_like_a_pattern_is_that_file():
    Path("in/[b]*").write_text("")
    assert paths(Path("in/[b]*")) == ["in/[b]*"]


def test_what_is_missing_stands_for_itself():
    assert paths(Path("missing.png")) == ["missing.png"]


def test_a_folder_without_pictures_tells_of_recursion():
    error, _ = find_pictures(Path("in/deep"))
    assert "no picture in this folder" in str(error) and "recursive=true looks deeper" in str(error)


def test_a_folder_in_between_that_cannot_be_read_is_named_and_the_others_listed(monkeypatch):
    scan = os.scandir

    def refuse(path):
        if str(path).endswith("er"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    *found, error, _ = find_pictures(Path("in"), recursive=True)
    assert len(found) == 4
    assert str(error) == "in/deep/er: cannot be read (Permission denied); check its permissions"


def test_what_is_left_out_is_said():
    words = left_out(Path("in"))
    assert words == "left out: 3 folders below, 2 hidden, 1 that end in .txt, 2 written by an earlier run"
    os.symlink("..", "in/deep/loop")
    assert "1 links to folders" in left_out(Path("in"), recursive=True)
    assert left_out(Path("in/[an]*")) == "left out: 1 that end in .txt, 1 written by an earlier run"


@pytest.mark.parametrize("name", ["a.deblurred.png", "a.restored.jpg", "b.compare.png"])
def test_what_an_earlier_run_wrote_is_no_input_even_if_it_is_named(name):
    Path("in", name).write_text("")
    (found,) = find_pictures(Path("in", name))
    assert found == LeftOut(Path("in", name), "left out: written by an earlier run")
