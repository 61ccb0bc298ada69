"""A restorer made steady: tiles as memory asks, and another way where one fails."""

import numpy as np
import pytest

from restorekit.contracts import Footprint, Restorer
from restorekit.errors import ImageError
from restorekit.restore import memory
from restorekit.restore.memory import host_memory, largest_tile
from restorekit.restore.reach import effective_reach
from restorekit.restore.steady import Steady


class Arrays(Restorer):
    """Adds 10/255 in NumPy, and remembers the sizes that it saw."""

    name = "arrays"
    footprint = Footprint(margin=4, size_multiple=4)

    def __init__(self, careful=None, most=None):
        self.seen = []
        self.most = most
        self._careful = careful

    def restore(self, images):
        raise AssertionError("pictures go through without torch")

    def restore_arrays(self, images):
        self.seen.append(images.shape[:3])
        if self.most is not None and images.shape[1] * images.shape[2] > self.most:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB.")
        return images + np.float32(10 / 255)

    def careful(self):
        return self._careful


class Broken(Arrays):
    def restore_arrays(self, images):
        return super().restore_arrays(images) * np.where(images > 0.5, np.nan, 1).astype(np.float32)


def picture(height=300, width=500, value=100):
    return np.full((1, height, width, 3), value, np.uint8)


def test_a_picture_that_fits_goes_through_whole():
    restorer = Arrays()
    assert (Steady(restorer, 512).pixels(picture()) == 110).all()
    assert restorer.seen == [(1, 300, 500)]


def test_a_larger_one_goes_through_in_tiles():
    restorer = Arrays()
    assert (Steady(restorer, 256).pixels(picture()) == 110).all()
    assert len(restorer.seen) > 1
    assert max(max(shape[1:]) for shape in restorer.seen) <= 256


@pytest.mark.parametrize("tileable", [True, False])
def test_whole_if_asked_or_not_tileable(tileable):
    restorer = Arrays()
    restorer.footprint = Footprint(tileable=tileable)
    Steady(restorer, "off" if tileable else 128).pixels(picture())
    assert restorer.seen == [(1, 300, 500)]


def test_tiles_are_halved_until_memory_suffices_and_stay_so():
    restorer = Arrays(most=200 * 200)
    steady = Steady(restorer)
    assert (steady.pixels(picture()) == 110).all()
    assert restorer.seen[0] == (1, 300, 500)
    restorer.seen.clear()
    steady.pixels(picture())
    assert max(height * width for _, height, width in restorer.seen) <= 200 * 200


def test_then_the_careful_one_has_its_turn():
    cpu = Arrays()
    assert (Steady(Arrays(careful=cpu, most=50)).pixels(picture()) == 110).all()
    assert cpu.seen


def test_without_another_way_too_many_pixels_are_an_error():
    with pytest.raises(ImageError, match="500 x 300 pixels are too many for the memory; shrink it first"):
        Steady(Arrays(most=50)).pixels(picture())


def test_a_tile_that_is_not_finite_is_computed_again_with_care():
    pixels = picture()
    pixels[:, 200:, 400:] = 200
    careful, broken = Arrays(), None
    broken = Broken(careful=careful)
    assert np.array_equal(Steady(broken, 256).pixels(pixels), pixels + 10)
    assert 0 < len(careful.seen) < len(broken.seen)


@pytest.mark.parametrize("careful", [None, Broken()])
def test_what_is_never_finite_is_an_error(careful):
    with pytest.raises(ImageError, match="model arrays gives values that are not finite"):
        Steady(Broken(careful=careful)).pixels(picture(value=200))


@pytest.mark.parametrize(("strength", "value"), [(0, 100), (0.5, 105), (1, 110)])
def test_strength_is_the_share_of_the_change(strength, value):
    assert (Steady(Arrays(), strength=strength).pixels(picture()) == value).all()


def test_tiles_take_half_of_the_memory_of_the_device():
    restorer = Arrays()
    restorer.free_memory = lambda: 2 * 1000 * 1000 * restorer.footprint.pixel_memory
    assert largest_tile(restorer) == 1000


def test_tiles_on_the_host_go_by_what_is_free_there(monkeypatch):
    monkeypatch.setattr(memory, "host_memory", lambda: 2 * 100 * 100 * 2048)
    assert largest_tile(Arrays()) == 100
    monkeypatch.setattr(memory, "host_memory", lambda: 2**50)
    assert largest_tile(Arrays()) == 724  # a gibibyte at 2048 bytes a pixel


