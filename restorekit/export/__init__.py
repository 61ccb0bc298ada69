"""Models without torch: as a graph beside the weights of a bundle, or as an ONNX file that holds them."""

from restorekit.export.check import SIZES, Check
from restorekit.export.file import export_onnx
from restorekit.export.graph import add_graph

__all__ = ["SIZES", "Check", "add_graph", "export_onnx"]
