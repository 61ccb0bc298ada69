"""Models published and pulled by the true client, over a Hub on loopback: what comes down is what went up."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import ModelCard
from PIL import Image

from restorekit.bundle import FILES
from restorekit.card import is_unedited, model_card

MINE = b"---\nlicense: cc0-1.0\n---\nMine.\n"


def contents(folder):
    return {name: (Path(folder) / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def travelled(hub, run, bundle, tmp_path_factory):
    """A bundle that went up from one home and came down in another: the Hub, and what the commands said."""
    here, there = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there")
    picture = there / "a.png"
    pixels = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(picture)
    publish = ["publish", str(bundle.parent), "--repo", "user/tiny", "--license", "cc0-1.0"]
    with hub() as served:
        said = run(
            served.endpoint, here, [[*publish, "--dry-run"], ["publish", "x", "--repo", "user/tiny"], publish],
            HF_TOKEN=served.token,
        )  # fmt: skip
        revision = said[-1][1].split()[-1]
        said += run(served.endpoint, there, [
            ["pull", revision],
            ["deblur", str(picture), "--model", revision, "-o", str(there / "hub.png")],
            ["deblur", str(picture), "--model", str(bundle), "-o", str(there / "local.png")],
            ["pull", "user/tiny"],
        ])  # fmt: skip
        asked = len(served.sent)
        said += run(
            served.endpoint, there, [["pull", "user/tiny"], ["pull", "user/none"]], HF_HUB_OFFLINE="1"
        )
        assert len(served.sent) == asked
    names = ["dry", "unlicensed", "published", "pulled", "hub", "local", "newest", "offline", "offline, none"]
    return served, dict(zip(names, said, strict=True)), there


def test_a_bundle_goes_up_and_comes_down_with_equal_bytes(travelled, bundle):
    _, said, _ = travelled
    status, out, err = said["pulled"]
    assert status == 0 and "model tiny, licence CC0, commit " in err
    up, down = contents(bundle), contents(out.strip())
    assert {name for name in FILES if up[name] != down[name]} == {"README.md"}
    assert sorted(os.listdir(out.strip())) == sorted(FILES)


def test_it_deblurs_as_before_it_travelled(travelled):
    _, said, there = travelled
    assert said["hub"][0] == said["local"][0] == 0, said["hub"]
    assert (there / "hub.png").read_bytes() == (there / "local.png").read_bytes()
    assert (there / "hub.png").read_bytes() != (there / "a.png").read_bytes()


def test_it_is_one_commit_that_names_the_model(travelled):
    served, said, _ = travelled
    assert len(served.messages) == 1 and served.messages[0].startswith("tiny, published by restorekit")
    assert said["published"][1].split()[-1] == f"user/tiny@{served.head('user/tiny')}"


def test_what_goes_up_is_printed_first_with_its_bytes(travelled):
    served, said, _ = travelled
    assert said["published"][1].startswith(said["dry"][1])
    files = served.commits["user/tiny"]["main"]
    assert said["dry"] == (0, "".join(f"{len(files[name]):>12,}  {name}\n" for name in FILES), "")


def test_without_a_licence_nothing_goes_up(travelled):
    status, out, err = travelled[1]["unlicensed"]
    assert (status, out) == (2, "") and err.startswith("error: no licence is given")


def test_the_newest_commit_is_had_offline_once_it_was_pulled(travelled):
    _, said, _ = travelled
    assert said["offline"][:2] == said["newest"][:2] == said["pulled"][:2]


def test_offline_a_model_that_was_not_pulled_is_a_line(travelled):
    assert travelled[1]["offline, none"] == (2, "", (
        "error: user/none is neither a folder here nor whole in the Hub's cache, and HF_HUB_OFFLINE is set; "
        "unset that and run: restorekit pull user/none\n"
    ))  # fmt: skip


def test_the_card_on_the_hub_is_valid_and_says_what_is_known(travelled):
    card = travelled[0].commits["user/tiny"]["main"]["README.md"].decode()
    data = ModelCard(card).data
    assert (data.library_name, data.pipeline_tag, data.license) == ("restorekit", "image-to-image", "cc0-1.0")
    assert data.datasets == ["a/faces"] and "deblurring" in data.tags and is_unedited(card)
    (result,) = data.eval_results
    assert (result.metric_type, result.metric_value, result.metric_args["input"]) == ("psnr", 30.125, 25.0)
    assert result.metric_args["definition"].startswith("PSNR in dB of float images")
    assert data.to_dict()["restorekit"]["components"]["network"] == {"face_multitask_unet": "restorekit"}


def test_nothing_on_the_hub_tells_of_the_publisher(travelled, bundle):
    served = travelled[0]
    for name, data in served.commits["user/tiny"]["main"].items():
        for secret in (served.token, str(bundle.parent.parent), os.getcwd(), "secret"):
            assert secret.encode() not in data, name


@pytest.fixture(scope="module")
def again(hub, run, bundle, travelled, tmp_path_factory):
    """Repositories with a card of ours, one edited, a person's own, and one that cannot be read; then published to."""
    publish = ["publish", str(bundle), "--license", "cc0-1.0", "--repo"]
    card = travelled[0].commits["user/tiny"]["main"]["README.md"]
    older = model_card(json.loads((bundle / "config.json").read_text()), {}).encode()
    cards = {"ours": older, "edited": card + b"Edited.\n", "mine": MINE, "down": MINE}
    with hub() as served:
        for name, text in cards.items():
            served.put(f"user/{name}", {"README.md": text, ".gitattributes": b""})
        served.faults["user/down", "README.md"] = [(500, {})] * 7
        commands = {name: [*publish, f"user/{name}"] for name in cards} | {
            "public": [*publish, "user/ours", "--private"],
            "hidden": [*publish, "user/hidden", "--private"],
            "pulled": ["pull", "user/hidden"],
        }
        home = tmp_path_factory.mktemp("home")
        said = run(served.endpoint, home, list(commands.values()), HF_TOKEN=served.token)
    return served, dict(zip(commands, said, strict=True)), cards


@pytest.mark.parametrize("name", ["edited", "mine"])
def test_a_card_that_a_person_edited_stays_and_the_rest_is_new(again, name):
    served, said, cards = again
    files = served.commits[f"user/{name}"]["main"]
    assert files["README.md"] == cards[name] and "model.safetensors" in files
    assert said[name][2] == f"note: README.md of user/{name} was edited by a person, and stays as it is\n"


def test_a_card_of_ours_is_replaced_without_a_word(again):
    served, said, cards = again
    assert said["ours"][0] == 0 and said["ours"][2] == ""
    card = served.commits["user/ours"]["main"]["README.md"]
    assert card != cards["ours"] and b"license: cc0-1.0" in card


def test_where_the_card_cannot_be_read_nothing_goes_up(again):
    served, said, cards = again
    assert said["down"][2] == "error: user/down: the Hub has a fault of its own (500); try again later\n"
    assert served.commits["user/down"]["main"] == {"README.md": MINE, ".gitattributes": b""}


def test_a_public_repository_is_not_published_to_as_private(again):
    status, _, err = again[1]["public"]
    assert status == 2 and err.startswith("error: user/ours is public already; make it private")


def test_a_private_model_is_made_and_pulled_with_a_token(again):
    served, said, _ = again
    assert said["hidden"][0] == said["pulled"][0] == 0 and served.private == {"user/hidden"}
