"""A bundle from somebody else costs its reader a line, and neither memory, time nor files."""

import json
import os
import pickle
import struct
import zipfile

import pytest
import torch
from limited_child import limited_child
from safetensors.torch import load_file, save_file
from tiny_recipe import RECIPE

from restorekit import load_recipe
from restorekit.bundle import load_bundle, save_bundle
from restorekit.data.image_task import ImageTask
from restorekit.errors import BundleError

ADDRESSES, SECONDS = 6 * 2**30, 60
"""What a child may map, most of it torch's libraries, and how long it may compute."""

# Deblurs with each of the bundles named; of each, the status, what was said and how far the peak of memory rose.
DEBLUR = """
import contextlib, io, json, resource, sys
import restorekit.restore.load, safetensors.torch, torch
from restorekit.bundle import load_bundle
from restorekit.cli import main

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

load_bundle(sys.argv[1]).module()  # what any bundle costs
for name in sys.argv[2:]:
    before = peak()
    sys.argv = ["restorekit", "deblur", "a.png", "--model", name, "-o", "out.png"]
    err, status = io.StringIO(), 0
    with contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
    print(json.dumps([status, err.getvalue(), peak() - before]))
"""


def good(folder):
    (folder.parent / "r.toml").write_text(RECIPE)
    recipe = load_recipe(folder.parent / "r.toml")
    module = recipe.network.build(recipe.tasks)
    save_bundle(folder, recipe, module, metrics={}, steps=1)


def config(bundle, **changes):
    file = bundle / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def network(bundle, **keys):
    config(bundle, network={"type": "face_multitask_unet", "widths": [4, 8], "blocks": [0, 1]} | keys)


def weights(bundle, change):
    tensors = load_file(bundle / "model.safetensors")
    change(tensors)
    save_file(tensors, bundle / "model.safetensors")


