import numpy as np
import pytest

from restorekit import DataError, Item, Source, registry, write_image
from restorekit.testing import check_source
from restorekit_faces.celeba import CELEBA_SIZE
from restorekit_faces.finder.compose import lay, mask, similarity
from restorekit_faces.finder.scenes import Scenes

LISTED = np.array([(70, 113), (107, 113), (88, 135), (72, 152), (105, 152)])


class Faces(Source):
    """A magenta dot at each of the listed points, of its own strength; the rest is black."""

    def __len__(self):
        return 3

    def __getitem__(self, index):
        pixels = np.zeros((*CELEBA_SIZE, 3), np.uint8)
        for number, (x, y) in enumerate(LISTED):
            pixels[y - 4 : y + 5, x - 4 : x + 5] = (255, 0, 155 + 20 * number)
        return Item(pixels, id=f"{index}.jpg")


class Green(Source):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return Item(np.full((240, 320, 3), (0, 120 + 60 * index, 0), np.uint8), id=str(index))


@pytest.fixture
def landmarks(tmp_path):
    file = tmp_path / "list_landmarks_align_celeba.txt"
    rows = [f"{i}.jpg  {'  '.join(str(v) for v in LISTED.ravel())}" for i in range(3)]
    file.write_text("\n".join(["3", "lefteye_x lefteye_y ...", *rows]))
    return file


def test_keeps_the_contract(landmarks, tmp_path):
    folders = []
    for source in (Faces(), Green()):
        folders.append(registry("source").get("folder")(tmp_path / type(source).__name__))
        folders[-1].path.mkdir()
        for index in range(2):
            write_image(folders[-1].path / f"{index}.png", source[index].sharp)
    check_source(Scenes(*folders, landmarks, side=128, scenes=5))


def test_the_labels_say_where_the_points_are(landmarks):
    scenes = Scenes(Faces(), Green(), landmarks, side=160, scenes=40, eyes=(20.0, 30.0), most=2)
    seen = 0
    for index in range(len(scenes)):
        item = scenes[index]
        pixels = item.sharp.astype(int)
        if np.ptp(pixels, axis=2).max() == 0:
            continue  # grey
        for face in item.labels["faces"] + (160 - 1) / 2:
            x, y = face.round().astype(int).T
            if min(face.min(), 159 - face.max()) < 2:
                continue
            red, green, blue = pixels[y, x].T
            seen += 1
            assert ((red > green + 30) & (blue > green)).sum() >= 3  # something may lie before the others
    assert seen > 15


def test_the_left_eye_is_the_left_one_of_an_upright_face(landmarks):
    scenes = Scenes(Faces(), Green(), landmarks, side=160, scenes=60)
    faces = np.concatenate([scenes[index].labels["faces"] for index in range(60)])
    down = faces[:, 3:].mean(axis=1) - faces[:, :2].mean(axis=1)
    across = faces[:, 1] - faces[:, 0]
    assert (across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0] > 0).all()
    upright = np.abs(np.degrees(np.arctan2(*across.T[::-1]))) < 30
    assert 0.5 < upright.mean() < 0.9


def test_eyes_are_as_far_apart_as_asked(landmarks):
    scenes = Scenes(Faces(), Green(), landmarks, side=200, scenes=40, eyes=(7.0, 9.0))
    faces = np.concatenate([scenes[index].labels["faces"] for index in range(40)])
    apart = np.hypot(*(faces[:, 1] - faces[:, 0]).T)
    assert len(faces) > 40 and apart.min() > 6 and apart.max() < 10.5


def test_a_face_that_is_not_listed_has_the_mean_points(landmarks):
    landmarks.write_text(landmarks.read_text().replace(".jpg", ".png"))
    keys = {"side": 128, "scenes": 9}
    for index in range(9):
        unlisted = Scenes(Faces(), Green(), landmarks, **keys)[index].labels["faces"]
        assert np.array_equal(unlisted, Scenes(Faces(), Green(), **keys)[index].labels["faces"])


def test_faces_of_another_alignment_are_refused():
    with pytest.raises(DataError, match="178 x 218"):
        [Scenes(Green(), Green(), side=128, scenes=9)[i] for i in range(9)]


def test_a_list_of_another_form_is_a_line(tmp_path):
    file = tmp_path / "points.txt"
    file.write_text("1\nheader\n0.jpg 1 2 3")
    with pytest.raises(DataError, match="list_landmarks_align_celeba"):
        [Scenes(Faces(), Green(), file, side=128, scenes=9)[i] for i in range(9)]


@pytest.mark.parametrize("keys", [{"side": 8}, {"scenes": 0}, {"eyes": (1.0, 5.0)}, {"eyes": (9.0, 5.0)}])
def test_a_key_out_of_range_is_refused(keys):
    with pytest.raises(ValueError, match="must be"):
        Scenes(Faces(), Green(), **keys)


def test_what_is_laid_over_a_scene_lies_where_the_matrix_says():
    scene, dot = np.zeros((50, 60, 3), np.uint8), np.zeros((21, 21, 3), np.uint8)
    dot[9:12, 9:12] = 200
    lay(scene, dot, np.ones((21, 21), np.float32), similarity(1, np.pi / 2, 1, [10, 10], [40, 20]))
    assert tuple(np.argwhere(scene[..., 0] > 150).mean(axis=0)) == (20, 40)
    before = scene.copy()
    lay(scene, dot, np.ones((21, 21), np.float32), similarity(1, 0, 1, [10, 10], [400, 20]))
    assert np.array_equal(scene, before)


def test_a_mask_is_whole_in_the_middle_and_nothing_beyond_its_reach():
    for seed in range(8):
        drawn = mask(np.random.default_rng(seed), (80, 60), np.array([30, 40]), (20, 30))
        assert drawn[40, 30] == 1
        assert not drawn[:, :9].any() and not drawn[:9].any()
