"""Data: batch k is a pure function of seed and k, degraded and sharp align, and faults are one line each."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from left_over import left_over
from torch.nn.functional import conv2d

from restorekit import Degradation, Item, RestorekitError, Source
from restorekit.data.augment import Augment
from restorekit.data.crop import Box, Center, Random, crop_box
from restorekit.data.degrade import degrade
from restorekit.data.image_task import ImageTask
from restorekit.data.loader import batches
from restorekit.data.samples import DRAW, VALIDATION, Samples
from restorekit.data.sources.folder import Folder
from restorekit.data.sources.samples import SampleImages
from restorekit.errors import DataError
from restorekit.images import write_rgb
from restorekit.recipe import Step
from restorekit_albumentations import transforms
from restorekit_degradations.noise import GaussianNoise
from restorekit_faces.celeba import CelebACrop
from restorekit_faces.celeba_source import CelebA
from restorekit_gradient_task.gradient import GradientTask

CPU = torch.device("cpu")
FLIP = transforms.HorizontalFlip(p=0.5)


@dataclass(frozen=True)
class Coordinates(Source):
    """Pictures whose red is x, green is y and blue the picture's number; or pairs, the degraded being inverted."""

    count: int = 5
    height: int = 218
    width: int = 178
    pairs: bool = False

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        y, x = np.mgrid[: self.height, : self.width]
        sharp = np.stack([x, y, np.full_like(x, index)], axis=-1).astype(np.uint8)
        return Item(sharp, str(index), 255 - sharp if self.pairs else None, {"number": index})


@dataclass(frozen=True)
class Blur(Degradation):
    """A random kernel of ``side`` pixels, or one that leaves the image as it is."""

    side: int = 5
    delta: bool = False

    @property
    def margin(self):
        return self.side // 2

    def sample(self, rng, height, width):
        kernel = rng.random((self.side, self.side), dtype=np.float32)
        if self.delta:
            kernel[:] = np.arange(self.side**2).reshape(kernel.shape) == self.side**2 // 2
        return {"kernel": kernel / kernel.sum()}

    def apply(self, images, kernel):
        return conv2d(images.transpose(0, 1), kernel[:, None], groups=len(kernel)).transpose(0, 1)


def samples(*steps, **changes):
    given = {
        "source": Coordinates(),
        "seed": 7,
        "stream": DRAW,
        "size": 16,
        "crop": Random(),
        "degradations": steps,
        "tasks": {"image": ImageTask(), "gradient": GradientTask()},
    }
    return Samples(**given | changes)


def drawn(of, first=0, count=1, batch=4, workers=0, **share):
    return list(batches(of, first=first, count=count, batch=batch, workers=workers, **share))


def same(one, two):
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    return torch.equal(one, two) if isinstance(one, torch.Tensor) else one == two


def identical(one, two):
    pairs = zip(one, two, strict=True)
    return all(same(dataclasses.asdict(a), dataclasses.asdict(b)) for a, b in pairs)


@pytest.mark.filterwarnings("ignore:This DataLoader will create 4")  # more than this machine may have cores
def test_a_batch_is_the_same_whatever_the_workers_and_the_start():
    steps = Step(name="blur", degradation=Blur(), p=0.5), Step(name="noise", degradation=GaussianNoise())
    everything = samples(*steps, augment=[FLIP])
    torch.manual_seed(0)
    before = torch.get_rng_state()
    alone = drawn(everything, count=4, batch=3)
    for workers in (2, 4):
        assert identical(alone, drawn(everything, count=4, batch=3, workers=workers))
        assert identical(alone[2:], drawn(everything, first=6, count=2, batch=3, workers=workers))
    assert identical(alone[2:], drawn(everything, first=6, count=2, batch=3))
    assert torch.equal(before, torch.get_rng_state())
    assert not identical(alone[:1], drawn(dataclasses.replace(everything, seed=8), batch=3))
    assert not torch.equal(alone[0].params["blur"]["kernel"][0], alone[1].params["blur"]["kernel"][0])


def test_every_epoch_is_a_permutation_and_validation_is_in_order():
    epochs = [drawn(samples(), first=first, batch=5)[0].ids for first in range(0, 40, 5)]
    assert all(sorted(ids) == list("01234") for ids in epochs)
    assert len({tuple(ids) for ids in epochs}) > 1
    assert drawn(samples(stream=VALIDATION), batch=7)[0].ids == list("0123401")


def test_the_parts_of_a_batch_that_processes_take_are_the_whole_in_a_row():
    whole = drawn(samples(), first=12, count=3, batch=6)
    parts = [drawn(samples(), first=12, count=3, batch=6, process=i, processes=3) for i in range(3)]
    for number, batch in enumerate(whole):
        assert batch.ids == [name for part in parts for name in part[number].ids]
        assert torch.equal(batch.sharp, torch.cat([part[number].sharp for part in parts]))


