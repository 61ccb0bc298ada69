"""A degraded test set as files."""

import json
from hashlib import sha256

import numpy as np
import pytest
from skimage.data import astronaut

from restorekit.errors import DataError
from restorekit.evaluation.kernels import load_kernels
from restorekit.evaluation.load import load_protocol
from restorekit.evaluation.manifest import is_stored_set
from restorekit.evaluation.pairs import MadePairs
from restorekit.evaluation.store import check_store, store_pairs
from restorekit.evaluation.stored import StoredPairs
from restorekit.images import read_rgb, write_rgb

POINT, BOX = np.ones((1, 1)), np.full((3, 3), 1 / 9)


@pytest.fixture
def made(tmp_path, open_test):
    """The pairs of two pictures and two kernels."""
    faces = tmp_path / "faces"
    write_rgb(faces / "a.png", astronaut()[:60, :60])
    write_rgb(faces / "b.png", astronaut()[60:120, :60])
    return open_test(faces, POINT, BOX, crop="center", noise=1, laws=("point", "box"))


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
        for key in ("image", "version", "groups", "labels"):
            assert getattr(ours, key) == getattr(theirs, key)
        assert np.allclose(ours.draws["kernel"], theirs.draws["kernel"], atol=1e-15)
        assert np.array_equal(ours.sharp, theirs.sharp) and np.array_equal(ours.degraded, theirs.degraded)
    assert again.about == made.about


def test_the_manifest_says_how_every_pair_came_about(stored):
    manifest = json.loads((stored / "manifest.json").read_text())
    protocol = manifest["protocol"]
    assert (manifest["data"], protocol["name"], protocol["crop"]) == ("faces", "small", "center")
    assert [step["type"] for step in protocol["degradation"]] == ["kernel_set", "fixed_noise"]
    pair = manifest["pairs"][3]
    degraded = read_rgb(stored / "degraded" / "b_k01.png")
    assert pair["degraded"] == {
        "file": "degraded/b_k01.png",
        "sha256": sha256(degraded.tobytes()).hexdigest(),
    }
    told = {key: pair[key] for key in ("image", "version", "kernel", "groups", "seed")}
    assert told == {
        "image": "b.png", "version": 1, "kernel": 1, "groups": {"size": 3, "law": "box"}, "seed": [0, 1, 1]
    }  # fmt: skip
    assert str(stored.parent) not in json.dumps(manifest)


def test_a_pair_can_be_made_again_from_the_manifest_alone(stored):
    manifest = json.loads((stored / "manifest.json").read_text())
    kernels = load_kernels(str(stored / manifest["kernels"]))
    pair = manifest["pairs"][2]
    sharp = read_rgb(stored / pair["sharp"]["file"])
    assert kernels.kernels[pair["kernel"], 1, 1] == 1, "no blur, so no border is missing"
    noise = np.random.default_rng(pair["seed"]).standard_normal(sharp.shape)
    again = np.clip(np.rint(sharp + manifest["protocol"]["degradation"][1]["level"] * noise), 0, 255)
    assert np.array_equal(again, read_rgb(stored / pair["degraded"]["file"]))


def test_a_set_that_was_stored_before_test_sets_were_recipes_is_read(made, stored):
    manifest = json.loads((stored / "manifest.json").read_text())
    kernels = {"name": "two", "laws": ["point", "box"], "centring": "middle", "count": 2}
    manifest["protocol"] = {"crop": "center", "kernels": kernels, "noise_grey_levels": 1.0}
    for pair in manifest["pairs"]:
        pair |= pair.pop("groups") | {"centring": "middle", "noise_seed": pair.pop("seed")}
        del pair["version"], pair["labels"]
    (stored / "manifest.json").write_text(json.dumps(manifest))
    again = StoredPairs(stored)
    assert [(pair.version, pair.groups) for pair in again] == [(pair.version, pair.groups) for pair in made]
    assert list(again.metrics) == ["psnr", "ssim_rgb", "ssim_matlab3d"]


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
        ("protocol", [1], "protocol: "),
        ("pairs.0.groups", [1], "pairs.0.groups: "),
        ("pairs.0.kernel", "x", "pairs.0.kernel: "),
        ("pairs.0.seed", 3, "pairs.0.seed: "),
        ("protocol.metric", [{"type": "psnrr"}], "its metrics cannot be used: unknown metric 'psnrr'"),
        ("protocol.metric", [{"type": "psnr", "border": -1}], "its metrics cannot be used: .*border"),
        ("protocol.metric", 3, "its metrics cannot be used"),
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


