import json

import restorekit
from restorekit.testing import check_tracker

from restorekit_plugin_name.tracker import PluginName


def test_it_keeps_the_contract():
    check_tracker(PluginName())


def test_every_record_is_a_line(tmp_path):
    board = PluginName(file="x.jsonl").start(restorekit.TrackedRun(tmp_path, "project", {}, 0))
    board.log({"lr": 0.5}, 3)
    board.finish()
    assert json.loads((tmp_path / "x.jsonl").read_text()) == {"step": 3, "lr": 0.5}