def test_a_batch_that_processes_cannot_share_is_a_line():
    with pytest.raises(
        RestorekitError, match="^a batch of 7 cannot be shared by 2 processes; set data.batch to a m"
    ):
        drawn(samples(), batch=7, processes=2)


def test_all_tensors_of_a_batch_are_pinned_and_nothing_is_lost(monkeypatch):
    (batch,) = drawn(samples(Step(name="blur", degradation=Blur(), p=0.5), source=Coordinates(pairs=True)))
    pinned = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda self: pinned.append(self.shape) or self.clone())
    assert identical([batch], [batch.pin_memory()])
    assert len(pinned) == 5  # sharp, degraded, chosen, the kernels, the gradient's axes


def test_a_batch_carries_what_the_source_gave_and_the_tasks_drew():
    (batch,) = drawn(samples())
    assert [label["number"] for label in batch.labels] == [int(name) for name in batch.ids]
    assert batch.sharp[:, 2, 0, 0].tolist() == [int(name) for name in batch.ids]
    assert batch.draws["image"] == {} and batch.draws["gradient"]["axis"].shape == (4,)
    assert batch.degraded is None and batch.sharp.shape == (4, 3, 16, 16)


@pytest.mark.parametrize(
    ("crop", "size", "left", "top"),
    [(CelebACrop(), 128, 25, 68), (Center(), 128, 25, 45), (Box((10, 20, 64, 64)), 64, 10, 20)],
)
def test_crops_lie_where_they_should_and_margins_keep_them_there(crop, size, left, top):
    steps = (
        Step(name="blur", degradation=Blur(3, delta=True), p=1.0),
        Step(name="blur.2", degradation=Blur(7, delta=True), p=1.0),
    )
    (batch,) = drawn(samples(*steps, crop=crop, size=size))
    assert batch.sharp.shape[-2:] == (size + 8, size + 8)
    made = degrade(batch, steps, CPU)
    assert torch.equal(made.degraded, made.sharp)
    red, green, _ = (made.sharp[0] * 255).round()
    assert (red[0, 0], green[0, 0]) == (left, top)
    assert (red[-1, -1], green[-1, -1]) == (left + size - 1, top + size - 1)


def test_random_crops_reach_every_border():
    rng = np.random.default_rng(0)
    boxes = [crop_box(Random(), 4, 1, 8, 7, rng, "it") for _ in range(100)]
    assert {rows.start for rows, _ in boxes} == {0, 1, 2}
    assert {columns.start for _, columns in boxes} == {0, 1}
    assert all(box.stop - box.start == 6 for pair in boxes for box in pair)


@pytest.mark.parametrize(
    ("crop", "height", "width"), [(Random(), 35, 99), (Center(), 99, 35), (Box((9, 0, 32, 32)), 99, 40)]
)
def test_an_image_too_small_for_crop_and_margin_is_named(crop, height, width):
    message = rf"^a\.png \({width} x {height}\) is too small for the 32 px crop and its margin of 3 px; use"
    with pytest.raises(DataError, match=message):
        crop_box(crop, 32, 3, height, width, np.random.default_rng(0), "a.png")


def test_the_crop_of_celeba_is_for_its_alignment_alone():
    with pytest.raises(
        DataError, match=r"^a\.png: 300 x 300 pixels, not the 178 x 218 of CelebA's alignment; "
    ):
        crop_box(CelebACrop(), 128, 0, 300, 300, np.random.default_rng(0), "a.png")


def test_the_crop_of_celeba_leaves_other_images_to_another_crop_and_keeps_its_middle_at_other_sizes():
    crop, rng = CelebACrop(others=Center()), np.random.default_rng(0)
    assert crop.side is None and crop.geometry == CelebACrop().geometry
    assert crop_box(crop, 128, 0, 300, 200, rng, "a.png") == crop_box(Center(), 128, 0, 300, 200, rng, "")
    assert crop_box(crop, 64, 5, 218, 178, rng, "a.png") == (slice(95, 169), slice(52, 126))


def test_a_stage_may_reduce_its_images_before_they_are_cut():
    (batch,) = drawn(samples(crop=Box((10, 20, 32, 32)), size=32, reduce=2.0))
    red, green, _ = batch.sharp[0].float()
    for found, start in ((red[0], 10), (green[:, 0], 20)):
        wanted = 2 * (start + torch.arange(32)) + 0.5  # the middle of two pixels each
        assert (found - wanted).abs().max() <= 1


def test_a_degradation_is_what_its_p_says():
    never, half = Step(name="never", degradation=Blur(), p=0.0), Step(name="half", degradation=Blur(3), p=0.5)
    (batch,) = drawn(samples(never, half), batch=12)
    made = degrade(batch, (never, half), CPU)
    assert made.sharp.shape == made.degraded.shape == (12, 3, 16, 16)
    assert torch.equal(made.sharp, batch.sharp[..., 3:-3, 3:-3] / 255)
    untouched = [torch.equal(one, other) for one, other in zip(made.degraded, made.sharp, strict=True)]
    assert [not mark for mark in untouched] == batch.chosen[:, 1].tolist()
    assert 0 < sum(untouched) < 12 and not batch.chosen[:, 0].any()
    assert made.params["half"]["kernel"].shape == (12, 3, 3) and made.ids == batch.ids
    assert made.undergone["half"].tolist() == [not mark for mark in untouched]
    assert made.undergone["never"].tolist() == [False] * 12


