"""States on disk: read as they were saved, whole or not at all."""

import errno
import json
import os
import sys

import pytest
import torch
from safetensors.torch import save_file

from restorekit import RestorekitError
from restorekit.training import state


def test_a_state_is_read_as_it_was_saved(tmp_path):
    tree = {
        "large": torch.arange(100.0).view(4, 25).t(), "half": torch.randn(50).bfloat16(), "none": torch.zeros(0, 3),
        "scalar": torch.tensor(7), "mask": torch.tensor([True, False]), "fits": torch.ones(16),
        "optimizer": {"state": {0: {"step": torch.tensor(3.0)}, 1: {}}, "groups": [{"lr": 0.1, "betas": [0.9, 0.99]}]},
        "weights": {"l1": 1.0, "vgg": None}, "step": 3,
    }  # fmt: skip
    state.save_state(tmp_path, tree, 3, keep=2)
    files = sorted(path.name for path in (tmp_path / "step-00000003").iterdir())
    assert files == ["state.json", "state.safetensors"]
    found = state.read_state(tmp_path)
    for key in ("large", "half", "none", "scalar", "mask", "fits"):
        assert found[key].dtype == tree[key].dtype and torch.equal(found.pop(key), tree.pop(key))
    assert torch.equal(found["optimizer"]["state"][0].pop("step"), tree["optimizer"]["state"][0].pop("step"))
    assert found == tree


def test_the_newest_states_stay_and_what_a_kill_left_is_none(tmp_path):
    for step in (1, 2, 2, 3):
        state.save_state(tmp_path, {"x": torch.full((2,), float(step))}, step, keep=2)
    (tmp_path / "step-00000009.part").mkdir()
    assert sorted(path.name for path in tmp_path.glob("*") if not path.suffix) == [
        "step-00000002",
        "step-00000003",
    ]
    assert state.read_state(tmp_path)["x"].tolist() == [3, 3]
    (tmp_path / "step-00000003" / "state.safetensors").write_bytes(b"cut")
    with pytest.raises(
        RestorekitError, match=r"step-00000003 is damaged: .*remove it to resume from the state before"
    ):
        state.read_state(tmp_path)
    with pytest.raises(RestorekitError, match="nothing was saved yet"):
        state.read_state(tmp_path / "nowhere")


def test_a_state_in_parts_as_earlier_versions_wrote_it_is_read(tmp_path):
    large, small = torch.arange(6.0).view(2, 3), torch.tensor(7)
    folder = tmp_path / "step-00000002"
    folder.mkdir()
    save_file({"/large#0": large.flatten()[:4].clone()}, folder / "000.safetensors")
    save_file({"/large#1": large.flatten()[4:].clone(), "/small": small}, folder / "001.safetensors")
    items = [[name, {"tensor": f"/{name}"}] for name in ("large", "small")]
    described = {"cut": {"/large": [2, 3]}, "tree": {"items": [*items, ["step", {"value": 2}]]}}
    (folder / "state.json").write_text(json.dumps(described))
    found = state.read_state(tmp_path)
    assert found["step"] == 2 and torch.equal(found["large"], large) and torch.equal(found["small"], small)


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize("fail", ["no space", "too large"])
def test_a_full_disk_leaves_the_last_good_state(tmp_path, monkeypatch, fail):
    tree = {"x": torch.ones(100_000)}
    state.save_state(tmp_path, tree, 1, keep=2)
    before = files(tmp_path)
    if fail == "no space":

        def full(handle):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(RestorekitError, match="cannot save .*step-00000002: .*No space left") as error:
            state.save_state(tmp_path, tree, 2, keep=2)
        assert len(str(error.value).splitlines()) == 1
    else:  # the kernel's own refusal, in the middle of a file
        import resource

        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
        try:
            with pytest.raises(RestorekitError, match="cannot save .*step-00000002: "):
                state.save_state(tmp_path, tree, 2, keep=2)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert files(tmp_path) == before
    assert torch.equal(state.read_state(tmp_path)["x"], tree["x"])
