"""The task, the loss and the network, and that the recipe learns."""

import numpy as np
import pytest
import torch

from restorekit import Batch, RestorekitError
from restorekit.data.image_task import ImageTask
from restorekit.testing import check_loss, check_network, check_task
from restorekit_faces.finder.loss import FaceMapsLoss
from restorekit_faces.finder.maps import draw_maps
from restorekit_faces.finder.network import FaceFinder
from restorekit_faces.finder.task import FaceMaps

FACE = np.array([(-6.0, -4), (6, -4), (0, 3), (-5, 8), (5, 8)], np.float32)


def batch(faces, kernel=None, halvings=0):
    images = torch.rand(len(faces), 3, 64, 80)
    labels = [{"faces": np.array(each, np.float32).reshape(-1, 5, 2)} for each in faces]
    return Batch(images, images, labels=labels, kernel=kernel, halvings=halvings)


def bar(length):
    """A kernel of horizontal motion."""
    kernel = torch.zeros(31, 31)
    kernel[15, 15 - length // 2 : 16 + length // 2] = 1
    return kernel / kernel.sum()


def test_they_keep_the_contracts():
    check_task(FaceMaps(), batch([[FACE], []]))
    check_loss(FaceMapsLoss())
    check_network(FaceFinder(widths=(8, 8), blocks=(1, 1)), {"image": ImageTask(), "face_maps": FaceMaps()})


def test_the_target_is_drawn_about_the_middle_of_the_scene():
    target = FaceMaps().target(batch([[FACE], []]))
    wanted = draw_maps(FACE[None] + (39.5, 31.5), np.array([True]), 64, 80)
    np.testing.assert_allclose(target[0].numpy(), wanted)
    assert not target[1].any()


def test_a_face_is_to_be_found_up_to_a_blur_that_grows_with_it():
    kernels = torch.stack([bar(9), bar(19), bar(19).T])
    peaks = FaceMaps().target(batch([[FACE]] * 3, kernels))[:, 0].amax(dim=(1, 2))
    assert peaks.tolist() == [1, 0, 0]
    larger = FaceMaps(eyes=(6.0, 30.0)).target(batch([[2 * FACE]] * 2, kernels[1:]))[:, 0].amax(dim=(1, 2))
    assert larger.tolist() == [1, 1]


@pytest.mark.parametrize("factor", [0.4, 2.5])
def test_a_face_of_another_size_is_not_asked_for(factor):
    heat = FaceMaps().target(batch([[factor * FACE]]))[0, 0]
    assert heat.max() == 0 and heat.min() == -1


def test_where_faces_are_must_be_known():
    images = torch.rand(2, 3, 64, 64)
    with pytest.raises(RestorekitError, match="does not say where faces are"):
        FaceMaps().target(Batch(images, images, labels=[{}, {}]))


def test_nothing_is_lost_where_nothing_is_asked():
    target = torch.zeros(1, 12, 4, 4)
    target[:, 0] = -1
    prediction = torch.randn(1, 12, 4, 4, requires_grad=True)
    FaceMapsLoss()(prediction, target, batch([[]])).backward()
    assert not prediction.grad.any()


def test_points_count_at_cells_of_a_face_alone():
    target = torch.zeros(1, 12, 4, 4)
    target[:, 0, 1, 1] = 1
    prediction = target.clone()
    prediction[:, 0] = -9
    prediction[:, 0, 1, 1] = 9
    near, far = prediction.clone(), prediction.clone()
    near[:, 5, 1, 1] += 1
    far[:, 5, 3, 3] += 1
    right, wrong, elsewhere = (
        float(FaceMapsLoss()(each, target, batch([[]]))) for each in (prediction, near, far)
    )
    assert right == elsewhere == pytest.approx(0, abs=1e-4)
    assert wrong == pytest.approx(2 / 11, abs=1e-3)


def test_the_image_passes_unchanged():
    module = FaceFinder().build({})
    image = torch.rand(1, 3, 32, 40)
    outputs = module({"image": [image], "face_maps": [image]})
    assert outputs["image"][0] is image
    assert outputs["face_maps"][0].shape == (1, 12, 4, 5)
