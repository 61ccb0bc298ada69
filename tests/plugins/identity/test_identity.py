"""Whether restored faces are found and recognised, with detectors that see what the tests put there."""

import math
import os
from pathlib import Path

import numpy as np
import pytest

import restorekit
from restorekit import RestorekitError
from restorekit.images import write_rgb
from restorekit.testing import check_metric, check_source
from restorekit_identity import faces, metrics, recognition
from restorekit_identity.metrics import FaceDetection, IdentityDistance
from restorekit_identity.people import People, people_of
from restorekit_identity.recognition import Recognition


def portrait(direction, seen=True):
    """A picture whose first pixel says whether a face is found, and whose second in which direction it points."""
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[0, 0], picture[0, 1] = (255 if seen else 0), direction
    return picture


def detect(picture):
    return np.zeros(15) if picture[0, 0, 0] else None


def describe(picture, face):
    angle = math.radians(float(picture[0, 1, 0]))
    return np.array([math.cos(angle), math.sin(angle)])


@pytest.fixture
def seeing(monkeypatch):
    """Put the tests' own eyes in the place of YuNet and SFace."""
    recognition._gallery.cache_clear()
    for module in (metrics, recognition):
        monkeypatch.setattr(module, "load_detector", lambda path, threshold: detect)
        monkeypatch.setattr(module, "load_recogniser", lambda path: describe)


@pytest.fixture
def crowd(tmp_path):
    """Three people at 0, 40 and 80 degrees, each with a probe and two pictures more."""
    for person, direction in {"ada": 0, "bob": 40, "cyd": 80}.items():
        for number, away in enumerate((5, 10, 15)):
            write_rgb(tmp_path / "crowd" / person / f"{number}.png", portrait(direction + away))
    return tmp_path / "crowd"


def test_the_first_pictures_are_looked_for_and_the_others_are_the_gallery(crowd):
    source = People(crowd)
    assert [(item.id, item.labels["person"]) for item in (source[n] for n in range(len(source)))] == [
        ("ada/0.png", "ada"), ("bob/0.png", "bob"), ("cyd/0.png", "cyd")]  # fmt: skip
    assert len(People(crowd, first=0)) == 9
    check_source(source)


def test_who_is_who_may_stand_in_a_file(crowd, tmp_path):
    who = tmp_path / "identities.txt"
    who.write_text("ada/0.png 7\nada/1.png 9\ngone.png 9\nbob/0.png 7\n")
    (tmp_path / "some.txt").write_text("ada/0.png\nada/1.png\n")
    assert people_of(crowd, who) == {"7": ["ada/0.png", "bob/0.png"], "9": ["ada/1.png"]}
    assert people_of(crowd, who, tmp_path / "some.txt") == {"7": ["ada/0.png"], "9": ["ada/1.png"]}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: people_of(folder / "gone"), "no folder"),
        (lambda folder: people_of(folder / "ada"), "no person in"),
        (lambda folder: people_of(folder, folder / "gone.txt"), "cannot be read"),
        (lambda folder: people_of(folder, folder / "wrong.txt"), "wrong.txt:2: not a file and a person"),
    ],
)
def test_what_tells_nobody_is_a_line(crowd, make, message):
    (crowd / "wrong.txt").write_text("a.png 3\nb.png\n")
    with pytest.raises(RestorekitError, match=message) as caught:
        make(crowd)
    assert caught.value.hint and "\n" not in str(caught.value)


def test_detection_is_a_share_of_the_pictures(seeing):
    measure = FaceDetection().build()
    assert measure(portrait(0)) == 100 and measure(portrait(0, seen=False)) == 0


def test_the_distance_is_by_the_truths_landmarks(seeing):
    measure = IdentityDistance().build()
    assert measure(portrait(90), portrait(0)) == pytest.approx(math.sqrt(2))
    assert measure(portrait(60, seen=False), portrait(0)) == pytest.approx(1), "found in the truth alone"
    assert math.isnan(measure(portrait(0), portrait(0, seen=False)))


