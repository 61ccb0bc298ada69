"""Folders of pictures, alone and in pairs."""

import os

import numpy as np
import pytest

from restorekit import RestorekitError
from restorekit.data.sources.folder import Folder
from restorekit.data.sources.listing import list_pictures, read_listing
from restorekit.data.sources.paired import Paired
from restorekit.images import write_rgb
from restorekit.testing import check_source


def picture(path, height=20, width=24, value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rgb(path, np.full((height, width, 3), value, np.uint8))


def ids(source):
    return [source[i].id for i in range(len(source))]


def test_a_folder_is_read_with_those_below_it_sorted_by_path(tmp_path):
    for name in ("b.png", "a/d.JPG", "a/c/e.webp", "a.jpeg"):
        picture(tmp_path / name)
    assert ids(Folder(tmp_path)) == ["a/c/e.webp", "a/d.JPG", "a.jpeg", "b.png"]


def test_pictures_of_a_folder_may_be_of_any_size(tmp_path):
    picture(tmp_path / "large.png", 90, 300)
    picture(tmp_path / "small.png", 3, 2)
    source = Folder(tmp_path)
    assert [source[i].sharp.shape for i in range(2)] == [(90, 300, 3), (3, 2, 3)]
    check_source(source)


def test_what_is_no_picture_is_not_listed(tmp_path):
    picture(tmp_path / "a.png")
    picture(tmp_path / "folder.png" / "inside.png")
    for name in ("notes.txt", "png", "._a.png"):
        (tmp_path / name).write_text("no picture")
    assert list_pictures(tmp_path) == ["a.png", "folder.png/inside.png"]


def test_hidden_folders_are_not_entered(tmp_path):
    for name in ("a.png", ".thumbs/t.png", "b/.cache/deep/t.png"):
        picture(tmp_path / name)
    assert list_pictures(tmp_path) == ["a.png"]


def test_no_file_is_asked_for_by_itself(tmp_path, monkeypatch):
    for i in range(20):
        (tmp_path / f"{i:02}.png").touch()
    asked, stat = [], os.stat
    monkeypatch.setattr(os, "stat", lambda path, **options: asked.append(path) or stat(path, **options))
    assert len(list_pictures(tmp_path)) == 20
    assert len(asked) <= 1


def test_a_link_to_a_picture_is_one_and_a_broken_link_is_not(tmp_path):
    picture(tmp_path / "elsewhere" / "a.png")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "linked.png").symlink_to(tmp_path / "elsewhere" / "a.png")
    (tmp_path / "data" / "broken.png").symlink_to(tmp_path / "nowhere.png")
    assert list_pictures(tmp_path / "data") == ["linked.png"]


def test_a_link_in_a_circle_is_not_followed(tmp_path):
    picture(tmp_path / "a.png")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert list_pictures(tmp_path) == ["a.png"]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(
        RestorekitError, match=r"cannot be listed \(Permission denied\); check its permissions"
    ):
        list_pictures(tmp_path)


def pairs(at, sharp=(), degraded=(), size=(20, 24)):
    for name in sharp:
        picture(at / "sharp" / name, value=200)
    for name in degraded:
        picture(at / "degraded" / name, *size, value=50)
    return Paired(at / "sharp", at / "degraded")


def test_pairs_are_of_one_path_but_for_the_ending(tmp_path):
    source = pairs(tmp_path, ["b/1.png", "a/1.png", "a/2.v2.png"], ["a/1.jpg", "b/1.webp", "a/2.v2.png"])
    assert ids(source) == ["a/1.png", "a/2.v2.png", "b/1.png"]
    item = source[2]
    assert item.sharp[0, 0].tolist() == [200] * 3 and abs(int(item.degraded[0, 0, 0]) - 50) < 3
    check_source(source)


def test_names_in_only_one_folder_are_left_out_and_said_once_in_a_line(tmp_path, capsys):
    alone = [f"{i}.png" for i in range(10, 19)]
    source = pairs(tmp_path, ["1.png", *alone], ["1.png", "x.png"])
    assert (len(source), len(source), ids(source)) == (1, 1, ["1.png"])
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(
        f"left out, as they are in only one folder (10): {tmp_path / 'sharp' / '10.png'}, "
    )
    assert said.endswith("14.png and 5 more\n")


def test_complete_pairs_say_nothing(tmp_path, capsys):
    assert len(pairs(tmp_path, ["1.png"], ["1.jpg"])) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("sharp", "degraded", "message"),
    [
        (
            ["1.png"],
            ["2.png"],
            "^no picture in .*sharp is also in .*degraded; a pair has the same path",
        ),
        (["1.png"], ["1.png", "1.jpg"], r"degraded/1\.jpg and 1\.png differ only in their ending; keep one"),
        (["1.png"], [], "^no folder .*degraded; give the folder"),
    ],
)
def test_folders_without_pairs_are_a_line(tmp_path, sharp, degraded, message):
    with pytest.raises(RestorekitError, match=message):
        len(pairs(tmp_path, sharp, degraded))


def test_a_pair_of_two_sizes_is_named_with_both(tmp_path):
    source = pairs(tmp_path, ["1.png"], ["1.jpg"], size=(10, 12))
    message = r"sharp/1\.png has 24 x 20 pixels, .*degraded/1\.jpg has 12 x 10; give both the same size"
    with pytest.raises(RestorekitError, match=message):
        source[0]


def test_a_byte_order_mark_before_a_list_is_not_seen(tmp_path):
    (tmp_path / "a.png").touch()
    (tmp_path / "list.txt").write_text("\ufeffa.png\n", encoding="utf-8")
    assert read_listing(tmp_path / "list.txt", tmp_path) == ["a.png"]
