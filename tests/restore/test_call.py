"""A restorer called with what a program has in memory gives the same kind, type and size back."""

import numpy as np
import pytest
import torch
from PIL import Image

from restorekit import Footprint, RestorekitError, Restorer
from restorekit.restore import call


class Lighter(Restorer):
    """Lightens red by 0.5 and the others by 0.25, and wants what restorers may want."""

    name = "lighter"

    def restore(self, images):
        assert images.dtype == torch.float32 and min(images.shape[-2:]) >= 16
        return images + torch.tensor([0.5, 0.25, 0.25]).view(3, 1, 1)


lighter = Lighter()


@pytest.mark.parametrize("shape", [(17, 31, 3), (2, 17, 31, 3), (1, 1, 3), (3, 20, 3, 3)], ids=str)
@pytest.mark.parametrize(
    ("dtype", "top"), [(np.uint8, 255), (np.uint16, 65535), (np.float16, 1), (np.float32, 1), (np.float64, 1)]
)
def test_arrays_keep_shape_type_and_range(shape, dtype, top):
    image = np.full(shape, 0.4 * top).astype(dtype)
    before = image.copy()
    restored = lighter(image)
    assert restored.dtype == dtype and restored.shape == shape
    assert np.allclose(restored[..., 0] / top, 0.9, atol=0.004)
    assert np.allclose(restored[..., 1:] / top, 0.65, atol=0.004)
    assert (image == before).all()


def test_integers_are_rounded_and_clamped():
    image = np.full((16, 16, 3), (200, 2, 1), np.uint8)  # 127.5 and 63.75 more
    assert (lighter(image) == (255, 66, 65)).all()


def test_real_numbers_are_clamped_and_not_rounded():
    image = np.full((16, 16, 3), (0.9, 0.1234, 0.5), np.float32)
    assert np.allclose(lighter(image)[0, 0], (1, 0.3734, 0.75), atol=1e-7)


def test_a_grey_array_stays_grey():
    restored = lighter(np.full((20, 18), 30, np.uint8))
    assert restored.shape == (20, 18) and (restored == 30 + 85).all()  # a third of 1.0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("shape", [(3, 17, 31), (2, 3, 17, 31), (3, 5, 40)], ids=str)
def test_tensors_keep_shape_and_type(shape, dtype):
    restored = lighter(torch.full(shape, 0.25, dtype=dtype, requires_grad=True))
    assert restored.dtype == dtype and restored.shape == shape
    assert torch.allclose(restored[..., 0, :, :].float(), torch.tensor(0.75), atol=0.004)
    assert torch.allclose(restored[..., 1:, :, :].float(), torch.tensor(0.5), atol=0.004)


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGB", (10, 20, 30), (138, 84, 94)),
        ("RGBA", (10, 20, 30, 77), (138, 84, 94, 77)),
        ("L", 30, 115),
        ("LA", (30, 77), (115, 77)),
        ("I;16", 30000, 51845),
        ("I", 30000, 51845),
    ],
)
def test_pictures_of_pillow_keep_mode_size_and_transparency(mode, colour, expected):
    restored = lighter(Image.new(mode, (31, 17), colour))
    assert (restored.mode, restored.size) == (mode, (31, 17))
    assert restored.getpixel((30, 16)) == expected


@pytest.mark.parametrize(
    ("mode", "comes_as"), [("1", "L"), ("P", "RGB"), ("CMYK", "RGB"), ("YCbCr", "RGB"), ("HSV", "RGB")]
)
def test_other_modes_come_as_what_they_stand_for(mode, comes_as):
    restored = lighter(Image.new("RGB", (31, 17), (0, 0, 0)).convert(mode))
    assert (restored.mode, restored.size) == (comes_as, (31, 17))


def test_a_palette_with_transparency_keeps_it():
    image = Image.new("P", (20, 20), 3)
    image.info["transparency"] = 3
    assert lighter(image).getpixel((0, 0))[3] == 0


def test_a_picture_keeps_what_it_states_of_itself():
    image = Image.new("RGB", (20, 20))
    image.info |= {"icc_profile": b"profile", "dpi": (300, 300), "exif": b"Exif\0\0"}
    assert lighter(image).info == image.info


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("a.png", "str: is not an image"),
        (None, "NoneType: is not an image"),
        (np.zeros((16, 16, 4), np.uint8), r"shape \(16, 16, 4\)"),
        (np.zeros((2, 16, 16), np.uint8), r"shape \(2, 16, 16\)"),
        (np.zeros((0, 16, 16, 3), np.uint8), "is empty"),
        (np.zeros((16, 16, 3), np.int32), "int32"),
        (np.zeros((16, 16, 3), bool), "bool"),
        (np.full((16, 16, 3), 255.0), "from 255 to 255; scale"),
        (np.full((16, 16, 3), np.nan), "from nan"),
        (torch.zeros(1, 16, 16), r"shape \(1, 16, 16\)"),
        (torch.zeros(3, 16, 16, dtype=torch.uint8), "torch.uint8"),
        (torch.full((3, 16, 16), -0.5), "from -0.5"),
        (Image.new("F", (20, 20)), "mode F"),
        (Image.new("I", (20, 20), 70000), "70000"),
        (Image.new("RGB", (0, 20)), "cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_restored_is_said_in_a_line(image, words):
    with pytest.raises(RestorekitError, match=words) as raised:
        lighter(image)
    assert "\n" not in str(raised.value)


def test_many_pictures_are_not_one_batch_without_end(monkeypatch):
    sizes = []

    class Counting(Lighter):
        def restore(self, images):
            sizes.append(len(images))
            return images

    monkeypatch.setattr(call, "AT_ONCE", 3 * 16 * 16)
    assert Counting()(np.zeros((7, 16, 16, 3), np.uint8)).shape == (7, 16, 16, 3)
    assert sizes == [3, 3, 1]


def test_a_large_picture_goes_in_tiles_without_a_trace(monkeypatch):
    sides = []

    class Sided(Lighter):
        footprint = Footprint(margin=8)

        def restore(self, images):
            sides.append(max(images.shape[-2:]))
            return super().restore(images)

    monkeypatch.setattr("restorekit.restore.steady.largest_tile", lambda restorer: 200)
    image = np.random.default_rng(1).random((300, 431, 3), np.float32) / 2
    assert np.allclose(Sided()(image), image + np.float32([0.5, 0.25, 0.25]), atol=1e-6)
    assert len(sides) > 4 and max(sides) <= 200


def test_the_shipped_model_is_loaded_by_name_and_called():
    restorer = Restorer.load("kernel-unet", device="cpu")
    assert restorer.name == "kernel-unet"
    image = np.random.default_rng(1).random((33, 47, 3), np.float32)
    restored = restorer(image)
    planes = torch.from_numpy(image).permute(2, 0, 1)
    assert np.allclose(restored, restorer.restore(planes[None])[0].permute(1, 2, 0).clamp(0, 1), atol=1e-6)
    assert torch.allclose(restorer(planes), torch.from_numpy(restored).permute(2, 0, 1))
