from dataclasses import dataclass, field

import numpy as np
from skimage.data import astronaut

import restorekit.restore.load
from restorekit.evaluation.restorers import CLEAR, DEFAULT, Clear, load_restorers
from restorekit.evaluation.score import INPUT, score_pairs
from restorekit.evaluation.share import SharedPairs
from restorekit.evaluation.store import store_pairs
from restorekit.evaluation.stored import StoredPairs
from restorekit.images import write_rgb

LINE = np.full((1, 1), 1.0), np.eye(3) / 3, np.eye(5) / 5, np.fliplr(np.eye(5)) / 5


def folder(tmp_path, count):
    tmp_path.mkdir(exist_ok=True)
    for n in range(count):
        write_rgb(tmp_path / f"{n}.png", astronaut()[20 * n : 20 * n + 60, 150:210])
    return tmp_path


def called(pairs):
    return [(pair.image, pair.version) for pair in pairs]


def test_a_share_is_the_same_again_and_a_larger_one_holds_it(tmp_path, open_test):
    pairs = open_test(folder(tmp_path, 10), *LINE, crop="center")
    small, again, large = (SharedPairs(pairs, share) for share in (0.2, 0.2, 0.5))
    assert called(small) == called(again) and len(small) == 8 and len(large) == 20
    assert set(called(small)) < set(called(large)) < set(called(pairs))
    assert small.about["share"] == 0.2 and small.about["of"] == 40
    assert called(SharedPairs(pairs, 1.0)) == called(pairs) and "share" not in SharedPairs(pairs, 1.0).about


def test_a_share_is_spread_over_the_groups(tmp_path, open_test):
    pairs = open_test(folder(tmp_path, 10), *LINE, crop="center")
    sizes = [pair.groups["size"] for pair in SharedPairs(pairs, 0.3)]
    assert [sizes.count(size) for size in (1, 3, 5)] == [4, 4, 4]
    assert len(SharedPairs(pairs, 1e-6)) == 1 and len(SharedPairs(pairs, 1e-6, least=50)) == 40


def test_small_shares_are_not_all_of_the_first_groups(tmp_path, open_test):
    kernels = [np.eye(side) / side for side in (1, 3, 5, 7, 9, 11, 13, 15)]
    pairs = open_test(folder(tmp_path, 4), *kernels, crop="center")
    three = [pair.groups["size"] for pair in SharedPairs(pairs, 3 / 32)]
    assert len(set(three)) == 3 and max(three) > 5


def test_stored_pairs_give_the_same_share(tmp_path, open_test):
    pairs = open_test(folder(tmp_path / "faces", 4), *LINE, crop="center")
    store_pairs(tmp_path / "set", pairs)
    assert called(SharedPairs(StoredPairs(tmp_path / "set"), 0.5)) == called(SharedPairs(pairs, 0.5))


def test_clear_is_the_sharp_picture(tmp_path, open_test):
    pairs = open_test(folder(tmp_path, 1), *LINE, crop="center")
    restorers = load_restorers([INPUT, CLEAR])
    rows = [row for row in score_pairs(pairs, restorers, pairs.metrics) if row.restorer == CLEAR]
    assert len(rows) == 4 and all(row.values["psnr"] == np.inf for row in rows)


def test_default_is_the_default_model(monkeypatch):
    asked = []

    def load(model, device):
        asked.append(model)
        return Clear()

    monkeypatch.setattr(restorekit.restore.load, "load_restorer", load)
    assert list(load_restorers([DEFAULT, INPUT])) == list(load_restorers([])) == [CLEAR]
    assert asked == [None, None]


@dataclass(frozen=True)
class Brighter(Clear):
    by: int = 1
    of: tuple[int, ...] = field(default_factory=tuple)


def test_restorers_that_share_a_name_go_by_their_keys_and_only_these(monkeypatch):
    monkeypatch.setattr(restorekit.restore.load, "load_restorer", lambda model, device: Brighter())
    wanted = [Brighter(by=2), Brighter(), "a/bundle", Brighter(by=2, of=(3,))]
    keys = ["clear by=2", "clear", "a/bundle", "clear by=2 of=(3,)"]
    assert list(load_restorers(wanted)) == keys
    monkeypatch.setattr(Clear, "name", "")
    assert list(load_restorers([Brighter(by=2), "a/bundle"])) == ["Brighter", "a/bundle"]
    monkeypatch.setattr(Clear, "name", "input")
    assert list(load_restorers([Clear(), Clear()])) == ["input 1", "input 2"]
