"""CelebA's crop and source, by the contract."""

import numpy as np
import pytest

from restorekit import DataError, write_image
from restorekit.testing import check_component, check_source
from restorekit_faces.celeba import CelebACrop
from restorekit_faces.celeba_source import CelebA


@pytest.fixture
def celeba(tmp_path):
    for number in range(6):
        pixels = np.full((218, 178, 3), number, np.uint8)
        write_image(tmp_path / "img_align_celeba" / f"{number}.png", pixels)
    rows = [f"{number}.png {number % 3}" for number in range(6)]
    (tmp_path / "list_eval_partition.txt").write_text("\n".join(rows))
    return tmp_path


@pytest.mark.parametrize(
    ("partition", "names"), [("train", ["0.png", "3.png"]), ("test", ["2.png", "5.png"])]
)
def test_a_partition_is_what_the_list_says(celeba, partition, names):
    source = CelebA(celeba, partition)
    assert [source[i].id for i in range(len(source))] == names
    check_source(source)


def test_a_list_of_names_goes_before_the_partition(celeba, tmp_path):
    (tmp_path / "names.txt").write_text("4.png\n1.png\n")
    source = CelebA(celeba, listing=tmp_path / "names.txt")
    assert [source[i].sharp.max() for i in range(len(source))] == [1, 4]


def test_a_folder_in_the_same_alignment_is_taken_whole(celeba):
    assert len(CelebA(celeba / "img_align_celeba")) == 6


def test_the_crop_states_where_the_eyes_are_and_takes_nothing_else():
    crop = CelebACrop()
    check_component(crop, type(crop).__mro__[1])
    assert (crop.side, dict(crop.geometry)) == (128, {"left_eye": [45, 45], "right_eye": [82, 45]})
    assert crop.place(np.random.default_rng(0), 218, 178, 128, 13) == (68 - 13, 25 - 13)
    with pytest.raises(DataError, match="178 x 218 of CelebA's alignment"):
        crop.place(np.random.default_rng(0), 178, 178, 128, 13)
