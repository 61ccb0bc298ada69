"""A degraded test set as files."""

import json
from hashlib import sha256

import numpy as np
import pytest
from skimage.data import astronaut

from restorekit.errors import DataError
from restorekit.evaluation.kernels import KernelSet, load_kernels
from restorekit.evaluation.manifest import is_stored_set
from restorekit.evaluation.pairs import MadePairs, StoredPairs
from restorekit.evaluation.protocol import Protocol
from restorekit.evaluation.store import check_store, file_stems, store_pairs
from restorekit.images import read_rgb, write_rgb

BOX = np.zeros((2, 3, 3))
BOX[0, 1, 1], BOX[1] = 1, 1 / 9
KERNELS = KernelSet(BOX, np.array([1, 3]), ("point", "box"), "two", "middle")


@pytest.fixture
def made(tmp_path):
    """The pairs of two pictures and two kernels."""
    faces = tmp_path / "faces"
    write_rgb(faces / "a.png", astronaut()[:60, :60])
    write_rgb(faces / "b.png", astronaut()[60:120, :60])
    return MadePairs(Protocol(KERNELS, crop="center"), faces)


def change(stored, where, value):
    """Give the manifest another value under a dotted path of keys and numbers."""
    manifest = json.loads((stored / "manifest.json").read_text())
    *parents, last = where.split(".")
    table = manifest
    for key in parents:
        table = table[int(key)] if isinstance(table, list) else table[key]
    table[last] = value
    (stored / "manifest.json").write_text(json.dumps(manifest))


@pytest.fixture
def stored(made, tmp_path):
    store_pairs(tmp_path / "set", made)
    return tmp_path / "set"


def test_what_is_stored_comes_back_equal(made, stored):
    again = StoredPairs(stored)
    assert len(again) == len(made) == 4
    for ours, theirs in zip(again, made, strict=True):
        for key in ("image", "kernel", "size", "law"):
            assert getattr(ours, key) == getattr(theirs, key)
        assert np.array_equal(ours.sharp, theirs.sharp) and np.array_equal(ours.degraded, theirs.degraded)
    assert again.about == made.about


def test_the_manifest_says_how_every_pair_came_about(stored):
    manifest = json.loads((stored / "manifest.json").read_text())
    assert manifest["protocol"]["noise_grey_levels"] == 1 and manifest["data"] == "faces"
    pair = manifest["pairs"][3]
    degraded = read_rgb(stored / "degraded" / "b_k01.png")
    assert pair["degraded"] == {
        "file": "degraded/b_k01.png",
        "sha256": sha256(degraded.tobytes()).hexdigest(),
    }
    told = {key: pair[key] for key in ("image", "kernel", "size", "law", "centring", "noise_seed")}
    assert told == {
        "image": "b.png", "kernel": 1, "size": 3, "law": "box", "centring": "middle", "noise_seed": [0, 1, 1]
    }  # fmt: skip


def test_a_pair_can_be_made_again_from_the_manifest_alone(stored):
    manifest = json.loads((stored / "manifest.json").read_text())
    kernels = load_kernels(str(stored / manifest["kernels"]))
    pair = manifest["pairs"][2]
    sharp = read_rgb(stored / pair["sharp"]["file"])
    assert kernels.kernels[pair["kernel"], 1, 1] == 1, "no blur, so no border is missing"
    noise = np.random.default_rng(pair["noise_seed"]).standard_normal(sharp.shape)
    again = np.clip(np.rint(sharp + manifest["protocol"]["noise_grey_levels"] * noise), 0, 255)
    assert np.array_equal(again, read_rgb(stored / pair["degraded"]["file"]))


@pytest.mark.parametrize("name", ["sharp/a.png", "degraded/a_k00.png"])
def test_a_picture_that_changed_is_named(stored, name):
    pixels = read_rgb(stored / name)
    pixels[0, 0, 0] ^= 1
    write_rgb(stored / name, pixels)
    with pytest.raises(DataError, match=f"{name}: not the picture that was stored"):
        StoredPairs(stored)[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "the whole"),
        ('{"name": "a page"}', "restorekit: field required|protocol"),
        ("[" * 200_000, "cannot be read"),
        (b"\xff", "cannot be read"),
    ],
)
def test_a_manifest_that_is_none_is_a_line(stored, text, message):
    (stored / "manifest.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError, match=message) as caught:
        StoredPairs(stored)
    assert "manifest.json" in caught.value.message and caught.value.hint and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        ("protocol", {}, "protocol.crop: field required"),
        ("protocol.kernels", [1], "protocol.kernels: "),
        ("protocol.kernels.count", "x", "protocol.kernels.count: "),
        ("protocol.noise_grey_levels", "x", "protocol.noise_grey_levels: "),
        ("protocol.noise_grey_levels", float("nan"), "protocol: .*noise_grey_levels nan"),
        ("protocol.noise_grey_levels", -1, "protocol: .*noise_grey_levels -1"),
        ("pairs.0.size", 0, "pairs.0: .*size 0 is not odd"),
        ("pairs.0.size", -3, "pairs.0: .*size -3 is not odd"),
        ("pairs.0.size", 2, "pairs.0: .*size 2 is not odd"),
        ("pairs.0.sharp.file", "a\0b", "pairs.0.sharp: .*file is a path within the set"),
        ("pairs.0.sharp.file", "/etc/a.png", "pairs.0.sharp: .*file is a path within the set"),
        ("pairs.0.degraded.file", "sharp/../../a.png", "pairs.0.degraded: .*file is a path within the set"),
    ],
)
def test_a_manifest_of_wrong_values_is_a_line_that_says_where(stored, where, value, message):
    change(stored, where, value)
    with pytest.raises(DataError, match=rf"manifest\.json: {message}") as caught:
        StoredPairs(stored)
    assert caught.value.hint and "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [31, 999, 10**30 + 1])
