"""Visitors of the page: how long they wait, what they take along, what is left when they are gone."""

import os
import shutil
import threading
import time
from pathlib import Path
from zipfile import ZipFile

import pytest
from desk_steps import bring, files, made, send, state, wait

import restorekit.web.desk
from restorekit import RestorekitError
from restorekit.contracts import Footprint
from restorekit.images import read_rgb
from restorekit.restore.whole import Whole
from restorekit.web.desk import _bytes
from restorekit_faces.framing import Faces


class Slow:
    """Waits in its second tile until it is let go on."""

    def __init__(self, restorer):
        self.tiles, self.there, self.go = 0, threading.Event(), threading.Event()
        self.restore = restorer.restore

    def __call__(self, images):
        self.tiles += 1
        if self.tiles == 2:
            self.there.set()
            assert self.go.wait(60)
        return self.restore(images)


@pytest.fixture
def slow(make_desk, loads, photo):
    """A desk at which a photo of many tiles is under way."""
    desk = make_desk()
    loads[None].footprint = Footprint(margin=0, tile=128)
    loads[None].restore = desk.slow = Slow(loads[None])
    desk.visitor = desk.enter()
    desk.brought = send(desk, desk.visitor, photo("wide.png", size=(64, 1600)))
    assert desk.slow.there.wait(60)
    yield desk
    desk.slow.go.set()


def test_progress_is_told_and_how_long_it_takes(slow):
    now = state(slow, slow.visitor)
    assert now["phase"] == "restoring" and 0 < now["share"] < 0.5 and now["left"] >= 0


def test_what_is_cancelled_ends_at_the_next_tile_and_can_be_begun_again(slow):
    slow.cancel(slow.visitor, slow.brought)
    assert state(slow, slow.visitor)["phase"] == "cancelled"
    slow.slow.go.set()
    slow._work.add(lambda: None).result(60)
    assert slow.slow.tiles == 2
    slow.again(slow.visitor, slow.brought)
    wait(slow, slow.visitor)
    assert made(slow, slow.visitor, slow.brought) == [120, 120]


def test_a_photo_is_seen_before_it_is_restored(slow):
    for side in ("before", "after"):
        assert slow.shown(slow.visitor, slow.brought, side, None, 100)[:2] == b"\xff\xd8"


@pytest.mark.parametrize("how", ["leave", "remove"])
def test_who_leaves_or_removes_it_while_it_is_restored_leaves_nothing(slow, how):
    if how == "leave":
        slow.leave(slow.visitor)
    else:
        slow.remove(slow.visitor, slow.brought)
    slow.slow.go.set()
    slow._work.add(lambda: None).result(60)
    assert files(slow) == [] and slow.slow.tiles == 2 and not slow.failures


def test_each_of_several_photos_is_restored_and_all_are_packed(desk, visitor, photo, tmp_path):
    (tmp_path / "other").mkdir()
    for number, name in enumerate(["a.png", "b.png", "other/a.png"]):
        bring(desk, visitor, photo(name, value=100 + number))
    (tmp_path / "bad.png").write_bytes(b"no picture")
    bring(desk, visitor, tmp_path / "bad.png")
    with ZipFile(desk.packed(visitor, 1.0)) as file:
        assert file.namelist() == ["a.deblurred.png", "b.deblurred.png", "3.a.deblurred.png"]
        file.extractall(tmp_path / "out")
    assert [int(read_rgb(path).max()) for path in sorted((tmp_path / "out").iterdir())] == [122, 120, 121]
    desk.leave(visitor)
    assert files(desk) == []


def test_names_in_the_download_of_all_are_all_different(desk, visitor, photo, tmp_path):
    (tmp_path / "other").mkdir()
    for name in ("3.a.png", "a.png", "other/a.png", "other/A.png"):
        bring(desk, visitor, photo(name))
    with ZipFile(desk.packed(visitor, 1.0)) as file:
        names = file.namelist()
    assert names == ["3.a.deblurred.png", "a.deblurred.png", "4.a.deblurred.png", "5.A.deblurred.png"]


def test_all_are_packed_whatever_the_clock_said_when_they_were_made(desk, visitor, photo):
    brought = bring(desk, visitor, photo())
    os.utime(desk.written(visitor, brought, 1.0), (0, 0))
    with ZipFile(desk.packed(visitor, 1.0)) as file:
        assert file.testzip() is None


def test_a_download_of_all_that_is_on_its_way_stays_whole_while_another_is_made(desk, visitor, photo):
    bring(desk, visitor, photo())
    with desk.packed(visitor, 1.0).open("rb") as sending:
        half = desk.packed(visitor, 0.5)
        with ZipFile(sending) as first, ZipFile(half) as second:
            assert first.testzip() is None and second.testzip() is None
            name = "a.deblurred.png"
            assert first.read(name) != second.read(name)
    assert len(files(desk)) == 3  # the photo, what was made of it, and one file of all


def test_photos_beyond_what_memory_holds_are_restored_again_when_they_are_asked_for(
    desk, visitor, photo, monkeypatch, loads
):
    monkeypatch.setattr(restorekit.web.desk, "HELD", 40 * 60)
    first, second = (bring(desk, visitor, photo(name)) for name in ("a.png", "b.png"))
    assert [each.pixels for each in desk._visits[visitor].photos.values()] == [0, 2400]
    assert made(desk, visitor, first) == made(desk, visitor, second) == [120, 120]
    assert loads[None].restored == 4


