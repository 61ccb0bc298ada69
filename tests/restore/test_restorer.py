"""Networks as restorers, and whole pictures."""

import numpy as np
import pytest
import torch

from restorekit.contracts import Network, Restorer, Task
from restorekit.errors import ImageError
from restorekit.framing import WholeView
from restorekit.images import Picture
from restorekit.restore.compare import before_after
from restorekit.restore.pictures import restore_pictures
from restorekit.restore.restorer import NetworkRestorer
from restorekit.restore.steady import Steady


def restore_picture(steady, picture):
    return restore_pictures(steady, [picture], WholeView)[0]


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
    return NetworkRestorer(network.build({}), network, {"image": Plain()}, None, torch.device("cpu"))


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


def test_restorer_states_what_its_network_does():
    footprint = restorer().footprint
    assert (footprint.margin, footprint.tileable, footprint.scale) == (None, True, 1)  # the reach is measured
    assert footprint.geometry is None


class Brighter(Restorer):
    """Adds 10/255 to red and takes 10/255 from blue."""

    def restore(self, images):
        return images + torch.tensor([10, 0, -10]).view(1, 3, 1, 1) / 255


def test_picture_keeps_channel_order_alpha_and_metadata():
    pixels = np.full((17, 31, 3), (100, 50, 5), np.uint8)
    pixels[0, 0] = (250, 50, 15)
    picture = Picture(pixels, alpha=pixels[..., 0], icc=b"profile", dpi=(72, 72))
    restored = restore_picture(Steady(Brighter()), picture).picture
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
    restored = restore_picture(Steady(Same()), Picture(pixels, grey=grey)).picture.pixels
    assert restored.dtype == depth
    assert np.array_equal(restored, pixels)


def test_a_deep_picture_is_restored_between_the_steps_of_8_bits():
    class Finer(Restorer):
        def restore(self, images):
            return images + 100 / 65535

    restored = restore_picture(Steady(Finer()), Picture(np.full((16, 16, 3), 1000, np.uint16)))
    assert (restored.picture.pixels == 1100).all()


def test_grey_stays_grey():
    picture = Picture(np.full((16, 16, 3), 100, np.uint8), grey=True)
    restored = restore_picture(Steady(Brighter()), picture).picture
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
        restore_picture(Steady(Failing()), Picture(np.zeros((17, 31, 3), np.uint8), name="big.png"))


def test_other_errors_pass():
    class Failing(Restorer):
        def restore(self, images):
            raise RuntimeError("a fault in the network")

    with pytest.raises(RuntimeError, match="a fault"):
        restore_picture(Steady(Failing()), Picture(np.zeros((17, 31, 3), np.uint8)))


def test_before_beside_after():
    before = Picture(np.zeros((16, 20, 3), np.uint8), alpha=np.ones((16, 20), np.uint8))
    after = Picture(np.ones((16, 20, 3), np.uint8), alpha=np.ones((16, 20), np.uint8))
    both = before_after(before, after)
    assert both.pixels.shape == (16, 40, 3)
    assert both.pixels[:, :20].max() == 0
    assert both.pixels[:, 20:].min() == 1
    assert both.alpha.shape == (16, 40)


class Brightness(Plain):
    """A task that is no picture, and tells something."""

    spatial = False

    def target(self, batch):
        return batch.sharp.mean(dim=(1, 2, 3))

    def facts(self, prediction, images, restored):
        return [
            {"bright": float(p), "change": float((b - a).mean())}
            for p, a, b in zip(prediction, images, restored, strict=True)
        ]


class Both(torch.nn.Module):
    def forward(self, inputs):
        outputs = {"image": lambda x: x, "bright": lambda x: x.mean(dim=(1, 2, 3))}
        return {task: [outputs[task](level) for level in levels] for task, levels in inputs.items()}


def test_other_tasks_tell_facts_of_an_image():
    tasks = {"image": Plain(), "bright": Brightness()}
    restorer = NetworkRestorer(Both(), ProbeNetwork(2, 16), tasks, None, torch.device("cpu"))
    images = np.stack([np.full((20, 24, 3), value, np.float32) for value in (0.25, 0.5)])
    facts = restorer.examine(images, images + np.float32(0.125))
    assert facts == [{"bright": 0.25, "change": 0.125}, {"bright": 0.5, "change": 0.125}]


def test_what_was_just_restored_is_examined_without_another_run():
    asked = []

    class Counted(Both):
        def forward(self, inputs):
            asked.append(list(inputs))
            return super().forward(inputs)

    tasks = {"image": Plain(), "bright": Brightness()}
    restorer = NetworkRestorer(Counted(), ProbeNetwork(2, 16), tasks, None, torch.device("cpu"))
    images = np.stack([np.full((20, 24, 3), value, np.float32) for value in (0.25, 0.5)])
    restored = restorer.restore_arrays(images)
    assert [restorer.examine(images[i : i + 1], restored[i : i + 1])[0]["bright"] for i in (1, 0)] == [
        0.5,
        0.25,
    ]
    assert asked == [["image", "bright"]]
    restorer.examine(images + np.float32(0.25), restored)
    assert asked == [["image", "bright"], ["bright"]]


@pytest.mark.parametrize(("facts", "why"), [([{}], "nothing to restore"), ([{"left": "sharp"}], "sharp")])
def test_what_comes_back_as_it_was_is_the_very_picture_with_a_reason(facts, why):
    class Same(Restorer):
        def restore(self, images):
            return images

        def examine(self, images, restored):
            return facts

    picture = Picture(np.random.default_rng(0).integers(0, 256, (32, 40, 3), np.uint8), name="a.png")
    made = restore_picture(Steady(Same()), picture)
    assert made.picture is picture and not made.changed