def test_a_size_that_does_not_fit_the_picture_is_a_line_when_the_pair_is_read(stored, size):
    change(stored, "pairs.1.size", size)
    pairs = StoredPairs(stored)
    assert pairs[0].size == 1
    with pytest.raises(DataError, match=rf"a_k01\.png: 58 x 58 pixels, sharp 58 x 58, kernel size {size};"):
        pairs[1]


def test_a_pair_of_two_sizes_is_a_line_when_it_is_read(stored):
    small = astronaut()[:58, :40]
    write_rgb(stored / "sharp" / "a.png", small)
    change(stored, "pairs.0.sharp.sha256", sha256(small.tobytes()).hexdigest())
    with pytest.raises(DataError, match=r"a_k00\.png: 58 x 58 pixels, sharp 40 x 58, .*; both need one size"):
        StoredPairs(stored)[0]


def test_pictures_too_small_for_the_metrics_are_a_line_when_they_are_read(stored):
    small = astronaut()[:8, :8]
    for kind, name in {"sharp": "a", "degraded": "a_k00"}.items():
        write_rgb(stored / kind / f"{name}.png", small)
        change(stored, f"pairs.0.{kind}.sha256", sha256(small.tobytes()).hexdigest())
    with pytest.raises(DataError, match="here at least 32 x 32 pixels"):
        StoredPairs(stored)[0]


def test_a_folder_is_a_set_by_the_keys_of_its_manifest(stored, tmp_path):
    assert is_stored_set(stored) and not is_stored_set(tmp_path / "faces")
    for text in ("[]", "3", '{"name": "a page"}', '{"restorekit": "1"}'):
        (tmp_path / "faces" / "manifest.json").write_text(text)
        assert not is_stored_set(tmp_path / "faces")
    (tmp_path / "faces" / "manifest.json").write_text('{"restorekit": "0.')
    with pytest.raises(DataError, match="cannot be read .* move the file elsewhere"):
        is_stored_set(tmp_path / "faces")


def test_a_manifest_without_pairs_is_a_line(stored):
    manifest = json.loads((stored / "manifest.json").read_text())
    (stored / "manifest.json").write_text(json.dumps(manifest | {"pairs": []}))
    with pytest.raises(DataError, match="no pairs"):
        StoredPairs(stored)


def test_an_interruption_leaves_what_was_there(made, stored):
    before = (stored / "manifest.json").read_bytes()

    def stop(pairs):
        yield next(iter(pairs))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store_pairs(stored, made, stop)
    assert (stored / "manifest.json").read_bytes() == before
    assert sorted(path.name for path in stored.parent.iterdir()) == ["faces", "set"]


def test_only_a_set_is_ever_replaced(stored, tmp_path):
    faces = tmp_path / "faces"
    check_store(tmp_path / "new", faces, overwrite=False)
    check_store(stored, faces, overwrite=True)
    (tmp_path / "file").touch()
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "manifest.json").write_text('{"name": "a page"}')
    for path, overwrite, message in [
        (stored, False, "already exists"),
        (tmp_path / "faces", True, "no test set"),
        (tmp_path / "file", True, "no test set"),
        (tmp_path / "page", True, "no test set"),
    ]:
        with pytest.raises(DataError, match=message):
            check_store(path, faces, overwrite)


def test_a_set_and_its_data_do_not_lie_one_in_the_other(stored, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "faces", target_is_directory=True)
    for path, data in [
        (tmp_path / "faces" / "out", tmp_path / "faces"),
        (tmp_path / "faces" / "out", tmp_path / "link"),
        (tmp_path / "link" / "deep" / "out", tmp_path / "faces"),
        (stored, stored / "sharp"),
    ]:
        with pytest.raises(DataError, match="lie one in the other; choose another place with -o"):
            check_store(path, data, overwrite=True)


def test_a_set_is_not_made_of_a_set(stored, tmp_path):
    with pytest.raises(DataError, match="set: is a degraded test set; give the folder of its sharp pictures"):
        check_store(tmp_path / "new", stored, overwrite=False)


def test_files_keep_the_names_and_folders_of_their_pictures():
    assert file_stems(["a.b.png", "deep/ü.jpg", "deep/a.b.png"]) == ["a.b", "deep/ü", "deep/a.b"]


@pytest.mark.parametrize(
    "names", [["a.png", "a.jpg"], ["A.png", "a.png"], ["\u00fc.png", "u\u0308.png"], ["d/a.png", "./d/a.jpg"]]
)
def test_names_that_would_be_one_file_are_a_line(names):
    with pytest.raises(DataError, match=f"{names[0]} and {names[1]} would be one file"):
        file_stems(names)


@pytest.mark.parametrize("name", ["../a.png", "deep/../../a.png", "/a.png"])
def test_names_that_lead_out_of_the_folder_are_a_line(name):
    with pytest.raises(DataError, match="lies outside"):
        file_stems([name])
