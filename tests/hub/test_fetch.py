"""One file of the Hub, fetched through the true client."""

import hashlib
import json
import os
import subprocess
import sys

import pytest

REPO, FILE = "someone/weights", "sub/model.safetensors"
DATA = b"weights" * 100
FETCH = """
import json, sys, time
time.sleep = lambda seconds: None
import restorekit
try:
    said = restorekit.fetch(*json.loads(sys.argv[1])).read_bytes().hex()
except restorekit.RestorekitError as error:
    said = str(error)
print(json.dumps(said))
"""


@pytest.fixture
def fetch(tmp_path):
    """Fetch in a process of its own; gives the bytes in hex, or the error."""

    def run(endpoint, *arguments, **env):
        near = {"HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(tmp_path)}
        command = [sys.executable, "-c", FETCH, json.dumps(arguments)]
        env = os.environ | near | {"HF_HUB_VERBOSITY": "error"} | env
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    return run


def test_a_file_is_fetched_and_then_served_from_the_cache(hub, fetch):
    with hub({REPO: {FILE: DATA}}) as server:
        assert fetch(server.endpoint, REPO, FILE) == DATA.hex()
    assert fetch("http://127.0.0.1:9", REPO, FILE, HF_HUB_OFFLINE="1") == DATA.hex()


def test_what_is_damaged_in_the_cache_is_found_by_the_digest_that_the_hub_stated(hub, fetch, tmp_path):
    with hub({REPO: {FILE: DATA}}) as server:
        fetch(server.endpoint, REPO, FILE)
        (blob,) = (file for file in tmp_path.rglob("blobs/*") if file.is_file())
        blob.chmod(0o644)
        blob.write_bytes(b"zeros" * 140)
        assert "does not have the digest" in fetch(server.endpoint, REPO, FILE)
        assert fetch(server.endpoint, REPO, FILE) == DATA.hex()


def test_a_digest_that_is_known_beforehand_counts(hub, fetch):
    with hub({REPO: {FILE: DATA}}) as server:
        assert "does not have the digest" in fetch(server.endpoint, REPO, FILE, "main", "0" * 64)
        assert fetch(server.endpoint, REPO, FILE, "main", hashlib.sha256(DATA).hexdigest()) == DATA.hex()


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ((REPO, "absent.bin"), {}, "someone/weights has no file absent.bin; check its page"),
        (("no/body", FILE), {}, "the Hub has no no/body that you may read"),
        ((REPO, FILE, "tag"), {}, "someone/weights has no revision 'tag'"),
        ((REPO, FILE), {"HF_HUB_OFFLINE": "1"}, f"{FILE} of {REPO} is not in the Hub's cache"),
    ],
)
def test_what_cannot_be_had_is_a_line(hub, fetch, arguments, environment, said):
    with hub({REPO: {FILE: DATA}}) as server:
        found = fetch(server.endpoint, *arguments, **environment)
    assert found.startswith(said) and "\n" not in found
