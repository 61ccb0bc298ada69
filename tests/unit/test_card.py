"""A card says what is known, keeps what a person wrote, and shows whether anybody changed it."""

import json

import pytest
from huggingface_hub import ModelCard

from restorekit.bundle import find_bundle
from restorekit.card import complete_card, is_unedited, model_card, provider
from restorekit.errors import BundleError

CONFIG = {
    "restorekit": "0.1.0",
    "name": "tiny",
    "network": {"type": "face_multitask_unet"},
    "tasks": [{"type": "image"}, {"type": "gradient"}],
    "geometry": {"crop": "center", "size": 64},
    "degradation": [{"type": "trajectory_blur"}, {"type": "not_installed"}],
    "data": {"type": "folder", "path": "faces"},
    "license": "CC0",
    "steps": 7,
}
MEASURED = {"validation": {"psnr": 30.125, "psnr_input": 25.0}}
MINE = """\
---
tags: [mine]
license: mit
base_model: a/b
model-index:
- name: old
  results: []
---
# Mine

What I have to say.
"""


def completed(text=MINE, metrics=MEASURED, license="mit"):
    return complete_card(text, CONFIG, metrics, license)


def test_a_card_names_the_distribution_of_every_component_that_is_installed():
    components = ModelCard(model_card(CONFIG, {})).data.to_dict()["restorekit"]["components"]
    assert components == {
        "network": {"face_multitask_unet": "restorekit"},
        "task": {"image": "restorekit", "gradient": "restorekit"},
        "degradation": {"trajectory_blur": "restorekit"},
    }


@pytest.mark.parametrize(
    ("degradations", "remedies"),
    [
        ([], []),
        ([{"type": "trajectory_blur", "p": 0.5}, {"type": "not_installed"}], ["deblurring"]),
        ([{"type": "gaussian_noise"}, {"type": "jpeg", "no such key": 1}], ["denoising"]),
        (
            [
                {
                    "type": "mixture",
                    "choices": [{"type": "identity"}, {"type": "jpeg"}, {"type": "defocus_blur"}],
                }
            ],
            ["jpeg-artifact-removal", "deblurring"],
        ),
    ],
)
def test_a_card_says_what_the_degradations_trained_on_are_good_for(degradations, remedies):
    card = ModelCard(model_card(CONFIG | {"degradation": degradations}, {}))
    assert card.data.tags == ["restorekit", "image-restoration", *remedies]
    assert f"- Trained for: {', '.join(remedies) or 'not known'}" in card.text


def test_a_card_without_measurements_has_no_results():
    card = ModelCard(model_card(CONFIG, {}))
    assert not card.data.eval_results and "Validation" not in card.text


def test_only_a_dataset_of_the_hub_is_named_as_one():
    assert ModelCard(model_card(CONFIG, {})).data.datasets is None
    hub = CONFIG | {"data": {"type": "hub", "repo": "a/faces"}}
    assert ModelCard(model_card(hub, {})).data.datasets == ["a/faces"]


def test_what_a_person_wrote_stays():
    card = ModelCard(completed())
    assert "What I have to say." in card.text
    assert (card.data.tags, card.data.license, card.data.base_model) == (["mine"], "mit", "a/b")


def test_what_the_card_lacks_is_added_and_what_is_measured_is_new():
    data = ModelCard(completed()).data
    assert (data.library_name, data.pipeline_tag) == ("restorekit", "image-to-image")
    assert [result.metric_value for result in data.eval_results] == [30.125]


def test_a_card_without_metadata_gets_some():
    card = ModelCard(completed("# Bare\n"))
    assert card.data.license == "mit" and card.text.lstrip().startswith("# Bare")


def test_completing_twice_changes_nothing():
    assert completed(completed()) == completed()


def test_another_licence_than_the_cards_is_an_error():
    with pytest.raises(BundleError, match="README.md says license mit, not apache-2.0; make them agree"):
        completed(license="apache-2.0")


@pytest.mark.parametrize("metadata", ["a: [", "- a", "model-index: 3"])
def test_metadata_that_cannot_be_read_is_a_line(metadata):
    with pytest.raises(
        BundleError, match="README.md has metadata that cannot be read: .*; correct it"
    ) as caught:
        completed(f"---\n{metadata}\n---\n")
    assert len(str(caught.value).splitlines()) == 1


def test_a_card_shows_whether_it_was_edited():
    for card in (model_card(CONFIG, MEASURED), completed()):
        assert is_unedited(card)
        assert not is_unedited(card.replace("#", "##", 1)) and not is_unedited(card + "More.\n")
    assert not is_unedited(MINE) and not is_unedited("")


METRICS = ("psnr", "ssim_rgb", "ssim_matlab3d")


def test_the_results_of_evaluate_have_their_definitions_and_protocol():
    folder = find_bundle(None)
    config, metrics = (json.loads((folder / name).read_text()) for name in ("config.json", "metrics.json"))
    results = ModelCard(model_card(config, metrics)).data.eval_results
    measured = [name for result in metrics["evaluate"].values() for name in result if name in METRICS]
    assert len(results) == 1 + len(measured) and len(measured) > 3
    found = {(result.dataset_type, result.metric_type): result for result in results[1:]}
    psnr = found["celeba", "psnr"]
    assert psnr.metric_value == pytest.approx(
        metrics["evaluate"]["celeba"]["psnr"]["output"]["mean"], abs=1e-4
    )
    assert psnr.dataset_args["set"] == "faces80"
    definitions = {result.metric_args["definition"] for result in found.values()}
    assert len(definitions) == 3 and any("MATLAB" in definition for definition in definitions)


def test_a_result_that_was_written_by_hand_needs_no_more_than_means():
    by_hand = {"family": {"psnr": {"input": {"mean": 20.5}, "output": {"mean": 24.0}}}}
    (result,) = ModelCard(model_card(CONFIG, {"evaluate": by_hand})).data.eval_results
    assert (result.dataset_type, result.metric_value) == ("family", 24.0)


def test_a_metric_that_is_no_finite_number_is_left_out():
    infinite = {"input": {"mean": 48.0}, "output": {"mean": None}}
    finite = {"input": {"mean": None}, "output": {"mean": 0.98765}}
    metrics = {"evaluate": {"sharp": {"pairs": 1, "protocol": {}, "psnr": infinite, "ssim_rgb": finite}}}
    (result,) = ModelCard(model_card(CONFIG, metrics)).data.eval_results
    assert (result.metric_type, result.metric_value) == ("ssim_rgb", 0.9877)
    assert "input" not in result.metric_args


@pytest.mark.parametrize(
    ("told", "owner"),
    [
        ("restorekit: {components: {network: {their_net: their-plugin}}}", "their-plugin"),
        ("restorekit: {components: {network: {their_net: 'x; rm -rf ~'}}}", None),
        ("restorekit: {components: {network: {their_net: --index-url}}}", None),
        ("restorekit: {components: {network: {their_net: [a]}}}", None),
        ("restorekit: {components: {network: {other: a}}}", None),
        ("restorekit: {components: 3}", None),
        ("restorekit: [", None),
        ("", None),
    ],
)
def test_a_card_tells_who_provides_a_component_if_it_names_a_distribution(told, owner, tmp_path):
    (tmp_path / "README.md").write_text(f"---\n{told}\n---\n")
    assert provider(tmp_path / "README.md", "network", "their_net") == owner


def test_without_a_card_nobody_is_named(tmp_path):
    assert provider(tmp_path / "README.md", "network", "their_net") is None
