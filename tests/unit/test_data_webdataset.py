"""Shards of WebDataset: indexed, local and by URL, whole or damaged."""

import functools
import io
import json
import sys
import tarfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from restorekit import RestorekitError
from restorekit.data.sources.webdataset import Shards
from restorekit.recipe.component import make_component
from restorekit.testing import check_source


def png(value):
    file = io.BytesIO()
    Image.new("RGB", (16, 20), (value,) * 3).save(file, "PNG")
    return file.getvalue()


def shard(path, members):
    with tarfile.open(path, "w") as tar:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


@pytest.fixture
def folder(tmp_path):
    """Three shards of three, two and one picture; of one sample the text comes first, one has none."""
    folder = tmp_path / "shards"
    folder.mkdir()
    shard(folder / "s-0.tar", {"a/1.png": png(1), "a/1.cls": b"7", "a/2.PNG": png(2), "a/3.seg.png": png(3)})
    members = {
        "4.txt": b"x",
        "4.png": png(4),
        "4.2.png": png(0),
        "none.txt": b"x",
        "__note__": b"x",
        "5.png": png(5),
    }
    shard(folder / "s-1.tar", members)
    shard(folder / "s-2.tar", {"6.png": png(6)})
    return folder


IDS = [
    "s-0.tar/a/1.png",
    "s-0.tar/a/2.png",
    "s-0.tar/a/3.seg.png",
    "s-1.tar/4.png",
    "s-1.tar/5.png",
    "s-2.tar/6.png",
]


def read(source):
    items = [source[i] for i in range(len(source))]
    return [item.id for item in items], [int(item.sharp[0, 0, 0]) for item in items]


def index_of(folder, **counts):
    file = folder / "index.json"
    file.write_text(
        json.dumps(
            {f"s-{number}.tar": count for number, count in zip("012", (3, 2, 1), strict=True)} | counts
        )
    )
    return file


def test_local_shards_are_counted_and_the_first_picture_of_each_sample_is_taken(folder):
    source = Shards(folder / "s-{0..2}.tar")
    assert source.lengths == [3, 2, 1]
    assert read(source) == (IDS, [1, 2, 3, 4, 5, 6])
    check_source(source)


def test_an_index_saves_the_counting(folder, monkeypatch):
    source = Shards(folder / "s-{0..2}.tar", index=index_of(folder))
    monkeypatch.setattr(tarfile, "open", None)
    assert len(source) == 6


def test_a_recipes_shards_and_index_are_relative_to_it(folder):
    index_of(folder)
    source = make_component(
        "source", "webdataset", {"shards": "s-{0..2}.tar", "index": "index.json"}, lambda _: folder
    )
    assert read(source)[0] == IDS


def test_shards_are_read_by_url_with_an_index(folder):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    urls = f"http://127.0.0.1:{server.server_port}/s-{{0..3}}.tar"
    try:
        source = Shards(urls=urls, index=index_of(folder, **{"s-3.tar": 1}))
        assert [source[i].id for i in range(6)] == IDS
        with pytest.raises(
            RestorekitError, match=r"s-3\.tar: cannot be fetched \(curl: exit 22\); check"
        ) as caught:
            source[6]
        assert len(str(caught.value).splitlines()) == 1
        with pytest.raises(RestorekitError, match=r"how many samples has each shard\?; give an index"):
            len(Shards(urls=urls))
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "give either shards, a path, or urls"),
        ({"shards": "a.tar", "urls": "https://host/a.tar"}, "give either shards, a path, or urls"),
        ({"shards": "https://host/a.tar"}, "shards is a path; give a URL as urls"),
        ({"urls": "pipe:cat a.tar"}, "urls must begin with http:// or https://"),
        ({"urls": "http://host/'; touch hit; '.tar"}, "urls has white space or quotes; write them as %20"),
        ({"urls": "http://host/'$IFS'.tar"}, "urls has white space or quotes"),
        ({"urls": 'http://host/".tar'}, "urls has white space or quotes"),
        ({"urls": "http://host/a.tar\n"}, "urls has white space or quotes"),
    ],
)
def test_paths_and_urls_have_their_keys(keys, message):
    with pytest.raises(ValueError, match=message):
        make_component("source", "webdataset", keys)


