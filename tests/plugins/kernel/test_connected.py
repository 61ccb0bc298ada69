import numpy as np
import onnxruntime
import torch
from torch.export import Dim

from restorekit_kernel.connected_module import CELLS, FullyConnected


def features(height, width):
    return torch.randn(2, 3, height, width, generator=torch.Generator().manual_seed(height))


def test_it_sees_the_means_of_cells_and_not_the_contrast():
    layer = FullyConnected(3, 5)
    blurred, sharp = features(32, 48), features(48, 32).mT
    parts = [part.unflatten(2, (CELLS, -1)).unflatten(4, (CELLS, -1)) for part in (blurred.abs(), sharp)]
    means = torch.cat([part.mean(dim=(3, 5)) for part in parts], dim=1).flatten(1)
    normal = (means - means.mean(dim=1, keepdim=True)) / means.std(dim=1, keepdim=True, correction=0)
    expected = layer.layer(normal).view(2, 1, 5, 5)
    assert torch.allclose(layer(blurred, sharp, 5), expected, atol=1e-3)
    assert torch.allclose(layer(4 * blurred, 4 * sharp, 5), expected, atol=1e-3)


def test_a_graph_of_it_takes_any_size():
    layer = FullyConnected(3, 5).eval()
    shapes = {0: Dim("pictures"), 2: 8 * Dim("rows"), 3: 8 * Dim("columns")}
    program = torch.onnx.export(
        layer,
        (features(32, 40), features(32, 40), 5),
        dynamo=True,
        dynamic_shapes=(shapes, shapes, None),
        input_names=["blurred", "sharp"],
        verbose=False,
    )
    session = onnxruntime.InferenceSession(program.model_proto.SerializeToString())
    blurred, sharp = features(72, 56), features(56, 72).mT
    (found,) = session.run(None, {"blurred": blurred.numpy(), "sharp": sharp.numpy()})
    assert np.abs(found - layer(blurred, sharp, 5).detach().numpy()).max() < 1e-4
