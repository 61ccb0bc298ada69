"""Networks as restorers, whole pictures, and where they go."""

from pathlib import Path

import numpy as np
import pytest
import torch

from restorekit.contracts import Network, Restorer, Task
from restorekit.errors import ImageError, RestorekitError
from restorekit.images import Picture
from restorekit.restore.jobs import Job, pictures_in, plan
from restorekit.restore.pictures import restore_picture, side_by_side
from restorekit.restore.restorer import NetworkRestorer


class Plain(Task):
    def encode(self, images, **draw):
        return images


class Probe(torch.nn.Module):
    """Returns its finest input plus the weight, and remembers what it was given."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor(0.5))

    def forward(self, inputs):
        assert not self.training
        self.seen = inputs
        return {"image": [level + self.weight for level in inputs["image"]]}


class ProbeNetwork(Network):
    def __init__(self, scales, size_multiple):
        self.scales = scales
        self._size_multiple = size_multiple

    @property
    def size_multiple(self):
        return self._size_multiple

    def build(self, tasks):
        return Probe()


def restorer(scales=2, size_multiple=16):
    network = ProbeNetwork(scales, size_multiple)
    return NetworkRestorer(network.build({}), network, Plain(), None, torch.device("cpu"))


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (31, 17), (128, 128), (100, 250)])
@pytest.mark.parametrize(("scales", "multiple"), [(1, 1), (2, 1), (2, 16), (3, 64)])
def test_any_size_goes_through_and_comes_back(size, scales, multiple):
    images = torch.rand(2, 3, *size)
    network = restorer(scales, multiple)
    restored = network.restore(images)
    assert restored.shape == images.shape
    assert torch.equal(restored, images + 0.5)  # and is not clamped
    levels = network.module.seen["image"]
    assert set(network.module.seen) == {"image"}
    assert len(levels) == scales
    height, width = levels[-1].shape[-2:]
    assert height % multiple == width % multiple == 0
    assert height < size[0] + max(multiple, 2 ** (scales - 1))
    assert levels[0].shape[-2:] == (height // 2 ** (scales - 1), width // 2 ** (scales - 1))


def test_widening_is_a_reflection_of_the_ends():
    network = restorer(1, 64)
    images = torch.rand(1, 3, 20, 50)
    network.restore(images)
    wide = network.module.seen["image"][0]
    once = torch.nn.functional.pad(images, (0, 14, 0, 19), mode="reflect")
    assert torch.equal(wide[..., :39, :], once)
    assert torch.equal(wide[..., 39:58, :], once[..., 1:20, :])


def test_restorer_states_geometry_and_tileability():
    assert restorer().tileable is False  # a network without a margin sees the whole image
    assert restorer().geometry is None


class Brighter(Restorer):
    """Adds 10/255 to red and takes 10/255 from blue."""

    def restore(self, images):
        return images + torch.tensor([10, 0, -10]).view(1, 3, 1, 1) / 255


def test_picture_keeps_channel_order_alpha_and_metadata():
    pixels = np.full((17, 31, 3), (100, 50, 5), np.uint8)
    pixels[0, 0] = (250, 50, 15)
    picture = Picture(pixels, alpha=pixels[..., 0], icc=b"profile", dpi=(72, 72))
    restored = restore_picture(Brighter(), picture)
    assert restored.pixels.dtype == np.uint8
    assert restored.pixels[5, 5].tolist() == [110, 50, 0]
    assert restored.pixels[0, 0].tolist() == [255, 50, 5]
    assert restored.alpha is picture.alpha
    assert (restored.icc, restored.dpi) == (b"profile", (72, 72))


class Same(Restorer):
    def restore(self, images):
        return images


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_what_no_restorer_changed_is_the_same_bits(depth, grey):
    values = np.arange(256 * 256).reshape(256, 256).astype(depth)
    pixels = np.stack([values] * 3 if grey else [values, values[::-1], values.T], axis=2)
    restored = restore_picture(Same(), Picture(pixels, grey=grey)).pixels
    assert restored.dtype == depth
    assert np.array_equal(restored, pixels)


def test_a_deep_picture_is_restored_between_the_steps_of_8_bits():
    class Finer(Restorer):
        def restore(self, images):
            return images + 100 / 65535

    restored = restore_picture(Finer(), Picture(np.full((16, 16, 3), 1000, np.uint16)))
    assert (restored.pixels == 1100).all()


def test_grey_stays_grey():
    picture = Picture(np.full((16, 16, 3), 100, np.uint8), grey=True)
    restored = restore_picture(Brighter(), picture)
    assert restored.grey
    assert (restored.pixels == 100).all()


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."),
    ],
)
def test_too_large_for_the_memory(error):
    class Failing(Restorer):
        def restore(self, images):
            raise error

    with pytest.raises(ImageError, match="big.png: 31 x 17 pixels are too many"):
        restore_picture(Failing(), Picture(np.zeros((17, 31, 3), np.uint8), name="big.png"))


def test_other_errors_pass():
    class Failing(Restorer):
        def restore(self, images):
            raise RuntimeError("a fault in the network")

    with pytest.raises(RuntimeError, match="a fault"):
        restore_picture(Failing(), Picture(np.zeros((17, 31, 3), np.uint8)))


def test_side_by_side():
    before = Picture(np.zeros((16, 20, 3), np.uint8), alpha=np.ones((16, 20), np.uint8))
    after = Picture(np.ones((16, 20, 3), np.uint8), alpha=np.ones((16, 20), np.uint8))
    both = side_by_side(before, after)
    assert both.pixels.shape == (16, 40, 3)
    assert both.pixels[:, :20].max() == 0
    assert both.pixels[:, 20:].min() == 1
    assert both.alpha.shape == (16, 40)


def test_plan_beside_the_input():
    assert plan([Path("a/b.jpg")], None, compare=True) == [
        Job(Path("a/b.jpg"), Path("a/b.deblurred.jpg"), Path("a/b.compare.png"))
    ]


def test_plan_to_a_file():
    assert plan([Path("a.jpg")], "out/c.png", compare=True) == [
        Job(Path("a.jpg"), Path("out/c.png"), Path("out/c.compare.png"))
    ]


@pytest.mark.parametrize("output", ["out", "out.v2/"])
def test_plan_to_a_folder(output):
    jobs = plan([Path("a.jpg"), Path("b.png")], output, compare=False)
    assert [job.output for job in jobs] == [Path(output, "a.jpg"), Path(output, "b.png")]


def test_plan_to_an_existing_folder_with_a_suffix(tmp_path):
    folder = tmp_path / "photos.png"
    folder.mkdir()
    assert plan([Path("a.jpg")], str(folder), compare=False)[0].output == folder / "a.jpg"


def test_one_picture_named_twice_is_restored_once():
    assert len(plan([Path("a.jpg"), Path("./a.jpg"), Path("x/../a.jpg")], None, compare=True)) == 1


@pytest.mark.parametrize(
    ("inputs", "output", "compare", "said"),
    [
        (["a.jpg", "b.jpg"], "out.png", False, "one file for 2 pictures"),
        (["a.jpg"], "out.gif", False, "out.gif: cannot write"),
    ],
)
def test_plan_refuses(inputs, output, compare, said):
    with pytest.raises(RestorekitError, match=said):
        plan([Path(path) for path in inputs], output, compare)


@pytest.mark.parametrize(
    ("inputs", "output", "compare"),
    [(["a/x.png", "c/y.png", "b/x.png"], "out", False), (["x.png", "c/y.png", "x.jpg"], None, True)],
)
def test_plan_marks_those_that_would_go_to_one_place(inputs, output, compare):
    jobs = plan([Path(path) for path in inputs], output, compare)
    assert [job.rival for job in jobs] == [Path(inputs[2]), None, Path(inputs[0])]


def test_folder_lists_its_pictures_and_skips_what_was_written(tmp_path):
    names = ["b.JPG", "a.png", "a.deblurred.png", "b.compare.png", "notes.txt", ".hidden.png"]
    for name in names:
        (tmp_path / name).write_text("")
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in pictures_in(tmp_path)] == ["a.png", "b.JPG"]


def test_folder_without_pictures(tmp_path):
    with pytest.raises(ImageError, match="no picture"):
        pictures_in(tmp_path)


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (Job(Path("missing.png"), Path("out.png")), "missing.png: no such file"),
        (Job(Path("a.png"), Path("a.deblurred.gif")), "cannot write this kind"),
        (Job(Path("a.png"), Path("b.png"), rival=Path("c.png")), "a.png: c.png would be written to the same"),
        (Job(Path("a.png"), Path("a.png")), "already exists; give --overwrite"),
        (Job(Path("a.png"), Path("b.png"), Path("a.png")), "already exists"),
        (Job(Path("a.png"), Path("a.png/deep/b.png")), "a.png: is a file, not a folder"),
    ],
)
def test_check_finds_it_before_anything_is_computed(tmp_path, monkeypatch, job, said):
    monkeypatch.chdir(tmp_path)
    Path("a.png").write_text("")
    with pytest.raises(ImageError, match=said):
        job.check(overwrite=False)


def test_check_lets_overwrite(tmp_path):
    (tmp_path / "a.png").write_text("")
    Job(tmp_path / "a.png", tmp_path / "a.png").check(overwrite=True)


def test_check_of_a_folder_without_permission(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_text("")
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(ImageError, match="no permission"):
        Job(tmp_path / "a.png", tmp_path / "new" / "a.png").check(overwrite=False)
