"""A detector from a bundle to a file, and how it looks at pictures."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from restorekit import RestorekitError
from restorekit_faces.finder.detector import Finder
from restorekit_faces.finder.export import export_finder
from restorekit_faces.finder.network import FaceFinder
from restorekit_faces.geometry import SHAPE
from restorekit_faces.yunet import load_detector


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A bundle whose network takes what is bright for a face."""
    folder, network = tmp_path_factory.mktemp("finder"), FaceFinder(widths=(4, 4), blocks=(1, 1))
    module = network.build({})
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.start.weight[0] = 1 / 108
        module.down.weight[0, 0, 1, 1] = 1
        module.head.weight[0, 0] = 40
        module.head.bias[0] = -10
        module.head.bias[2:] = torch.from_numpy((SHAPE - SHAPE.mean(axis=0)).ravel()).float()
    save_file(module.state_dict(), folder / "model.safetensors")
    table = {"type": "face_finder", "widths": [4, 4], "blocks": [1, 1]}
    (folder / "config.json").write_text(json.dumps({"name": "bright", "network": table}))
    return folder


@pytest.fixture(scope="module")
def file(bundle, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "detector.onnx"
    export_finder(bundle, path)
    return path


def bright(height, width, x, y, side):
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[y : y + side, x : x + side] = 255
    return pixels


@pytest.mark.parametrize("shape", [(40, 40), (33, 39), (36, 33)])
def test_what_was_exported_finds_what_the_network_knows(file, shape):
    (found,) = load_detector(file)(bright(*shape, 16, 8, 16))
    assert found.landmarks.mean(axis=0) == pytest.approx((24, 16), abs=6)
    x, y, width, height = found.box
    assert x < found.landmarks[:, 0].min() and found.landmarks[:, 0].max() < x + width
    assert y < found.landmarks[:, 1].min() and found.landmarks[:, 1].max() < y + height
    assert 0.65 <= found.score <= 1


def test_nothing_is_found_where_nothing_is(file):
    assert load_detector(file)(np.zeros((90, 90, 3), np.uint8)) == []


@pytest.mark.parametrize("size", [(1, 1), (16, 3000), (3000, 16)])
def test_pictures_of_any_size_are_taken(size, file):
    assert load_detector(file)(np.zeros((*size, 3), np.uint8)) == []


def test_the_file_says_what_it_is_and_is_half_as_large(bundle, file):
    import onnx

    model = onnx.load(str(file))
    onnx.checker.check_model(model)
    assert {each.key: each.value for each in model.metadata_props} == {"name": "bright"}
    kinds = {weight.data_type for weight in model.graph.initializer if weight.dims}
    assert kinds == {onnx.TensorProto.FLOAT16}


def test_another_network_is_refused(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"network": {"type": "face_mt_unet"}}))
    with pytest.raises(RestorekitError, match="is not the bundle of a face finder"):
        export_finder(tmp_path, tmp_path / "a.onnx")
    assert not (tmp_path / "a.onnx").exists()


@pytest.mark.parametrize("content", [b"", b"not onnx"])
def test_bytes_that_are_no_model_are_refused(content):
    with pytest.raises(ValueError, match="not an ONNX model"):
        Finder(content)
