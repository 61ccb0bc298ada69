"""``restorekit faces``: a training folder from photos."""

import os
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from restorekit import load_recipe
from restorekit.cli import main
from restorekit.data.preview import preview_sheet
from restorekit.images import read_rgb, write_rgb
from restorekit_faces import yunet
from restorekit_faces.detect import Face

EYES = np.array([(202.8, 103.1), (245.9, 103.2), (223.5, 125.4), (204.6, 143.8), (241.7, 143.6)])
PHOTO = skimage.data.astronaut()
LOAD = yunet.load_detector


def stand_in(pixels):
    """Find the astronaut in her photo, at its size or doubled; nobody elsewhere."""
    height = len(pixels)
    points = EYES * height / 512
    face = Face((points[0, 0], points[0, 1], height / 6, height / 6), points, 0.9)
    return [face] if pixels[height // 2].any() else []


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A folder of photos, and the stand-in for the detector."""
    monkeypatch.setattr(yunet, "load_detector", lambda path: stand_in)
    write_rgb(tmp_path / "photos/anna.png", PHOTO)
    write_rgb(tmp_path / "photos/a folder/ben.png", cv2.resize(PHOTO, (1024, 1024)))
    return tmp_path / "photos"


@pytest.fixture
def faces(monkeypatch, capsys, tmp_path):
    """Run the command; gives (status, lines of stdout, stderr)."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["restorekit", "faces", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out.splitlines(), err

    return run


def test_every_face_is_a_file_of_celebas_alignment(photos, faces, tmp_path):
    status, lines, err = faces(photos, "-o", tmp_path / "out")
    assert status == 0
    files = [tmp_path / "out/a folder/ben.png.1.png", tmp_path / "out/anna.png.1.png"]
    names = [photos / "a folder/ben.png", photos / "anna.png"]
    assert lines == [f"{photo} -> {face}" for photo, face in zip(names, files, strict=True)]
    assert [read_rgb(file).shape for file in files] == [(218, 178, 3)] * 2
    assert "2 faces from 2 of 2 photos" in err


def test_large_and_small_photos_give_the_same_face(photos, faces, tmp_path):
    faces(photos, "-o", tmp_path / "out")
    one, other = (read_rgb(tmp_path / "out" / name) for name in ("anna.png.1.png", "a folder/ben.png.1.png"))
    inner = np.s_[68:196, 25:153]
    assert np.abs(one[inner].astype(int) - other[inner]).mean() < 12


@pytest.mark.parametrize("crop", ["celeba", "center"])
def test_recipes_train_on_the_folder(crop, photos, faces, tmp_path):
    faces(photos, "-o", tmp_path / "out")
    (tmp_path / "r.toml").write_text(f"""
schema = 1
name = "mine"
data = {{ train = {{ type = "folder", path = "out" }}, crop = "{crop}", batch = 2, workers = 0 }}
degradation = [{{ type = "trajectory_blur", kernels = 8 }}]
network = {{ type = "face_multitask_unet" }}
task = [{{ type = "image" }}]
loss = [{{ type = "l1" }}]
stage = [{{ steps = 1, losses = ["l1"] }}]
""")
    recipe = load_recipe(tmp_path / "r.toml")
    assert preview_sheet(recipe, recipe.stages[0], 2).ndim == 3


def test_blurred_small_and_cut_faces_are_left_out_and_said(photos, faces, tmp_path):
    write_rgb(photos / "blurred.png", cv2.GaussianBlur(PHOTO, (0, 0), 5))
    write_rgb(photos / "small.png", cv2.resize(PHOTO, (256, 256)))
    write_rgb(photos / "empty.png", np.zeros((64, 64, 3), np.uint8))
    status, lines, err = faces(photos, "-o", tmp_path / "out")
    assert (status, len(lines)) == (0, 2)
    assert "blurred.png: face 1 left out: blurred, by " in err
    assert "small.png: face 1 left out: too small, its eyes are " in err
    assert "empty.png: no face found" in err


def test_a_face_over_the_border_is_left_out(photos, faces, tmp_path, monkeypatch):
    there = Face((0, 0, 80, 80), EYES - (200, 0), 0.9)
    monkeypatch.setattr(yunet, "load_detector", lambda path: lambda pixels: [there])
    write_rgb(photos / "anna.png", np.ascontiguousarray(PHOTO[:, 200:]))
    _, _, err = faces(photos, "-o", tmp_path / "out")
    assert "anna.png: face 1 left out: too near the border" in err


def test_a_bad_photo_does_not_stop_the_others(photos, faces, tmp_path):
    (photos / "bad.jpg").write_bytes(b"")
    status, lines, err = faces(photos, "-o", tmp_path / "out")
    assert (status, len(lines)) == (1, 2)
    assert "bad.jpg: is empty" in err


def test_faces_that_exist_stay(photos, faces, tmp_path):
    faces(photos, "-o", tmp_path / "out")
    before = (tmp_path / "out/anna.png.1.png").stat().st_mtime_ns
    status, _, err = faces(photos, "-o", tmp_path / "out")
    assert status == 2
    assert "anna.png.1.png: already exists" in err
    assert (tmp_path / "out/anna.png.1.png").stat().st_mtime_ns == before
    assert faces(photos, "-o", tmp_path / "out", "--overwrite")[0] == 0


def test_faces_do_not_go_among_the_photos(photos, faces):
    status, _, err = faces(photos, "-o", photos / "faces")
    assert (status, "lies in" in err) == (2, True)
    assert not (photos / "faces").exists()


def test_no_face_to_train_on_is_an_error(photos, faces, tmp_path):
    for file in photos.rglob("*.png"):
        write_rgb(file, np.zeros((64, 64, 3), np.uint8))
    status, lines, err = faces(photos, "-o", tmp_path / "out")
    assert (status, lines) == (2, [])
    assert "no face in" in err
    assert not (tmp_path / "out").exists()


def test_a_detector_that_cannot_be_read_is_a_line_and_nothing_is_written(
    photos, faces, tmp_path, monkeypatch
):
    monkeypatch.setattr(yunet, "load_detector", LOAD)
    status, _, err = faces(photos, "-o", tmp_path / "out", "--detector", tmp_path / "no.onnx")
    assert status == 2 and err.startswith("error: ") and "no.onnx: cannot be read" in err
    assert err.count("\n") == 1 and not (tmp_path / "out").exists()


def test_it_is_said_if_the_small_detector_looks(photos, faces, tmp_path, monkeypatch):
    monkeypatch.setattr(yunet, "by_whom", lambda path, detector: " by another")
    assert faces(photos, "-o", tmp_path / "out")[2].startswith("note: faces are found by another\n")


@pytest.mark.shared
def test_yunet_cuts_out_the_astronaut(faces, tmp_path):
    write_rgb(tmp_path / "photos/anna.png", PHOTO)
    file = Path(os.environ["RESTOREKIT_SHARED"]) / "weights/face_detection_yunet_2023mar_int8bq.onnx"
    status, lines, _ = faces(tmp_path / "photos", "-o", tmp_path / "out", "--detector", file)
    assert (status, len(lines)) == (0, 1)
