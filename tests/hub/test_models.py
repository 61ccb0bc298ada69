"""Models published and pulled by the true client, over a Hub on loopback; what goes wrong is a line, and mends itself."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from restorekit import load_recipe
from restorekit.bundle import FILES, save_bundle
from restorekit.card import is_unedited, model_card

TOKEN = "hf_abcdefghijklmnopqrstuvwxyz"
RECIPE = """\
schema = 1
name = "tiny"
[data]
train = { type = "hub", repo = "a/faces" }
size = 32
license = "CC0"
[[degradation]]
type = "trajectory_blur"
[network]
type = "face_multitask_unet"
widths = [4, 8]
blocks = [0, 0]
[[task]]
type = "image"
[[loss]]
type = "vgg19"
weights = "secret/vgg.safetensors"
[[stage]]
steps = 1
losses = ["vgg19"]
"""
# Runs command lines one after the other, and says of each its status, stdout and stderr as JSON. The client's waits
# between its trials are left out; a command line that begins with "full" finds a full disk.
COMMANDS = """
import contextlib, errno, io, json, sys, time
from huggingface_hub import file_download
from restorekit.cli import main

time.sleep = lambda seconds: None
download = file_download.http_get

class Full:
    def __init__(self, file): self.file = file
    def write(self, data):
        self.file.write(data[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

for arguments in json.load(sys.stdin):
    full = arguments[0] == "full"
    file_download.http_get = (lambda url, file, **more: download(url, Full(file), **more)) if full else download
    sys.argv = ["restorekit", *arguments[full:]]
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
    print(json.dumps([status, out.getvalue(), err.getvalue()]))
"""


def child(endpoint, home, commands, **env):
    """Begin a process that runs command lines against a Hub, with its own home."""
    near = {"HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(home), "HF_HUB_VERBOSITY": "error"}
    process = subprocess.Popen(
        [sys.executable, "-c", COMMANDS],
        env=os.environ | near | env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(json.dumps(commands))
    process.stdin.close()
    return process


def ended(process):
    """What each command of a child said: (status, stdout, stderr)."""
    out, err = process.stdout.read(), process.stderr.read()
    assert process.wait() == 0, err
    return [tuple(json.loads(line)) for line in out.splitlines()]


def run(*arguments, **env):
    return ended(child(*arguments, **env))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A tiny bundle in a run directory."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "r.toml").write_text(RECIPE)
    recipe = load_recipe(folder / "r.toml")
    torch.manual_seed(1)
    module = recipe.parts.network.build(recipe.parts.tasks)
    for parameter in module.parameters():  # untrained, it gives back what it is given
        parameter.data += 0.05 * torch.randn_like(parameter)
    metrics = {"psnr": 30.125, "psnr_input": 25.0}
    save_bundle(folder / "run" / "bundle", recipe, module, weights={}, metrics=metrics, steps=7)
    return folder / "run" / "bundle"


def contents(folder):
    return {name: (Path(folder) / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def travelled(hub, bundle, tmp_path_factory):
    """A bundle that went up from one home and came down in another: the Hub, and what the commands said."""
    here, there = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there")
    picture = there / "a.png"
    pixels = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(picture)
    publish = ["publish", str(bundle.parent), "--repo", "user/tiny", "--license", "cc0-1.0"]
    with hub() as served:
        said = run(
            served.endpoint, here, [[*publish, "--dry-run"], ["publish", "x", "--repo", "user/tiny"], publish],
            HF_TOKEN=TOKEN,
        )  # fmt: skip
        revision = said[-1][1].split()[-1]
        said += run(served.endpoint, there, [
            ["pull", revision],
            ["deblur", str(picture), "--model", revision, "-o", str(there / "hub.png")],
            ["deblur", str(picture), "--model", str(bundle), "-o", str(there / "local.png")],
            ["pull", "user/tiny"],
        ])  # fmt: skip
        asked = len(served.sent)
        said += run(served.endpoint, there, [["pull", "user/tiny"], ["pull", "user/none"]], HF_HUB_OFFLINE="1")
        assert len(served.sent) == asked
    names = ["dry", "unlicensed", "published", "pulled", "hub", "local", "newest", "offline", "offline, none"]
    return served, dict(zip(names, said, strict=True)), there


def test_a_bundle_goes_up_and_comes_down_with_equal_bytes(travelled, bundle):
    _, said, _ = travelled
    status, out, err = said["pulled"]
    assert status == 0 and "model tiny, licence CC0, commit " in err
    up, down = contents(bundle), contents(out.strip())
    assert {name for name in FILES if up[name] != down[name]} == {"README.md"}
    assert sorted(os.listdir(out.strip())) == sorted(FILES)


def test_it_deblurs_as_before_it_travelled(travelled):
    _, said, there = travelled
    assert said["hub"][0] == said["local"][0] == 0, said["hub"]
    assert (there / "hub.png").read_bytes() == (there / "local.png").read_bytes()
    assert (there / "hub.png").read_bytes() != (there / "a.png").read_bytes()


def test_it_is_one_commit_that_names_the_model(travelled):
    served, said, _ = travelled
    assert len(served.messages) == 1 and served.messages[0].startswith("tiny, published by restorekit")
    assert said["published"][1].split()[-1] == f"user/tiny@{served.head('user/tiny')}"


def test_what_goes_up_is_printed_first_with_its_bytes(travelled):
    served, said, _ = travelled
    assert said["published"][1].startswith(said["dry"][1])
    files = served.commits["user/tiny"]["main"]
    assert said["dry"] == (0, "".join(f"{len(files[name]):>12,}  {name}\n" for name in FILES), "")


def test_without_a_licence_nothing_goes_up(travelled):
    status, out, err = travelled[1]["unlicensed"]
    assert (status, out) == (2, "") and err.startswith("error: no licence is given")


def test_the_newest_commit_is_had_offline_once_it_was_pulled(travelled):
    _, said, _ = travelled
    assert said["offline"][:2] == said["newest"][:2] == said["pulled"][:2]


def test_offline_a_model_that_was_not_pulled_is_a_line(travelled):
    assert travelled[1]["offline, none"] == (2, "", (
        "error: user/none is neither a folder here nor whole in the Hub's cache, and HF_HUB_OFFLINE is set; "
        "unset that and run: restorekit pull user/none\n"
    ))  # fmt: skip


def test_the_card_on_the_hub_is_valid_and_says_what_is_known(travelled):
    from huggingface_hub import ModelCard

    card = travelled[0].commits["user/tiny"]["main"]["README.md"].decode()
    data = ModelCard(card).data
    assert (data.library_name, data.pipeline_tag, data.license) == ("restorekit", "image-to-image", "cc0-1.0")
    assert data.datasets == ["a/faces"] and "deblurring" in data.tags and is_unedited(card)
    (result,) = data.eval_results
    assert (result.metric_type, result.metric_value, result.metric_args["input"]) == ("psnr", 30.125, 25.0)
    assert result.metric_args["definition"].startswith("PSNR in dB of float images")
    assert data.to_dict()["restorekit"]["components"]["network"] == {"face_multitask_unet": "restorekit"}


def test_nothing_on_the_hub_tells_of_the_publisher(travelled, bundle):
    for name, data in travelled[0].commits["user/tiny"]["main"].items():
        for secret in (TOKEN, str(bundle.parent.parent), os.getcwd(), "secret"):
            assert secret.encode() not in data, name


def dropped(data):
    return data[: len(data) // 2]


def nothing(data):
    return b""


def zeros(data):
    return bytes(len(data))


BUSY = (429, {"Retry-After": "7"})
# What befalls a repository, the line, and whether the second pull works.
FAULTS = {
    "dropped": ("model.safetensors", [dropped] + [nothing] * 6, "user/dropped: the Hub cannot be used (RemoteProtocolError: "),
    "zeros": ("model.safetensors", [zeros], "model.safetensors of user/zeros does not have the digest that the Hub states, and is"
              " removed from the cache; try again; if it fails again, tell its owner"),
    "altered": ("config.json", [zeros], "config.json of user/altered does not have the digest that the Hub states"),
    "busy": ("config.json", [BUSY] * 7, "user/busy: the Hub is asked too often from here (429); try again in 7 s"),
    "broken": ("config.json", [(500, {})] * 7, "user/broken: the Hub has a fault of its own (500); try again later"),
    "unknown": ("config.json", [(401, {})], "user/unknown: the Hub does not know you (401); log in with: hf auth login"),
    "denied": ("config.json", [(403, {})], "user/denied: the Hub does not allow you this (403); check the rights"),
    "full": (None, [], "user/full: no room left in the Hub's cache; make room, or set HF_HOME"),
}  # fmt: skip
LASTING = {
    "user/none": "no folder 'user/none' here, and no model of that name on the Hub that you may read; check the name",
    "user/gated": "user/gated is gated: its owner says who may read it; ask for access on its page, and log in",
    "user/private": "no folder 'user/private' here, and no model of that name on the Hub that you may read; check",
    "user/busy@v9": "user/busy has no revision 'v9'; give a branch, tag or commit that its page shows",
    "user/empty": "user/empty is not a bundle: it has no config.json; choose a repository made by",
    "user/other": "user/other is not a bundle that can be used here: ",
    "user/pickle": "user/pickle is not a bundle that can be used here: it has no model.safetensors; choose",
    "user/foreign": "unknown network 'their_net'; its card says that the plugin 'their-plugin' provides it: install",
    "user": "'user' is not a model of the Hub; write OWNER/NAME or OWNER/NAME@REVISION",
    "../x/y": "'../x/y' is not a model of the Hub; write",
}  # fmt: skip


@pytest.fixture(scope="module")
def faulty(hub, bundle, tmp_path_factory):
    """What is said of each fault, then of pulling again; and the cache."""
    home = tmp_path_factory.mktemp("home")
    files = contents(bundle)
    with hub() as served:
        for name, (place, faults, _) in FAULTS.items():
            weights = files["model.safetensors"] + name.encode()  # of its own, so that no other's is in the way
            served.put(f"user/{name}", files | {"model.safetensors": weights})
            served.faults[f"user/{name}", place] = list(faults)
        for name in ("gated", "private"):
            served.put(f"user/{name}", files)
            getattr(served, name).add(f"user/{name}")
        served.put("user/empty", {"README.md": b""})
        served.put("user/other", files | {"config.json": b'{"architectures": ["Bert"]}'})
        served.put("user/pickle", {n: d for n, d in files.items() if "safe" not in n} | {"model.bin": b"\x80"})
        served.put("user/foreign", foreign(files))
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
    assert err.splitlines()[-1].startswith("error: " + FAULTS[name][2]) and ";" in err, err


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
    assert (status, err) == (2, "error: user/new: the Hub does not know you (401); log in with: hf auth login\n")


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


def test_a_connection_that_drops_once_costs_a_second_try(hub, bundle, tmp_path):
    with hub() as served:
        served.put("user/tiny", contents(bundle))
        served.faults["user/tiny", "model.safetensors"] = [dropped]
        ((status, out, _),) = run(served.endpoint, tmp_path, [["pull", "user/tiny"]])
    assert status == 0 and contents(out.strip()) == contents(bundle)
    sizes = [size for path, size in served.sent if "/lfs/" in path]
    assert len(sizes) == 2


def test_two_pulls_at_once_do_not_disturb_each_other(hub, bundle, tmp_path):
    with hub() as served:
        served.put("user/tiny", contents(bundle))
        pulls = [child(served.endpoint, tmp_path, [["pull", "user/tiny"]]) for _ in range(2)]
        (first,), (second,) = (ended(pull) for pull in pulls)
    assert first[:2] == second[:2] and first[0] == 0, first
    assert contents(first[1].strip()) == contents(bundle)


def test_publishing_anew_keeps_a_card_that_a_person_edited(hub, bundle, travelled, tmp_path):
    publish = ["publish", str(bundle), "--license", "cc0-1.0", "--repo"]
    edited = b"---\nlicense: cc0-1.0\n---\nMine.\n"
    ours = travelled[0].commits["user/tiny"]["main"]["README.md"]
    with hub() as served:
        served.put("user/tiny", {"README.md": ours + b"Edited.\n"})
        served.put("user/mine", {"README.md": edited})
        served.put("user/ours", {"README.md": ours, ".gitattributes": b""})
        said = run(
            served.endpoint,
            tmp_path,
            [
                *([*publish, f"user/{name}"] for name in ("tiny", "mine", "ours")),
                [*publish, "user/ours", "--private"],
                [*publish, "user/hidden", "--private"],
                ["pull", "user/hidden"],
            ],
            HF_TOKEN=TOKEN,
        )
    cards = [served.commits[f"user/{name}"]["main"]["README.md"] for name in ("tiny", "mine", "ours")]
    assert cards == [ours + b"Edited.\n", edited, ours]
    note = "note: README.md of user/{} was edited by a person, and stays as it is\n"
    assert [err for _, _, err in said[:3]] == [note.format("tiny"), note.format("mine"), ""]
    assert all("model.safetensors" in served.commits[f"user/{name}"]["main"] for name in ("tiny", "mine", "ours"))
    assert said[3][0] == 2 and said[3][2].startswith("error: user/ours is public already; make it private")
    assert said[4][0] == said[5][0] == 0 and served.private == {"user/hidden"}
