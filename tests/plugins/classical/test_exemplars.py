"""Exemplars: which show faces, and where they lie in a picture."""

import numpy as np
import pytest

from restorekit import RestorekitError, write_image
from restorekit_classical.exemplars import drawn_face, read_faces, shows_face
from restorekit_classical.matching import Place, best_place, contours
from restorekit_classical.pan2014 import Pan2014


def grey_face():
    from skimage.data import astronaut

    return astronaut()[20:200, 135:315].astype(np.float64).mean(axis=-1) / 255


def write(path, grey):
    write_image(path, np.repeat(np.round(255 * np.clip(grey, 0, 1)).astype(np.uint8)[..., None], 3, axis=-1))


def test_a_face_is_told_from_what_is_none():
    from skimage.data import brick, coins

    assert shows_face(grey_face())
    assert not shows_face(coins()[:180, :180] / 255)
    assert not shows_face(brick()[:180, :180] / 255)
    assert not shows_face(np.full((20, 20), 0.5))


def test_only_faces_of_a_folder_are_taken(tmp_path):
    write(tmp_path / "a.png", grey_face())
    write(tmp_path / "b.png", np.tile(np.linspace(0, 1, 150), (140, 1)))
    (tmp_path / "notes.txt").write_text("no picture")
    faces = read_faces(tmp_path, 10)
    assert len(faces) == 1
    np.testing.assert_allclose(faces[0], grey_face(), atol=0.005)


@pytest.mark.parametrize("with_picture", [False, True])
def test_a_folder_without_faces_is_refused_in_a_line(with_picture, tmp_path):
    if with_picture:
        write(tmp_path / "b.png", np.tile(np.linspace(0, 1, 150), (140, 1)))
    with pytest.raises(RestorekitError, match=f"holds no faces, of {int(with_picture)} pictures"):
        Pan2014(exemplars=tmp_path).deblur(np.random.default_rng(0).random((64, 64)))


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(RestorekitError, match="cannot be read"):
        read_faces(tmp_path / "none", 10)


@pytest.mark.parametrize("rows, columns", [(0, 0), (9, -14)])
def test_the_exemplar_is_found_where_it_lies(rows, columns):
    face = grey_face()
    wide = np.pad(face, 30, mode="edge")
    shifted = wide[30 - rows : 210 - rows, 30 - columns : 210 - columns]
    other = np.random.default_rng(0).random((120, 120))
    found, place = best_place(shifted, [other, face], (0.8, 1.0, 1.25), (-15.0, 0.0, 15.0))
    assert found is face
    assert (place.scale, place.angle) == (1.0, 0.0)
    assert place.rows * 180 == pytest.approx(rows, abs=3)
    assert place.columns * 180 == pytest.approx(columns, abs=3)


def test_contours_are_few_and_within_the_oval():
    field = contours(drawn_face(), Place(1.0, 0.0), (128, 100))
    length = np.hypot(*field)
    assert 0 < (length > 0).mean() <= 0.11
    assert not length[:, :5].any()


def test_a_drawn_face_has_two_dark_eyes():
    face = drawn_face()
    assert face.shape == (128, 128)
    assert face[45, 45] < face[57, 45] and face[45, 82] < face[57, 82]
    assert face.min() >= 0 and face.max() <= 1