def test_a_container_has_no_more_than_its_limit(monkeypatch, tmp_path):
    (tmp_path / "max").write_text("5000\n")
    (tmp_path / "now").write_text("3000\n")
    monkeypatch.setattr(memory, "_LIMITS", ((tmp_path / "max", tmp_path / "now"), ("no", "file")))
    assert host_memory() == 2000
    (tmp_path / "max").write_text("max\n")
    assert host_memory() > 2000


class Smear(Arrays):
    """Sees ``reach`` pixels to the left; ``margin`` is what it declares."""

    def __init__(self, reach, margin):
        super().__init__()
        self.reach, self.footprint = reach, Footprint(margin=margin, size_multiple=4)

    def restore_arrays(self, images):
        left = np.pad(images, ((0, 0), (0, 0), (self.reach, 0), (0, 0)), mode="edge")
        return (images + left[:, :, : images.shape[2]]) / 2


def test_the_reach_is_measured_where_the_margin_is_wide():
    assert 60 < effective_reach(Smear(70, 250)) <= 70


def test_the_reach_is_never_more_than_the_margin():
    assert effective_reach(Smear(200, 140)) == 140


def test_a_narrow_margin_is_taken_as_it_is():
    restorer = Smear(0, 30)
    restorer.restore_arrays = None  # would fail if it were asked
    assert effective_reach(restorer) == 30


class Doubled(Arrays):
    footprint = Footprint(margin=4, scale=2)

    def restore_arrays(self, images):
        return super().restore_arrays(images).repeat(2, axis=1).repeat(2, axis=2)


@pytest.mark.parametrize("tile", ["off", 128])
@pytest.mark.parametrize(("strength", "value"), [(0, 100), (1, 110)])
def test_a_restorer_may_enlarge(tile, strength, value):
    made = Steady(Doubled(), tile, strength).pixels(picture())
    assert made.shape == (1, 600, 1000, 3)
    assert (made == value).all()


class Averaged(Arrays):
    """Adds what depends on the whole picture."""

    footprint = Footprint()

    def restore_arrays(self, images):
        return super().restore_arrays(images) + images.mean(axis=(1, 2), keepdims=True)


def test_the_reach_of_what_states_none_is_measured():
    unknown = Arrays()
    unknown.footprint = Footprint()
    steady = Steady(unknown, 256)
    assert (steady.pixels(picture()) == 110).all()
    assert max(max(shape[1:]) for shape in unknown.seen if shape[0] == 1) <= 256
    assert steady.note == ""


def test_what_sees_the_whole_picture_is_not_cut_and_it_is_said():
    restorer = Averaged()
    steady = Steady(restorer, 256)
    steady.pixels(picture(value=10))
    assert (1, 300, 500) in restorer.seen
    assert steady.note == "not cut into tiles, as the model sees a picture as a whole"


def test_tiles_that_are_larger_than_asked_for_are_said():
    steady = Steady(Arrays(), 64)
    steady.pixels(picture())
    assert steady.note == "tiles of 168 pixels, as the model looks 4 pixels far"


def test_what_the_restorer_says_of_a_window_is_asked_for():
    class Examined(Arrays):
        def examine(self, images, restored):
            return [{"change": round(float((restored - images).mean() * 255))}]

    window = picture()[0]
    assert Steady(Examined()).examine(window, window + 10) == {"change": 10}
    assert Steady(Arrays()).examine(window, window + 10) == {}


class Telling(Arrays):
    """Says of each image how wide it is, and wants tiles of 64 pixels."""

    footprint = Footprint(margin=4, size_multiple=4, tile=64)

    def examine(self, images, restored):
        assert images.dtype == restored.dtype == np.float32
        return [
            {"width": image.shape[1], "change": round(float((after - image).max() * 255))}
            for image, after in zip(images, restored, strict=True)
        ]


def test_a_restorer_may_say_how_large_its_tiles_are():
    restorer = Telling()
    assert (Steady(restorer).pixels(picture()) == 110).all()
    assert max(max(shape[1:]) for shape in restorer.seen) <= 2 * 4 + 32 + 128


def test_what_is_said_of_a_window_is_said_of_its_tiles_where_it_was_cut_and_that_is_asked_for():
    small, large = picture(60, 60)[0], picture()[0]
    told = Steady(Telling(), tell_tiles=True)
    assert told.examine(small, small + 10) == {"width": 60, "change": 10}
    tiles = told.examine(large, large + 10)["tiles"]
    assert {tile["change"] for tile in tiles} == {10}
    assert all(tile["box"][2] == tile["width"] for tile in tiles)
    assert max(tile["box"][0] + tile["box"][2] for tile in tiles) == 500
    assert Steady(Telling()).examine(large, large + 10) == {}
