"""The models that the page offers."""

from restorekit.web.choice import LIMITS, Models


def test_a_model_is_loaded_when_it_is_chosen(loads):
    models = Models()
    assert (models.names, list(loads)) == (["kernel-unet", "other"], [None])
    models.load("other")
    models.load("other")
    assert list(loads) == [None, "other"]


def test_the_model_given_comes_first(loads):
    assert Models("mine/bundle", "cpu", "torch").names == ["mine/bundle", "kernel-unet", "other"]
    assert list(loads) == ["mine/bundle"]


def test_terms_name_model_licence_and_limits(loads):
    words = Models().terms("kernel-unet")
    assert words == f"Model lighter, licence: CC0-1.0. {LIMITS}"
    assert "never identify a person by its output" in words


def test_terms_of_the_shipped_model_say_research_only():
    words = Models().terms("kernel-unet")
    assert words.startswith("Model kernel-unet, licence: CelebA")
    assert "For non-commercial research only." in words
