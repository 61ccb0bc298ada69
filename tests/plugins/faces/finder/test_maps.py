import numpy as np
import pytest

from restorekit_faces.finder.maps import CHANNELS, STRIDE, draw_maps, read_maps

FACE = np.array([(40.0, 30), (52, 33), (45, 40), (39, 44), (48, 46)])


def as_given(maps):
    """The maps as a network that is right gives them: the first channel is a logit."""
    sure = np.clip(maps[0], 1e-6, 1 - 1e-6)
    return np.concatenate([np.log(sure / (1 - sure))[None], maps[1:]])


def test_what_is_drawn_is_read_again():
    faces = np.stack([FACE, 1.5 * FACE + (60, 80)])
    maps = draw_maps(faces, np.array([True, True]), 160, 192)
    assert maps.shape == (CHANNELS, 160 // STRIDE, 192 // STRIDE)
    points, scores = read_maps(as_given(maps), 0.9)
    np.testing.assert_allclose(points[points[:, 0, 0].argsort()], faces, atol=1e-3)
    assert (scores > 0.99).all()


def test_every_cell_of_a_face_knows_its_points():
    maps = draw_maps(3 * FACE[None], np.array([True]), 160, 192)
    near = maps[0] > 0.4
    assert near.sum() > 3
    alone = as_given(maps)
    for row, column in np.argwhere(near):
        alone[0] = -9
        alone[0, row, column] = 9
        np.testing.assert_allclose(read_maps(alone, 0.5)[0][0], 3 * FACE, atol=1e-3)


def test_about_a_face_that_need_not_be_found_nothing_is_asked():
    maps = draw_maps(np.stack([FACE, FACE + (90, 0)]), np.array([False, True]), 96, 192)
    middle = (FACE.mean(axis=0) // STRIDE).astype(int)
    assert maps[0, middle[1], middle[0]] == -1
    assert maps[0].max() == 1
    assert (maps[0] == 0).sum() > maps[0].size / 2


def test_a_face_whose_middle_lies_outside_has_no_peak():
    maps = draw_maps(FACE[None] - (60, 0), np.array([True]), 96, 96)
    assert maps[0].max() < 0.9
    assert not len(read_maps(as_given(maps), 0.9)[0])


def test_no_face_gives_no_face():
    maps = draw_maps(np.zeros((0, 5, 2)), np.zeros(0, bool), 64, 64)
    points, scores = read_maps(as_given(maps), 0.5)
    assert points.shape == (0, 5, 2) and scores.shape == (0,)


@pytest.mark.parametrize("size", [-40.0, 40.0])
def test_a_size_that_cannot_be_is_bounded(size):
    maps = np.zeros((CHANNELS, 4, 4), np.float32)
    maps[0, 1, 1], maps[1], maps[2] = 5, size, 1
    assert np.abs(read_maps(maps, 0.9)[0]).max() < 300