def header(bundle, table, data=b""):
    """Write a safetensors file by hand."""
    text = json.dumps(table).encode() if isinstance(table, dict) else table
    (bundle / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


def sparse(file, size, begin=b""):
    with file.open("wb") as stream:
        stream.write(begin)
        stream.truncate(size)


def one(shape, dtype="F32", end=4):
    return {"start.weight": {"dtype": dtype, "shape": shape, "data_offsets": [0, end]}}


class Code:
    def __reduce__(self):
        return os.system, ("touch pwned",)


def zipped(bundle):
    with zipfile.ZipFile(bundle / "model.safetensors", "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps(Code()))


EYES = {"left_eye": [20, 30], "right_eye": [40, 30]}
WIDE = {"type": "face_multitask", "channels": 10**5}
HOSTILE = {
    "header of exabytes": (
        lambda b: (b / "model.safetensors").write_bytes(b"\xff" * 8 + b"{}"),
        "cannot be read: its header would be larger than 4 MiB",
    ),
    "header of 90 MB": (
        lambda b: sparse(b / "model.safetensors", 2**27, struct.pack("<Q", 9 * 10**7)),
        "cannot be read: its header would be larger than 4 MiB; ",
    ),
    "header nested": (lambda b: header(b, b"[" * 10**5), "cannot be read: "),
    "weights of terabytes": (
        lambda b: sparse(b / "model.safetensors", 2**41, struct.pack("<Q", 2)),
        "cannot be read: larger than 4 GiB; ",
    ),
    "shape of terabytes": (lambda b: header(b, one([10**12]), b"1234"), "cannot be read: "),
    "shape that overflows": (lambda b: header(b, one([2**40, 2**40]), b"1234"), "cannot be read: "),
    "offsets outside": (lambda b: header(b, one([10**9], end=4 * 10**9), b"1234"), "cannot be read: "),
    "shape of nothing": (
        lambda b: header(b, one([10**12, 0], end=0)),
        "does not fit its network: missing start.bias",
    ),
    "integers": (
        lambda b: weights(b, lambda t: t.update({"start.bias": torch.ones(4, dtype=torch.int64)})),
        "does not fit its network: start.bias is int64 [4] instead of float32 [4]; ",
    ),
    "complex numbers": (
        lambda b: header(b, one([4, 12, 3, 3], "C64", 3456), bytes(3456)),
        "does not fit its network: missing start.bias",
    ),
    "a pickle in a zip": (zipped, "cannot be read: it is a pickle of PyTorch, whatever its name; "),
    "a bare pickle": (
        lambda b: (b / "model.safetensors").write_bytes(pickle.dumps(Code(), protocol=2)),
        "cannot be read: it is a pickle of PyTorch, whatever its name; ",
    ),
    "weights that are a folder": (
        lambda b: (b / "model.safetensors").unlink() or (b / "model.safetensors").mkdir(),
        "cannot be read: not a file; ",
    ),
    "weights that are a pipe": (
        lambda b: (b / "model.safetensors").unlink() or os.mkfifo(b / "model.safetensors"),
        "cannot be read: not a file; ",
    ),
    "names with paths": (
        lambda b: weights(b, lambda t: t.update({"../../x\x1b[2J": torch.ones(1)})),
        "does not fit its network: extra ../../x\\x1b[2J; ",
    ),
    "network of terabytes": (
        lambda b: network(b, widths=[10**9, 8]),
        "does not fit its network: start.weight is float32 [4, 12, 3, 3] instead "
        "of float32 [1000000000, 12, 3, 3], ",
    ),
    "network of 30 GB": (lambda b: network(b, widths=[4, 30000]), "does not fit its network: "),
    "another network of 1 TB": (lambda b: config(b, network=WIDE), "does not fit its network: missing "),
    "network without end": (
        lambda b: network(b, blocks=[0, 10**9]),
        "its network has far more parts than its weights, which are 14 tensors; ",
    ),
    "scales without end": (
        lambda b: config(b, network={"type": "face_multitask", "scales": 10**9}),
        "it sees a picture at 1000000000 scales; ",
    ),
    "pictures widened without end": (
        lambda b: network(b, widths=[8] * 40, blocks=[0] * 40),
        "it takes pictures in steps of 1099511627776 pixels; ",
    ),
    "numbers too large for a tensor": (
        lambda b: network(b, widths=[10**30, 8]),
        "its network cannot be built: ",
    ),
    "config of gigabytes": (
        lambda b: sparse(b / "config.json", 2**33, b"{"),
        "cannot be used: ValueError('larger than 1024 KiB'); ",
    ),
    "config nested": (
        lambda b: (b / "config.json").write_text("[" * 10**5),
        "cannot be used: RecursionError(",
    ),
    "config that is a pipe": (
        lambda b: (b / "config.json").unlink() or os.mkfifo(b / "config.json"),
        "cannot be used: ValueError('not a",
    ),
    "number of a million digits": (
        lambda b: (b / "config.json").write_text('{"format": ' + "9" * 10**6 + "}"),
        "cannot be used: ValueError(",
    ),
    "name that is a path": (
        lambda b: config(b, name="../../x"),
        "cannot be used: ValueError('name is a path')",
    ),
    "name of two lines": (
        lambda b: config(b, name="x\nerror: y"),
        "cannot be used: ValueError('name is not one line of text'); ",
    ),
    "licence that moves the cursor": (
        lambda b: config(b, license="\x1b[2J"),
        "cannot be used: ValueError('license is not one line of text'); ",
    ),
    **{
        f"geometry {number}": (
            lambda b, bad=bad: config(b, geometry=bad),
            "cannot be used: ValueError('geometry",
        )
        for number, bad in enumerate(
            [
                [1],
                "x",
                1,
                True,
                {"size": "x"},
                {"size": 10**9},
                {"size": -1},
                {"size": 64.0},
                {"size": True},
                {"size": 4096, **EYES},
                {"size": 8, **EYES},
                {"size": None, **EYES},
                {"left_eye": [1, 1]},
                {"size": 64, **EYES, "left_eye": [45]},
                {"size": 64, **EYES, "left_eye": "no"},
                {"size": 64, **EYES, "left_eye": [45, float("nan")]},
                {"size": 64, **EYES, "left_eye": [45, 10**400]},
                {"size": 64, **EYES, "left_eye": [45, -1]},
                {"size": 64, **EYES, "left_eye": [True, 30]},
            ]
        )  # fmt: skip
    },
    "network of a long name": (
        lambda b: config(b, network={"type": "x" * 10**5}),
        "cannot be used: ValueError('type is not one line of text')",
    ),
    "key of a long name": (lambda b: network(b, **{"x\n" * 10**5: 1}), "cannot be used: x x x"),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What is said of each hostile bundle, in one process for all; and the folder in which it ran."""
    folder = tmp_path_factory.mktemp("hostile")
    good(folder / "good")
    for i, (spoil, _) in enumerate(HOSTILE.values()):
        good(folder / str(i))
        spoil(folder / str(i))
    from PIL import Image

    Image.new("RGB", (32, 32)).save(folder / "a.png")
    before = sorted(path for path in folder.rglob("*"))
    done = limited_child(
        ["-c", DEBLUR, "good", *map(str, range(len(HOSTILE)))], folder, addresses=ADDRESSES, seconds=SECONDS
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path for path in folder.rglob("*")) == before  # nothing is written, no code is run
    return dict(zip(HOSTILE, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_bundle_is_refused_in_a_line_and_little_memory(told, name):
    status, err, grown = told[name]
    assert status == 2
    assert err.startswith("error: ") and HOSTILE[name][1] in err
    assert err.count("\n") == 1 and len(err) < 800 and err.rstrip("\n").isprintable()
    assert grown < 150, f"{grown} MiB"


@pytest.fixture
def bundle(tmp_path):
    good(tmp_path / "bundle")
    return tmp_path / "bundle"


def test_a_bundles_own_recipe_is_never_acted_on(bundle):
    (bundle / "recipe.toml").write_text("[" * 10**6)
    (bundle / "metrics.json").write_text("[" * 10**6)
    load_bundle(bundle).module()


def test_a_buffer_beside_the_weights_is_bounded(bundle, monkeypatch):
    class Masked(torch.nn.Sequential):
        def __init__(self):
            super().__init__()
            self.register_buffer("mask", torch.ones(2**20, 2**10), persistent=False)

    monkeypatch.setattr("restorekit_face_multitask.unet.FaceMultitaskUNet.build", lambda *_: Masked())
    save_file({}, bundle / "model.safetensors")
    with pytest.raises(BundleError, match="its network would take 4,294,967,296 bytes beside its weights; "):
        load_bundle(bundle).module()


def test_a_network_that_reads_tensors_while_it_is_built_is_told_of(bundle, monkeypatch):
    build = "restorekit_face_multitask.unet.FaceMultitaskUNet.build"
    monkeypatch.setattr(build, lambda *_: torch.nn.Linear(int(torch.ones(1).item()), 1))
    with pytest.raises(
        BundleError, match="its network cannot be built: .*; check its keys; a network must also"
    ):
        load_bundle(bundle).module()


def test_rates_of_stochastic_depth_may_be_read_while_it_is_built(bundle, monkeypatch):
    rates = []
    module = load_bundle(bundle).network.build({"image": ImageTask()})

    def build(*_):
        rates.append([rate.item() for rate in torch.linspace(0, 0.5, 3)])
        return module

    monkeypatch.setattr("restorekit_face_multitask.unet.FaceMultitaskUNet.build", build)
    load_bundle(bundle).module()
    assert rates == [[0, 0.25, 0.5]] * 2
