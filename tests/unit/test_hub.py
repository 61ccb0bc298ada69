"""What is published, and which model a name means; nothing here asks the Hub."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from restorekit.bundle import FILES, find_bundle
from restorekit.errors import BundleError, RestorekitError
from restorekit.hub import pull
from restorekit.hub.digest import check_digest, file_digest
from restorekit.hub.known import known_models
from restorekit.hub.publish import prepare, publish

LICENSE = "other"  # what the shipped card says


@pytest.fixture
def bundle(tmp_path):
    return Path(shutil.copytree(find_bundle(None), tmp_path / "run" / "bundle"))


@pytest.fixture
def asked(monkeypatch):
    """The names that the Hub was asked for."""
    names = []
    monkeypatch.setattr(pull, "pull", names.append)
    return names


def edit(bundle, name, old, new):
    text = (bundle / name).read_text()
    assert old in text
    (bundle / name).write_text(text.replace(old, new, 1))


def test_a_run_and_its_bundle_are_the_same_upload(bundle):
    assert prepare(bundle, LICENSE) == prepare(bundle.parent, LICENSE)


def test_only_what_a_bundle_has_goes_up(bundle):
    (bundle / "notes.txt").write_text("private")
    assert list(prepare(bundle, LICENSE).sizes) == list(FILES)


def test_a_bundle_without_a_card_gets_one(bundle):
    (bundle / "README.md").unlink()
    assert b"license: mit" in prepare(bundle, "mit").texts["README.md"]


def test_absolute_paths_lose_their_folders(bundle):
    edit(bundle, "config.json", '"path": "celeba"', '"path": "/data/bob/celeba"')
    edit(bundle, "recipe.toml", 'path = "celeba"', 'path = "/data/bob/celeba"')
    upload = prepare(bundle, LICENSE)
    assert not [name for name, data in upload.texts.items() if b"bob" in data]
    assert json.loads(upload.texts["config.json"])["data"]["sources"][0]["path"] == "celeba"


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("README.md", "see {home}/faces", "README.md names your home directory; take it out"),
        ("README.md", "hf_abcdefghijklmnopqrstuvwxyz", "README.md names a token; take it out"),
        ("recipe.toml", "# hf_abcdefghijklmnopqrstuvwxyz", None),  # a comment does not go up
        ("README.md", "it lies in {bundle}", "README.md names where it lies on your disk; take it out"),
    ],
)
def test_neither_tokens_nor_directories_go_up(name, words, message, bundle, monkeypatch):
    monkeypatch.setenv("HOME", "/home/alice")
    with (bundle / name).open("a") as file:
        file.write("\n" + words.format(home="/home/alice", bundle=bundle.resolve()) + "\n")
    if message is None:
        assert words.encode() not in prepare(bundle, LICENSE).texts[name]
        return
    with pytest.raises(BundleError, match=message):
        prepare(bundle, LICENSE)


def test_words_in_the_header_of_the_weights_are_seen_too(bundle, monkeypatch):
    monkeypatch.setenv("HOME", "/home/alice")
    file = bundle / "model.safetensors"
    save_file(load_file(file), file, metadata={"from": "/home/alice/run"})
    (bundle / "model.onnx").unlink()  # which knows where its weights lay
    with pytest.raises(BundleError, match=r"model\.safetensors names your home directory"):
        prepare(bundle, LICENSE)


def test_a_bundle_whose_weights_do_not_fit_is_not_published(bundle):
    save_file({"x": torch.ones(1)}, bundle / "model.safetensors")
    (bundle / "model.onnx").unlink()
    with pytest.raises(BundleError, match="does not fit its network"):
        prepare(bundle, LICENSE)


@pytest.mark.parametrize("license", ["", "MIT License", "-x"])
def test_a_licence_is_an_id(license, bundle):
    with pytest.raises(BundleError, match="is not an id of a licence; give one such as apache-2.0"):
        prepare(bundle, license)


@pytest.mark.parametrize("name", ["recipe.toml", "metrics.json"])
def test_a_file_that_is_broken_is_not_published(name, bundle):
    (bundle / name).write_bytes(b"\xff[")
    with pytest.raises(BundleError, match=f"{name} cannot be read: .*; get the bundle again"):
        prepare(bundle, LICENSE)


def test_metrics_of_no_known_form_are_a_line(bundle):
    (bundle / "metrics.json").write_text('{"validation": {"psnr": 1}}')
    with pytest.raises(BundleError, match="no card can be made of it: KeyError.*; fix its metrics.json"):
        prepare(bundle, LICENSE)


def test_a_repository_is_owner_and_name(bundle):
    with pytest.raises(BundleError, match="'x' is not a name on the Hub; write OWNER/NAME"):
        publish(prepare(bundle, LICENSE), "x")


def test_a_folder_here_wins_over_the_hub(tmp_path, monkeypatch, asked):
    (tmp_path / "user" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert pull.fetch_model("user/name") == Path("user/name") and not asked


@pytest.mark.parametrize("model", [None, "kernel-unet"])
def test_a_shipped_model_is_not_asked_for(model, asked):
    assert pull.fetch_model(model) == find_bundle(None) and not asked


@pytest.mark.parametrize("model", ["user/name", "user/name@v1", "user/name@refs/pr/1"])
def test_owner_and_name_is_a_model_of_the_hub(model, asked):
    pull.fetch_model(model)
    assert asked == [model]


@pytest.mark.parametrize(
    "model",
    ["name", "/a/b", "a/b/c", "./a/b", "../a", "a/", "user/name@", "u/n@../x", "u/n@a/../x", "u/n@/x"],
)
def test_anything_else_is_a_path_that_is_not_there(model, asked):
    with pytest.raises(
        RestorekitError, match="no model '.*; give a bundle directory, .* or OWNER/NAME on the Hub"
    ):
        pull.fetch_model(model)
    assert not asked


def test_digests_are_those_of_lfs_and_of_git(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert file_digest(tmp_path / "a", git=False) == hashlib.sha256(b"abc").hexdigest()
    assert (
        file_digest(tmp_path / "a", git=True) == "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f"
    )  # git hash-object


@pytest.mark.parametrize("linked", [True, False])
def test_a_file_with_another_digest_is_removed_with_its_blob(linked, tmp_path):
    blob, file = tmp_path / "blobs" / ("0" * 64), tmp_path / "snapshots" / "commit" / "a"
    for path in (blob, file):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"abc")
    if linked:
        file.unlink()
        file.symlink_to(os.path.relpath(blob, file.parent))
    with pytest.raises(BundleError, match="a of u/n does not have the digest that the Hub states"):
        check_digest(file, "0" * 64, "u/n")
    assert not os.path.lexists(file) and blob.exists() != linked


def test_a_blob_that_is_not_what_its_name_says_is_removed(tmp_path):
    blob, file = tmp_path / "blobs" / ("f" * 40), tmp_path / "snapshots" / "commit" / "a"
    for path in (blob, file):
        path.parent.mkdir(parents=True)
    blob.write_bytes(b"abc")
    file.symlink_to(os.path.relpath(blob, file.parent))
    with pytest.raises(BundleError, match="does not have the digest that the Hub states"):
        check_digest(file, hashlib.sha256(b"abc").hexdigest(), "u/n")
    assert not os.path.lexists(file) and not blob.exists()


def test_a_link_out_of_the_cache_is_removed_and_not_what_it_leads_to(tmp_path):
    file, other = tmp_path / "cache" / "snapshots" / "commit" / "a", tmp_path / "a"
    file.parent.mkdir(parents=True)
    other.write_bytes(b"abc")
    file.symlink_to(other)
    with pytest.raises(BundleError, match="a of u/n does not have the digest"):
        check_digest(file, "0" * 64, "u/n")
    assert not os.path.lexists(file) and other.exists()


def test_the_known_models_are_those_of_the_wheel_with_their_figures():
    (model,) = known_models()
    assert (model.name, model.owner, model.place) == ("kernel-unet", "restorekit", None)
    assert "non-commercial" in model.license and model.size == (find_bundle(None) / FILES[-1]).stat().st_size
    psnr = json.loads((find_bundle(None) / "metrics.json").read_text())["evaluate"]["celeba"]["psnr"]
    assert model.figures["celeba"] == (psnr["output"]["mean"], psnr["gain"]["mean"])
