"""What tells one restorer of a report from another of the same name."""

import hashlib
import shutil

from restorekit.bundle import GRAPH, find_bundle
from restorekit.reports.contestants import load_contestants


def test_a_bundle_that_runs_by_its_graph_is_known_by_its_weights_not_by_its_place(monkeypatch, tmp_path):
    monkeypatch.setattr("restorekit.restore.load.gpu_at_hand", lambda: False)
    shipped = find_bundle(None)
    shutil.copytree(shipped, tmp_path / "copy")
    (there,) = load_contestants([], "cpu").values()
    (here,) = load_contestants([tmp_path / "copy"], "cpu").values()
    assert hashlib.sha256((shipped / GRAPH).read_bytes()).hexdigest() in there.identity
    assert here.identity == there.identity