def test_who_does_not_listen_for_a_while_has_left(desk, photo, monkeypatch):
    gone, there = desk.enter(), desk.enter()
    for visitor in (gone, there):
        bring(desk, visitor, photo())
    desk.listens(there, True)
    desk.sweep()
    assert len(files(desk)) == 2
    monkeypatch.setattr(restorekit.web.desk, "AWAY", 0)
    time.sleep(0.01)
    desk.sweep()
    assert len(files(desk)) == 1 and state(desk, there)["phase"] == "done"
    with pytest.raises(KeyError):
        desk.state(gone)


def test_too_much_is_refused(desk, visitor, photo, monkeypatch):
    bring(desk, visitor, photo())
    monkeypatch.setattr(restorekit.web.desk, "KEPT", 10)
    with pytest.raises(RestorekitError, match="too many photos are kept; remove some first"):
        send(desk, visitor, photo())


def test_what_is_made_of_photos_is_not_too_much_either(desk, visitor, photo, monkeypatch):
    brought = [bring(desk, visitor, photo(name)) for name in ("a.png", "b.png")]
    one = desk.written(visitor, brought[0], 1.0).stat().st_size
    kept = 2 * photo().stat().st_size + one
    monkeypatch.setattr(restorekit.web.desk, "KEPT", kept // 2 + 1)
    for make in (lambda: desk.written(visitor, brought[1], 1.0), lambda: desk.packed(visitor, 1.0)):
        for _ in range(2):
            with pytest.raises(RestorekitError, match="too many photos are kept to make this file"):
                make()
    assert len(files(desk)) == 3  # what could not be made has left nothing
    desk.remove(visitor, brought[0])
    assert made(desk, visitor, brought[1])[0] == 120


def test_photos_that_come_side_by_side_are_not_together_too_much(desk, visitor, monkeypatch):
    monkeypatch.setattr(restorekit.web.desk, "KEPT", 250)
    with desk.place(visitor, "a.png", 100) as first, desk.place(visitor, "b.png", 100) as second:
        first.write_bytes(bytes(100))  # counts once, as it was said to come
        with pytest.raises(RestorekitError, match="too many"), desk.place(visitor, "c.png", 100):
            raise AssertionError("a third one was let in")
        second.write_bytes(bytes(20))
    with desk.place(visitor, "c.png", 100) as third:  # the second turned out to be smaller
        third.write_bytes(bytes(100))


def test_a_photo_that_does_not_come_whole_leaves_nothing_and_counts_nothing(desk, visitor, monkeypatch):
    monkeypatch.setattr(restorekit.web.desk, "KEPT", 150)
    for _ in range(3):
        with pytest.raises(OSError), desk.place(visitor, "a.png", 100) as place:
            place.write_bytes(bytes(50))
            raise OSError
    assert files(desk) == [] and not any(desk.folder.iterdir())


def test_nobody_waits_for_a_photo_that_is_to_be_forgotten(desk, visitor, photo, monkeypatch):
    monkeypatch.setattr(restorekit.web.desk, "HELD", 40 * 60)
    first = bring(desk, visitor, photo("a.png"))
    kept, shown, done = desk._visits[visitor].photos[first], threading.Event(), threading.Event()

    def show():
        with kept.lock:
            shown.set()
            assert done.wait(60)

    showing = threading.Thread(target=show)
    showing.start()
    assert shown.wait(60)
    send(desk, visitor, photo("b.png"))
    while state_of(desk, visitor)[1] != "done":
        time.sleep(0.01)
    entered = threading.Thread(target=send, args=(desk, desk.enter(), photo("c.png")))
    entered.start()
    entered.join(30)
    waits = entered.is_alive()
    done.set()
    showing.join(60)
    assert not waits


def state_of(desk, visitor):
    return [each["phase"] for each in desk.state(visitor)["photos"]]


def test_visitors_see_their_own_photos_alone(desk, visitor, photo, tmp_path):
    brought = bring(desk, visitor, photo())
    with pytest.raises(KeyError):
        desk.written(desk.enter(), brought, 1.0)
    with pytest.raises(KeyError):
        send(desk, "nobody", tmp_path / "a.png")


def test_what_was_asked_for_is_offered_first(make_desk):
    assert make_desk().studio.ways[0] == "All of the photo" and len(make_desk().studio.ways) == 5
    assert make_desk(Faces(largest=1)).studio.ways[0] == "Faces, or all of a photo without"
    assert make_desk(Whole()).studio.ways == ["As asked for"]


def test_folders_that_vanish_while_files_are_counted_count_nothing(tmp_path, monkeypatch):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_bytes(b"123")
    stat = os.stat

    def one_goes(path, **named):
        monkeypatch.setattr(os, "stat", stat)
        shutil.rmtree(tmp_path / ("b" if "a" in Path(path).parts[-2:] else "a"))
        return stat(path, **named)

    monkeypatch.setattr(os, "stat", one_goes)
    assert _bytes(tmp_path, ()) == 3
