"""The face detector of the Hub, fetched through the true client."""

import hashlib
import json
import os
import subprocess
import sys

import pytest

from restorekit.hub.detector import FILE, REPO, REVISION

DATA = b"a detector" * 100
DIGEST = hashlib.sha256(DATA).hexdigest()
FETCH = """
import json, sys, time
time.sleep = lambda seconds: None
from restorekit.errors import RestorekitError
from restorekit.hub import detector
detector.SHA256 = sys.argv[1]
said = []
for _ in range(int(sys.argv[2])):
    try:
        said.append(detector.fetch_detector().read_bytes().hex())
    except RestorekitError as error:
        said.append(str(error))
print(json.dumps(said))
"""


@pytest.fixture
def fetch(tmp_path):
    """Fetch so many times in a process of its own; gives the bytes in hex, or the errors."""

    def run(endpoint, times=1, digest=DIGEST, **env):
        near = {
            "HF_ENDPOINT": endpoint,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HOME": str(tmp_path),
            "HF_HUB_VERBOSITY": "error",
        }
        command = [sys.executable, "-c", FETCH, digest, str(times)]
        done = subprocess.run(
            command, env=os.environ | near | env, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    return run


def test_the_pinned_commit_is_fetched_once(hub, fetch):
    with hub({REPO: {FILE: b"newer"}}) as server:
        server.commits[REPO][REVISION] = {FILE: DATA}
        assert fetch(server.endpoint, times=2) == [DATA.hex()] * 2
        assert [path for path, size in server.sent if size == len(DATA)] == [
            f"/{REPO}/resolve/{REVISION}/{FILE}"
        ]


def test_what_is_in_the_cache_needs_no_hub(hub, fetch):
    with hub({REPO: {FILE: DATA}}) as server:
        server.commits[REPO][REVISION] = {FILE: DATA}
        fetch(server.endpoint)
    assert fetch("http://127.0.0.1:9", HF_HUB_OFFLINE="1") == [DATA.hex()]


def test_another_file_of_that_name_is_refused_and_removed(hub, fetch):
    with hub({REPO: {FILE: DATA}}) as server:
        server.commits[REPO][REVISION] = {FILE: DATA}
        (first,) = fetch(server.endpoint, digest="0" * 64)
        assert "does not have the digest" in first
        assert fetch(server.endpoint) == [DATA.hex()]
        assert len([path for path, size in server.sent if size == len(DATA)]) == 2


def test_no_hub_is_a_line_at_the_first_knock(fetch):
    (said,) = fetch("http://127.0.0.1:9")
    assert said.startswith(f"{REPO}: the Hub does not answer as it should")


def test_offline_and_not_in_the_cache_is_a_line(fetch):
    (said,) = fetch("http://127.0.0.1:9", HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE is set" in said
