"""ONNX files that the tests share; exporting takes seconds."""

import pytest

from restorekit.export import export_onnx


@pytest.fixture(scope="session")
def shipped(tmp_path_factory):
    """The shipped model as an ONNX file."""
    file = tmp_path_factory.mktemp("onnx") / "shipped.onnx"
    export_onnx(None, file)
    return file