def test_degradations_apply_in_order_and_the_result_is_a_pictures():
    blur, noise = (
        Step(name="blur", degradation=Blur(), p=1.0),
        Step(name="noise", degradation=GaussianNoise((0.5, 0.5)), p=1.0),
    )
    (batch,) = drawn(samples(blur, noise))
    noisy = blur.degradation.apply(batch.sharp / 255, **batch.params["blur"]) + batch.params["noise"]["noise"]
    assert noisy.min() < 0 and noisy.max() > 1
    torch.testing.assert_close(degrade(batch, (blur, noise), CPU).degraded, noisy.clamp(0, 1))


def test_pairs_are_cropped_and_augmented_together():
    (batch,) = drawn(samples(source=Coordinates(pairs=True), augment=[FLIP]), batch=12)
    made = degrade(batch, (), CPU)
    torch.testing.assert_close(made.degraded, 1 - made.sharp)
    rising = (batch.sharp[:, 0, 0, 1].int() - batch.sharp[:, 0, 0, 0].int()).tolist()
    assert set(rising) == {1, -1}


def test_values_that_albumentations_refuses_are_an_error():
    with pytest.raises(RestorekitError, match=r"^\[\[augment\]\] GaussianBlur: ") as caught:
        Augment([FLIP, transforms.GaussianBlur(blur_limit=(9, 3), p=-1.0)])
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("resized", [transforms.Resize(height=8, width=8), transforms.ToFloat(p=1.0)])
def test_an_augmentation_must_leave_a_picture_of_the_same_size(resized):
    with pytest.raises(RestorekitError, match=r"^\[\[augment\]\] \w+ turns \(16, 16, 3\) uint8 into "):
        drawn(samples(augment=[resized]))


@pytest.fixture
def celeba(tmp_path):
    """CelebA's layout with five files; the list is of the true form."""
    (tmp_path / "img_align_celeba").mkdir()
    names = [f"{i:06}.jpg" for i in range(1, 6)]
    for i, name in enumerate(names):
        write_rgb(tmp_path / "img_align_celeba" / name, np.full((218, 178, 3), 50 * i, np.uint8))
    rows = [f"{name} {part}\n" for name, part in zip(names, "00012", strict=True)]
    (tmp_path / "list_eval_partition.txt").write_text("".join(rows))
    return tmp_path


def test_celeba_is_read_as_its_list_assigns_it(celeba):
    assert [len(CelebA(celeba, partition)) for partition in ("train", "val", "test")] == [3, 1, 1]
    item = CelebA(celeba, "val")[0]
    assert (item.id, item.sharp.shape, item.sharp[0, 0].tolist()) == ("000004.jpg", (218, 178, 3), [150] * 3)
    (batch,) = drawn(samples(source=CelebA(celeba), crop=CelebACrop(), size=128), batch=3)
    assert sorted(batch.ids) == ["000001.jpg", "000002.jpg", "000003.jpg"]


def test_the_photographs_are_there():
    assert len(SampleImages()) == 4
    item = SampleImages(("chelsea",))[0]
    assert item.id == "chelsea" and item.sharp.dtype == np.uint8 and item.sharp.shape[2] == 3


@pytest.mark.parametrize(
    ("break_it", "source", "message"),
    [
        (lambda at: None, lambda at: Folder(at / "nowhere"), "no folder .*nowhere; give the folder of the images"),
        (lambda at: (at / "empty").mkdir(), lambda at: Folder(at / "empty"), "no pictures in .*empty; put .*.png"),
        (lambda at: (at / "list_eval_partition.txt").unlink(), CelebA, "no readable .*list_eval_partition.txt"),
        (lambda at: (at / "list_eval_partition.txt").write_text("1.jpg 2\n"), CelebA, "lists no 'train' image"),
        (lambda at: (at / "list_eval_partition.txt").write_bytes(b"\xff\xfe"), CelebA, "list_eval_partition.txt"),
        (lambda at: write_rgb(at / "img_align_celeba/000002.jpg", np.zeros((9, 9, 3), np.uint8)), CelebA,
         r"000002.jpg \(9 x 9\) is too small for the 16 px crop and its margin of 0 px; use larger images"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("workers", [0, 2])
def test_a_fault_of_the_data_is_one_line_with_any_workers(break_it, source, message, workers, celeba):
    break_it(celeba)
    with pytest.raises(RestorekitError, match=message) as caught:
        drawn(samples(source=source(celeba)), count=2, batch=3, workers=workers)
    assert len(str(caught.value).splitlines()) == 1 and caught.value.hint
    assert not left_over()
