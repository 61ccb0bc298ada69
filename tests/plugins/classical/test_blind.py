"""Methods that find the kernel."""

from dataclasses import replace

import numpy as np
import pytest

from restorekit import ImageError, load_restorer
from restorekit.testing import check_restorer
from restorekit_classical.blind import Blind
from restorekit_classical.kernel import delta
from restorekit_classical.tv import TotalVariation
from restorekit_classical.xu2013 import Xu2013

from .pictures import arc, blurred, correlation, photo

NAMES = ["cho_lee2009", "krishnan2011", "pan2014", "shan2008", "xu2013", "zhong2013"]


class Known(Blind):
    """Finds what it is told."""

    name = "known"
    kernel = arc()

    def estimate(self, grey, side, progress=None):
        self.seen.append(grey)
        return self.kernel

    seen: list = []


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr(Known, "seen", [])
    return Known()


@pytest.mark.parametrize("name", NAMES)
def test_a_known_kernel_is_found(name):
    from skimage.data import binary_blobs

    sharp = 0.1 + 0.8 * binary_blobs(170, blob_size_fraction=0.12, rng=1)
    result = replace(load_restorer(name), size=15).deblur(blurred(sharp, arc()))
    assert not result.note
    assert result.picture.shape == (160, 160)
    assert result.kernel.shape == (15, 15)
    assert result.kernel.min() >= 0
    assert result.kernel.sum() == pytest.approx(1)
    assert correlation(result.kernel, arc()) > 0.95


@pytest.mark.parametrize("name", NAMES)
def test_the_contract(name):
    check_restorer(load_restorer(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_flat_picture_is_given_back_and_said_so(name):
    flat = np.full((40, 44, 3), 0.3, np.float32)
    method, why = load_restorer(name), "the picture is flat and shows no blur"
    with pytest.warns(RuntimeWarning, match=f"^{name}: {why}; left as it was$"):
        restored = method.restore_arrays(flat[None])
    np.testing.assert_array_equal(restored[0], flat)
    assert method.examine(flat[None], restored)[0]["left"] == why


def test_the_kernel_comes_from_grey_and_all_colours_are_restored(known):
    seen = blurred(photo(), arc())
    result = known.deblur(seen)
    np.testing.assert_allclose(known.seen[0], seen @ [0.299, 0.587, 0.114], atol=1e-6)
    for channel in range(3):
        alone = known.final.deblur(seen[..., channel], arc()).picture
        np.testing.assert_allclose(result.picture[..., channel], alone, atol=1e-5)


def test_a_grey_picture_stays_grey(known):
    grey = blurred(photo(), arc())[..., 1]
    assert known.deblur(grey).picture.shape == grey.shape
    three = known.deblur(np.repeat(grey[..., None], 3, axis=-1)).picture
    assert (three[..., 0] == three[..., 1]).all() and (three[..., 0] == three[..., 2]).all()


def test_only_the_middle_of_a_large_picture_is_searched(known):
    seen = np.random.default_rng(0).random((50, 61, 3))
    replace(known, window=32).deblur(seen)
    np.testing.assert_allclose(known.seen[0], seen[9:41, 14:46] @ [0.299, 0.587, 0.114], atol=1e-6)


@pytest.mark.parametrize("shape, side", [((128, 128), 27), ((40, 60), 19), ((16, 16), 7), ((8, 9), 3)])
def test_small_pictures_are_searched_for_small_kernels(shape, side, monkeypatch):
    sides = []
    monkeypatch.setattr(
        Known, "estimate", lambda self, grey, side, progress: sides.append(side) or delta(side)
    )
    Known().deblur(np.random.default_rng(0).random(shape))
    assert sides == [side]


def test_the_sizes_that_a_test_set_tells_are_looked_for(known, monkeypatch):
    import torch

    sides = []
    monkeypatch.setattr(
        Known, "estimate", lambda _, grey, side, progress=None: sides.append(side) or delta(side)
    )
    images = torch.from_numpy(np.stack([photo(64, 64)] * 4)).permute(0, 3, 1, 2)
    told = replace(known, size_known=True)
    assert (known.needs, told.needs) == ((), ("size",))
    told.restore(images, size=torch.tensor([13.0, 9.0, 14.0, 1.0]))
    known.restore(images[:1])
    assert sides == [13, 9, 15, 3, 27]  # odd, so that there is a middle


def test_a_picture_too_small_for_any_kernel_is_refused_in_a_line():
    with pytest.raises(ImageError, match="a picture of 30 x 7 pixels is too small to find a blur in"):
        Known().deblur(np.zeros((7, 30, 3)))


@pytest.mark.parametrize("kernel, why", [(np.full((27, 27), np.nan), "the search for the kernel diverged")])
def test_a_search_that_diverges_gives_the_picture_back(kernel, why, monkeypatch):
    monkeypatch.setattr(Known, "kernel", kernel)
    seen = photo(60, 61)
    result = Known().deblur(seen)
    assert result.note == why
    np.testing.assert_array_equal(result.picture, seen)
    np.testing.assert_array_equal(result.kernel, delta(27))


def test_a_black_result_is_not_given(monkeypatch):
    monkeypatch.setattr(TotalVariation, "solve", lambda self, planes, *_: 0 * planes)
    seen = photo(60, 61)
    result = Known(final=TotalVariation()).deblur(seen)
    assert "darker or brighter" in result.note
    np.testing.assert_array_equal(result.picture, seen)


def test_progress_rises_to_1():
    shares = []
    Xu2013(size=9).deblur(blurred(photo(60, 61), arc(7)), shares.append)
    assert shares == sorted(shares) and len(shares) > 8
    assert shares[-1] == pytest.approx(1)


def test_a_recipe_names_the_final_step():
    from restorekit.recipe.component import make_component

    made = make_component("restorer", "xu2013", {"size": 21, "final": {"type": "tv", "weight": 500.0}})
    assert made == Xu2013(size=21, final=TotalVariation(weight=500.0))


@pytest.mark.parametrize(
    "name, key",
    [
        ("xu2013", {"size": 28}),
        ("xu2013", {"window": 3}),
        ("xu2013", {"starts": ()}),
        ("xu2013", {"last_threshold": 2.0}),
        ("cho_lee2009", {"fade": 0.0}),
        ("krishnan2011", {"rounds": 0}),
        ("krishnan2011", {"starts": ("line",)}),
        ("pan2014", {"scales": ()}),
        ("shan2008", {"start": 1.5}),
        ("zhong2013", {"directions": 1}),
        ("xu2013", {"final": Xu2013()}),
    ],
)
def test_fields_out_of_range_are_refused(name, key):
    with pytest.raises(ValueError, match=next(iter(key))):
        replace(load_restorer(name), **key)


def test_what_was_found_is_told_once():
    seen = np.stack([blurred(photo(60, 61), arc()), blurred(photo(60, 61)[::-1], arc())]).astype(np.float32)
    method = load_restorer("cho_lee2009")
    restored = method.restore_arrays(seen)
    for image, facts in zip(seen, method.examine(seen, restored), strict=True):
        np.testing.assert_allclose(facts["kernel"], method.deblur(image).kernel, atol=1e-6)
    assert method.examine(seen, restored) == [{}, {}]