def test_the_right_person_is_among_the_nearest(seeing, crowd):
    one, two = (Recognition(crowd, top=top).build() for top in (1, 2))
    assert one(portrait(5), person="ada") == 100
    assert one(portrait(35), person="ada") == 0 and two(portrait(35), person="ada") == 100
    assert two(portrait(80), person="ada") == 0
    assert two(portrait(5, seen=False), person="ada") == 0, "what is not found is a miss"


def test_the_truth_is_not_in_the_gallery(seeing, crowd):
    write_rgb(crowd / "ada" / "0.png", portrait(60))
    assert Recognition(crowd).build()(portrait(60), person="ada") == 0
    recognition._gallery.cache_clear()
    assert Recognition(crowd, skip=0).build()(portrait(60), person="ada") == 100


def test_someone_who_is_not_in_the_gallery_is_a_line(seeing, crowd):
    with pytest.raises(
        RestorekitError, match="no person called 'dan' in the gallery .*crowd; give a gallery"
    ):
        Recognition(crowd).build()(portrait(0), person="dan")


def test_a_gallery_without_faces_is_a_line(seeing, tmp_path):
    for number in range(2):
        write_rgb(tmp_path / "ada" / f"{number}.png", portrait(0, seen=False))
    with pytest.raises(RestorekitError, match="no face is found in the gallery"):
        Recognition(tmp_path).build()


def test_someone_whose_gallery_shows_no_face_is_a_miss(seeing, crowd):
    for number in (1, 2):
        write_rgb(crowd / "ada" / f"{number}.png", portrait(0, seen=False))
    assert Recognition(crowd, top=3).build()(portrait(0), person="ada") == 0


def test_a_recipe_measures_all_of_it(seeing, crowd, tmp_path):
    (tmp_path / "people.toml").write_text(
        'schema = 1\nname = "people"\nsource = { type = "people", path = "crowd" }\n'
        '[[metric]]\ntype = "face_detection"\n[[metric]]\ntype = "identity_distance"\n'
        '[[metric]]\nname = "top1"\ntype = "recognition"\ngallery = "crowd"\n'
    )
    rows = restorekit.evaluate(tmp_path / "people.toml", ["input"])
    assert [row.values for row in rows] == [
        {"face_detection": 100, "identity_distance": 0, "top1": 100}] * 3  # fmt: skip


@pytest.mark.parametrize("threshold", [0, 1, -1.0])
def test_a_threshold_that_is_none_is_refused(threshold):
    for make in (
        FaceDetection,
        IdentityDistance,
        lambda threshold: Recognition(Path("x"), threshold=threshold),
    ):
        with pytest.raises(ValueError, match="threshold must be between 0 and 1"):
            make(threshold=threshold)


def test_the_contract_is_kept(seeing, crowd):
    check_metric(FaceDetection())
    check_metric(IdentityDistance())
    check_metric(Recognition(crowd), person="ada")


def test_a_file_that_is_no_model_is_a_line(tmp_path):
    (tmp_path / "x.onnx").write_bytes(b"no model")
    for load in (lambda path: faces.load_detector(path, 0.6), faces.load_recogniser):
        with pytest.raises(RestorekitError, match="x.onnx: is not the expected model"):
            load(tmp_path / "x.onnx")
        with pytest.raises(RestorekitError, match="gone.onnx: no such file"):
            load(tmp_path / "gone.onnx")


@pytest.mark.shared
def test_sharp_faces_are_found_and_recognised():
    shared = Path(os.environ["RESTOREKIT_SHARED"])
    weights = {
        "detector": shared / "weights" / "face_detection_yunet_2023mar_int8bq.onnx",
        "recogniser": shared / "weights" / "face_recognition_sface.onnx",
    }
    source = People(shared / "data" / "lfw_identity")
    items = [source[n] for n in range(8)]
    distance = IdentityDistance(**weights).build()
    found = FaceDetection(detector=weights["detector"]).build()
    assert all(found(item.sharp) == 100 for item in items)
    one, other = items[0].sharp, items[1].sharp
    assert distance(one, one) == 0 and distance(one[:, ::-1], one) < distance(other, one)
