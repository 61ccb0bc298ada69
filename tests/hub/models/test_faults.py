"""What goes wrong between here and the Hub is a line with the next step, and leaves the cache whole."""

import hashlib
import json
from pathlib import Path

import pytest

from restorekit.bundle import FILES
from restorekit.card import model_card


def contents(folder):
    return {name: (Path(folder) / name).read_bytes() for name in FILES}


def dropped(data):
    return data[: len(data) // 2]


def nothing(data):
    return b""


def zeros(data):
    return bytes(len(data))


BUSY = (429, {"Retry-After": "7"})
WEIGHTS, CONFIG = "model.safetensors", "config.json"
# What befalls which file of a repository.
FAULTS = {
    "dropped": (WEIGHTS, [dropped] + [nothing] * 6),
    "zeros": (WEIGHTS, [zeros]),
    "altered": (CONFIG, [zeros]),
    "busy": (CONFIG, [BUSY] * 7),
    "broken": (CONFIG, [(500, {})] * 7),
    "unknown": (CONFIG, [(401, {})]),
    "denied": (CONFIG, [(403, {})]),
    "full": (WEIGHTS, []),
}
LINES = {
    "dropped": "user/dropped: the Hub does not answer as it should (RemoteProtocolError: ",
    "zeros": "model.safetensors of user/zeros does not have the digest that the Hub states, and is removed from the",
    "altered": "config.json of user/altered does not have the digest that the Hub states, and is removed from the",
    "busy": "user/busy: the Hub is asked too often from here (429); try again in 7 s",
    "broken": "user/broken: the Hub has a fault of its own (500); try again later",
    "unknown": "user/unknown: the Hub does not know you (401); log in with: hf auth login",
    "denied": "user/denied: the Hub does not allow you this (403); check the rights",
    "full": "user/full cannot be written into the Hub's cache (No space left on device); make room",
}
LASTING = {
    "user/none": "no folder 'user/none' here, and no model of that name on the Hub that you may read; check the name",
    "user/gated": "user/gated is gated: its owner says who may read it; ask for access on its page, and log in",
    "user/private": "no folder 'user/private' here, and no model of that name on the Hub that you may read; check",
    "user/busy@v9": "user/busy has no revision 'v9'; give a branch, tag or commit that its page shows",
    "user/empty": "user/empty is not a bundle: it has no config.json; choose a repository made by",
    "user/other": "user/other is not a bundle that can be used here: config.json cannot be used: KeyError('format');",
    "user/pickle": "user/pickle is not a bundle that can be used here: it has no model.safetensors; choose",
    "user/foreign": "unknown network 'their_net'; its card says that the plugin 'their-plugin' provides it: install",
    "user/large": "user/large: its config.json has 1,048,577 bytes, where a bundle's has at most 1,048,576; nothing",
    "user": "'user' is not a model of the Hub; write OWNER/NAME or OWNER/NAME@REVISION",
    "../x/y": "'../x/y' is not a model of the Hub; write",
}


@pytest.fixture(scope="module")
def faulty(hub, run, bundle, tmp_path_factory):
    """What is said of each fault, then of pulling again; and the cache."""
    home = tmp_path_factory.mktemp("home")
    files = contents(bundle)
    with hub() as served:
        for name, (place, faults) in FAULTS.items():
            weights = (
                files["model.safetensors"] + name.encode()
            )  # of its own, so that no other's is in the way
            served.put(f"user/{name}", files | {"model.safetensors": weights})
            served.faults[f"user/{name}", place] = list(faults)
        for name in ("gated", "private"):
            served.put(f"user/{name}", files)
            getattr(served, name).add(f"user/{name}")
        served.put("user/empty", {"README.md": b""})
        served.put("user/other", files | {"config.json": b'{"architectures": ["Bert"]}'})
        served.put(
            "user/pickle", {n: d for n, d in files.items() if "safe" not in n} | {"model.bin": b"\x80"}
        )
        served.put("user/foreign", foreign(files))
        served.put("user/large", files | {CONFIG: bytes(2**20 + 1)})
        first = [["full"] * (name == "full") + ["pull", f"user/{name}"] for name in FAULTS]
        again = [["pull", f"user/{name}"] for name in FAULTS]
        lasting = [["pull", name] for name in LASTING]
        publish = ["publish", str(bundle), "--license", "cc0-1.0", "--repo", "user/new"]
        said = run(served.endpoint, home, [*first, *again, *lasting, publish])
    names = [*FAULTS, *(f"{name} again" for name in FAULTS), *LASTING, "publish"]
    return dict(zip(names, said, strict=True)), home, served


def foreign(files):
    """A bundle whose network a plugin provides that is not here."""
    config = json.loads(files["config.json"])
    config["network"] = {"type": "their_net"}
    card = model_card(config, {}).replace("network: {}", "network:\n      their_net: their-plugin")
    return files | {"config.json": json.dumps(config).encode(), "README.md": card.encode()}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_on_the_way_is_a_line_with_the_next_step(faulty, name):
    status, out, err = faulty[0][name]
    assert (status, out) == (2, "")
    assert err.splitlines()[-1].startswith("error: " + LINES[name]), err


@pytest.mark.parametrize("name", FAULTS)
def test_after_a_fault_the_second_pull_works(faulty, bundle, name):
    status, out, err = faulty[0][f"{name} again"]
    assert status == 0, err
    down = contents(out.strip())
    assert down.pop("model.safetensors") == contents(bundle)["model.safetensors"] + name.encode()
    assert down.items() <= contents(bundle).items()


@pytest.mark.parametrize("name", LASTING)
def test_a_model_that_cannot_be_had_is_a_line(faulty, name):
    status, out, err = faulty[0][name]
    assert (status, out) == (2, "")
    assert err.startswith("error: " + LASTING[name]) and err.count("\n") == 1, err


def test_publishing_needs_a_login(faulty):
    status, _, err = faulty[0]["publish"]
    assert (status, err) == (
        2,
        "error: user/new: the Hub does not know you (401); log in with: hf auth login\n",
    )


def test_every_blob_in_the_cache_is_what_its_name_says(faulty):
    blobs = list(faulty[1].glob("hub/*/blobs/*"))
    assert len(blobs) > 30 and not [blob for blob in blobs if blob.suffix == ".incomplete"]
    for blob in blobs:
        data = blob.read_bytes()
        git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        assert blob.name in (hashlib.sha256(data).hexdigest(), git), blob


def test_neither_other_weights_nor_those_of_an_unknown_network_are_fetched(faulty):
    fetched = [path for path, _ in faulty[2].sent]
    assert fetched
    assert not [path for path in fetched if path.endswith((".bin", "/user/foreign/model.safetensors"))]


def test_nothing_of_what_is_too_large_is_fetched(faulty):
    assert not [path for path, _ in faulty[2].sent if path.startswith("/user/large/resolve")]


def test_a_connection_that_drops_once_costs_a_second_try(hub, run, bundle, tmp_path):
    with hub() as served:
        served.put("user/tiny", contents(bundle))
        served.faults["user/tiny", "model.safetensors"] = [dropped]
        ((status, out, _),) = run(served.endpoint, tmp_path, [["pull", "user/tiny"]])
    assert status == 0 and contents(out.strip()) == contents(bundle)
    sizes = [size for path, size in served.sent if "/lfs/" in path]
    assert len(sizes) == 2


def test_two_pulls_at_once_do_not_disturb_each_other(hub, begin, ended, bundle, tmp_path):
    with hub() as served:
        served.put("user/tiny", contents(bundle))
        pulls = [begin(served.endpoint, tmp_path, [["pull", "user/tiny"]]) for _ in range(2)]
        (first,), (second,) = (ended(pull) for pull in pulls)
    assert first[:2] == second[:2] and first[0] == 0, first
    assert contents(first[1].strip()) == contents(bundle)