def test_a_kernel_that_is_not_there_is_a_line_when_the_pair_is_read(stored):
    change(stored, "pairs.1.kernel", 7)
    pairs = StoredPairs(stored)
    assert pairs[0].draws["kernel"].shape == (3, 3)
    with pytest.raises(DataError, match="there is no kernel 7"):
        pairs[1]


@pytest.mark.parametrize("file", ["../faces/a.png", "deep/kernels.npz", "gone.npz"])
def test_kernels_elsewhere_are_not_read(stored, file):
    change(stored, "kernels", file)
    with pytest.raises(DataError, match="kernels is not a file beside it|gone.npz: no such kernel file"):
        StoredPairs(stored)[0]


def test_a_pair_of_two_sizes_is_a_line_when_it_is_read(stored):
    small = astronaut()[:58, :40]
    write_rgb(stored / "sharp" / "a.png", small)
    change(stored, "pairs.0.sharp.sha256", sha256(small.tobytes()).hexdigest())
    with pytest.raises(DataError, match=r"a_k00\.png: 58 x 58 pixels, sharp 40 x 58; both need one size"):
        StoredPairs(stored)[0]


def test_pictures_too_small_for_the_metrics_are_a_line_when_they_are_read(stored):
    small = astronaut()[:8, :8]
    for kind, name in {"sharp": "a", "degraded": "a_k00"}.items():
        write_rgb(stored / kind / f"{name}.png", small)
        change(stored, f"pairs.0.{kind}.sha256", sha256(small.tobytes()).hexdigest())
    with pytest.raises(DataError, match="at least 32 x 32 pixels"):
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
        (tmp_path / "faces", True, "not a test set"),
        (tmp_path / "file", True, "not a test set"),
        (tmp_path / "page", True, "not a test set"),
    ]:
        with pytest.raises(DataError, match=message):
            check_store(path, faces, overwrite)


def test_a_set_and_its_data_do_not_contain_one_another(stored, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "faces", target_is_directory=True)
    for path, data in [
        (tmp_path / "faces" / "out", tmp_path / "faces"),
        (tmp_path / "faces" / "out", tmp_path / "link"),
        (tmp_path / "link" / "deep" / "out", tmp_path / "faces"),
        (stored, stored / "sharp"),
    ]:
        with pytest.raises(DataError, match="contain one another; choose another place"):
            check_store(path, data, overwrite=True)


def test_a_set_is_not_made_of_a_set(stored, tmp_path):
    with pytest.raises(DataError, match="set: is a degraded test set; give the folder of its sharp pictures"):
        check_store(tmp_path / "new", stored, overwrite=False)


def test_names_that_would_be_one_file_are_a_line(tmp_path, open_test):
    for name in ("a.png", "A.jpg"):
        write_rgb(tmp_path / "faces" / name, astronaut()[:60, :60])
    pairs = open_test(tmp_path / "faces", POINT, crop="center")
    with pytest.raises(DataError, match="A.jpg and a.png would be one file"):
        store_pairs(tmp_path / "set", pairs)
    assert not (tmp_path / "set").exists()


def test_a_set_without_blur_has_no_kernels(tmp_path):
    write_rgb(tmp_path / "faces" / "a.png", astronaut()[:60, :60])
    (tmp_path / "noise.toml").write_text(
        """
        schema = 1
        name = "noise"
        source = { type = "folder", path = "faces" }
        draws = 2
        degradation = [{ type = "gaussian_noise", sigma = [0.1, 0.1] }]
        metric = [{ type = "psnr" }]
        """
    )
    store_pairs(tmp_path / "set", MadePairs(load_protocol(tmp_path / "noise.toml")))
    assert not (tmp_path / "set" / "kernels.npz").exists()
    first, second = StoredPairs(tmp_path / "set")
    assert not np.array_equal(first.degraded, second.degraded) and first.draws == {}