def test_a_path_is_never_run_as_a_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RestorekitError, match="No such file"):
        len(Shards(Path("pipe:touch hit")))
    assert not (tmp_path / "hit").exists()


def test_shards_of_one_name_go_by_their_folders(tmp_path):
    for number, name in enumerate(("a", "b")):
        (tmp_path / name).mkdir()
        shard(tmp_path / name / "000.tar", {"1.png": png(number)})
    paths = tmp_path / "{a,b}" / "000.tar"
    (tmp_path / "index.json").write_text('{"a/000.tar": 1, "b/000.tar": 1}')
    for index in (None, tmp_path / "index.json"):
        assert read(Shards(paths, index=index)) == (["a/000.tar/1.png", "b/000.tar/1.png"], [0, 1])


def test_shards_of_several_folders_go_by_their_names_while_these_differ(tmp_path):
    for number, name in enumerate(("a/0.tar", "b/1.tar")):
        (tmp_path / name).parent.mkdir()
        shard(tmp_path / name, {"1.png": png(number)})
    assert read(Shards(tmp_path / "{a/0,b/1}.tar"))[0] == ["0.tar/1.png", "1.tar/1.png"]


def cut(folder):
    file = folder / "s-1.tar"
    file.write_bytes(file.read_bytes()[:2600])


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda at: (at / "s-1.tar").unlink(),
            r"s-1\.tar: No such file or directory; correct the path or the numbers",
        ),
        (cut, r"s-1\.tar: cannot be read \(unexpected end of data\); copy it again"),
        (lambda at: (at / "s-1.tar").write_text("no tar"), r"s-1\.tar: cannot be read \(.*\); copy it again"),
        (lambda at: (at / "s-1.tar").write_text(""), r"s-1\.tar: cannot be read \(.*\); copy it again"),
    ],
)
def test_a_missing_or_damaged_shard_is_a_line(folder, damage, message, indexed):
    damage(folder)
    source = Shards(folder / "s-{0..2}.tar", index=index_of(folder) if indexed else None)
    with pytest.raises(RestorekitError, match=message) as caught:
        read(source)
    assert len(str(caught.value).splitlines()) == 1


def test_an_index_that_does_not_match_the_shard_is_a_line(folder):
    source = Shards(folder / "s-{0..2}.tar", index=index_of(folder, **{"s-1.tar": 4}))
    message = r"s-1\.tar has 2 samples with a picture, not 4; correct .*index\.json"
    with pytest.raises(RestorekitError, match=message):
        read(source)


@pytest.mark.parametrize("text", ['{"s-0.tar": 3}', '{"s-0.tar": "3"}', "[]"])
def test_an_index_that_lacks_a_shard_is_a_line(folder, text):
    (folder / "index.json").write_text(text)
    with pytest.raises(
        RestorekitError, match=r"index\.json: no number of samples for s-[01]\.tar; the index is"
    ):
        len(Shards(folder / "s-{0..2}.tar", index=folder / "index.json"))


def test_an_index_that_cannot_be_read_is_a_line(folder):
    with pytest.raises(RestorekitError, match=r"index\.json: cannot be read .*; give a JSON file"):
        len(Shards(folder / "s-0.tar", index=folder / "index.json"))


def test_shards_without_pictures_are_a_line(folder):
    shard(folder / "s-0.tar", {"a.txt": b"x"})
    with pytest.raises(
        RestorekitError, match=r"^no pictures in .*s-0\.tar; a sample's picture is a member ending"
    ):
        len(Shards(folder / "s-0.tar"))


def test_without_the_extra_it_is_said_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "webdataset", None)
    with pytest.raises(RestorekitError, match=r"needs an extra; pip install 'restorekit\[webdataset\]'"):
        len(Shards(folder / "s-0.tar"))
