"""What is public at the root, and that no plugin needs more."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import restorekit

PLUGINS = Path(__file__).parents[2] / "plugins"


@pytest.mark.parametrize("name", restorekit.__all__)
def test_every_public_name_is_there(name):
    assert getattr(restorekit, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = restorekit.nothing


def test_importing_the_root_imports_neither_numpy_nor_torch():
    program = "import sys, restorekit; print({'numpy', 'torch', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_cache_lies_where_the_system_says(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert restorekit.cache_dir("kernels") == tmp_path / "restorekit" / "kernels"
    assert restorekit.cache_dir("kernels").parts[-2:][-1] == "kernels"


def test_a_file_is_written_whole_from_its_parts(tmp_path):
    restorekit.write_whole(
        tmp_path / "new" / "file", [b"ab", memoryview(b"cd"), np.array([101, 102], np.uint8)]
    )
    assert (tmp_path / "new" / "file").read_bytes() == b"abcdef"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file"]

    def broken():
        yield b"half"
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        restorekit.write_whole(tmp_path / "new" / "file", broken())
    assert (tmp_path / "new" / "file").read_bytes() == b"abcdef"
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_pictures_are_read_and_written(tmp_path):
    picture = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    restorekit.write_image(tmp_path / "picture.png", picture)
    assert np.array_equal(restorekit.read_image(tmp_path / "picture.png"), picture)
    with pytest.raises(restorekit.ImageError, match="absent.png"):
        restorekit.read_image(tmp_path / "absent.png")


def test_a_part_of_a_file_of_weights_fills_a_module(tmp_path):
    layer, file = torch.nn.Linear(2, 3), tmp_path / "weights.safetensors"
    tensors = {"body.weight": torch.rand(3, 2).half(), "body.bias": torch.rand(3), "body.more": torch.rand(1)}
    save_file(tensors | {"head.weight": torch.rand(9)}, file)
    restorekit.fill_weights(layer, file, part="body.")
    assert layer.weight.dtype == torch.float32 and torch.equal(layer.weight, tensors["body.weight"].float())
    with torch.device("meta"):
        hollow = torch.nn.Linear(2, 3)
    restorekit.fill_weights(hollow, file, part="body.")
    assert torch.equal(hollow.bias, tensors["body.bias"]) and hollow.weight.dtype == torch.float32
    with pytest.raises(restorekit.RestorekitError, match=r"missing tail\.weight, missing tail\.bias"):
        restorekit.fill_weights(layer, file, part="tail.")
    with pytest.raises(restorekit.RestorekitError, match=r"body\.weight is float16 \[3, 2\] instead of"):
        restorekit.fill_weights(torch.nn.Linear(3, 3), file, part="body.")


def test_a_module_of_one_scale_becomes_a_network():
    module = restorekit.OneScale(torch.nn.Conv2d(3, 3, 3, padding=1))
    image = torch.rand(1, 3, 8, 8)
    outputs = module({"image": [image]})
    assert torch.equal(outputs["image"][0], module.model(image))
    assert all(name.startswith("model.") for name in module.state_dict())


def test_no_plugin_keeps_a_copy_of_what_is_public():
    """Neither the writing of whole files, nor the cache's place, nor a client of the Hub, nor the type of arrays."""
    copies = ("uuid4", "XDG_CACHE_HOME", "hf_hub_download", "safe_open", "np.ndarray[Any")
    for file in PLUGINS.rglob("*.py"):
        text = file.read_text("utf-8")
        assert not [copy for copy in copies if copy in text], file
