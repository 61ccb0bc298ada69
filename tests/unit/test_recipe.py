"""Recipes: every fault at once and at its line, --set, and a resolved recipe that makes the same parts again."""

import tomllib
from dataclasses import dataclass, make_dataclass
from typing import ClassVar

import pytest

from restorekit import Network, RestorekitError, load_recipe, plugins
from restorekit.errors import RecipeError
from restorekit.recipe import shipped_recipes
from restorekit.recipe.lines import key_lines, line_of
from restorekit.recipe.overrides import apply_overrides

BASE = """\
schema = 1
name = "base"

[data]
train = { type = "samples" }
size = 32

[[degradation]]
type = "gaussian_noise"
sigma = [0.0, 0.1]

[network]
type = "one_head"
width = 4

[[task]]
type = "image"

[[loss]]
name = "content"
type = "l1"

[[stage]]
steps = 2
losses = ["content"]
"""
NEEDS_IMAGES = ["data.train.path=faces", "validation.source.path=faces"]


@dataclass(frozen=True)
class OneHead(Network):
    """Serves the image alone."""

    heads: ClassVar = ("image",)
    scales: ClassVar[int] = 1
    size_multiple: ClassVar[int] = 8

    width: int = 2
    reach: int | tuple[int, int] = 3

    def __post_init__(self):
        if self.width < 1:
            raise ValueError(f"width must be at least 1, not {self.width}")

    def build(self, tasks):
        raise NotImplementedError


@pytest.fixture(autouse=True)
def one_head(monkeypatch):
    host = plugins.host.__wrapped__()
    host.registries["network"].add("one_head", OneHead, "tests")
    host.registries["network"].add("greedy", make_dataclass("Greedy", [("type", str, "x")]), "tests")
    monkeypatch.setattr(plugins, "host", lambda: host)


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Load a recipe from a text."""
    monkeypatch.chdir(tmp_path)

    def from_text(text, *overrides):
        (tmp_path / "r.toml").write_text(text, encoding="utf-8")
        return load_recipe("r.toml", overrides)

    return from_text


@pytest.fixture
def faults(load):
    """What is wrong with a recipe, line by line."""

    def found(text, *overrides):
        with pytest.raises(RecipeError) as caught:
            load(text, *overrides)
        assert str(caught.value) == "\n".join(caught.value.problems)
        return caught.value.problems

    return found


def edited(*changes):
    text = BASE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


GAME = ('losses = ["content"]', 'losses = ["content", "dcgan"]\n[[loss]]\ntype = "dcgan"\n')
FINEST = 'scales = "finest"\n'


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("width", "wdith", "r.toml:14: [network] unknown key 'wdith'; did you mean 'width'?"),
        ("size =", "sise =", "r.toml:6: [data] unknown key 'sise'; did you mean 'size'?"),
        ("size =", "batch-size =", "r.toml:6: [data] unknown key 'batch-size'; did you mean 'batch'?"),
        ("name =", "nmae =", "r.toml:2: unknown key 'nmae'; did you mean 'name'?"),
        ("width = 4", 'width = "4"', "r.toml:14: [network] width: input should be a valid integer, not '4'"),
        ("width = 4", "width = true", "r.toml:14: [network] width: input should be a valid integer, not True"),
        ("width = 4", "width = 0", "r.toml:13: [network] width must be at least 1, not 0"),
        ("width = 4", 'reach = "x"', "r.toml:14: [network] reach: input should be a valid integer, not 'x'"),
        ("size = 32", "size = 32.5", "r.toml:6: [data] size: input should be a valid integer, not 32.5"),
        ("[0.0, 0.1]", '[0, "x"]', "r.toml:10: [[degradation]] sigma: input should be a valid number, not 'x'"),
        ("[0.0, 0.1]", "[0.1, 0.0]", "r.toml:9: [[degradation]] sigma must be [low, high] with"),
        ("one_head", "one_haed", "r.toml:13: [network] unknown network 'one_haed'; did you mean 'one_head'?"),
        ('"l1"', '"charbonier"', "r.toml:21: [[loss]] unknown loss 'charbonier'; did you mean 'charbonnier'?"),
        ('"samples"', '"folder"', "r.toml:5: [data.train] missing key 'path'; add it, or set data.train.path="),
        ("schema = 1", "schema = 2", "r.toml:1: schema: input should be 1, not 2"),
        ('["content"]', '["contnet"]', "no [[loss]] is called 'contnet'; did you mean 'content'?"),
        ('["content"]', '["contnet"]', "r.toml:19: [[loss]] no stage uses loss 'content'; add it to a [[stage]]'s"),
        ('["content"]', "[]", "r.toml:25: [[stage]] no loss compares with the sharp image"),
        ('"image"', '"image"\n[[task]]\ntype = "gradient"', "r.toml:19: [[task]] network 'one_head' has no head for"),
        ('type = "image"', 'type = "gradient"', "r.toml:16: [[task]] no task of type 'image'"),
        ('"image"\n', '"image"\n[[task]]\ntype = "image"\n', "r.toml:18: [[task]] two tasks are of type 'image'; keep"),
        ('"l1"', '"l1"\ntasks = ["imgae"]', "r.toml:22: [[loss]] no [[task]] of type 'imgae'; did you mean 'image'"),
        ("size = 32", "size = 36", "r.toml:6: [data] size 36 is not a multiple of 8, which the network needs"),
        ("steps = 2", "steps = 2\nsize = 12", "r.toml:25: [[stage]] size 12 is not a multiple of 8"),
        ("size = 32", "size = 32\ncrop = [0, 0, 64, 64]", "[data] the 'box' crop is 64 pixels; set size = 64"),
        ("size = 32", 'size = 32\ncrop = "celeba"', "the 'celeba' crop is 128 pixels; set size = 128"),
        ('"l1"', '"l1"\n[[loss]]\nname = "content"\ntype = "l1"', "r.toml:22: [[loss]] two losses are called"),
        ('"l1"', '"l1"\ntasks = ["image", "image"]', "r.toml:22: [[loss]] a task is named twice; name it once"),
        ('"content"', '"a/b"', "r.toml:20: [[loss]] name: "),
        ('"one_head"', '"greedy"', "r.toml:13: [network] network 'greedy' has a field 'type', which is a key of the"),
        ('"l1"', '"l1"\noptim = { lr = 1e-4 }', "r.toml:22: [[loss]] loss 'l1' trains nothing; remove optim"),
        (*GAME, "r.toml:26: [[loss]] an adversarial loss judges one task; set tasks to one name and scales"),
        (GAME[0], GAME[1] + FINEST + 'weight = "auto"', "r.toml:29: [[loss]] an adversarial loss has no size"),
        (GAME[0], "size = 64\n" + GAME[1] + FINEST, "r.toml:25: [[stage]] loss 'dcgan' judges 32 pixels throughout"),
        ('"l1"', '"l1"\nweight = "auto"', "nothing to balance loss 'content' against"),
        ('"base"', '"base"\nx = = 1', "r.toml:3: "),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line_and_the_next_step(old, new, wanted, faults):
    assert wanted in "\n".join(faults(edited((old, new))))


def test_all_faults_are_reported_at_once_in_order_of_lines(faults):
    text = edited(
        ("size = 32", "size = 36\nsise = 32"),
        ("sigma", "sigam"),
        ('"image"', '"image"\n[[task]]\ntype = "gradient"'),
        ('"l1"', '"l1"\n[[loss]]\ntype = "charbonnier"\neps = "x"'),
    )
    places = [fault.partition(" ")[0] for fault in faults(text)]
    assert places == [f"r.toml:{line}:" for line in (6, 7, 11, 20, 25, 27)]


def test_a_loss_balanced_once_needs_no_other_later(load):
    auto = ('"l1"', '"l1"\n[[loss]]\ntype = "charbonnier"\nweight = "auto"')
    stages = ('["content"]', '["content", "charbonnier"]\n[[stage]]\nsteps = 1\nlosses = ["charbonnier"]')
    assert len(load(edited(auto, stages)).stages) == 2


def test_faults_of_the_frame_do_not_hide_those_of_components(faults):
    text = edited(("size = 32", 'size = "x"'), ("width", "wdith"), ("steps = 2", "steps = 0"))
    assert [fault.split(":")[1] for fault in faults(text)] == ["6", "14", "24"]


def test_stages_that_share_a_fault_tell_it_once(faults):
    text = edited(
        ("size = 32", "size = 36"), ("steps = 2", "steps = 1\nlosses = ['content']\n[[stage]]\nsteps = 1")
    )
    assert faults(text) == ["r.toml:6: [data] size 36 is not a multiple of 8, which the network needs"]


@pytest.mark.parametrize("path", [r"C:\Users\me", r"C:\data"])
def test_a_windows_path_gets_a_hint(path, faults):
    (fault,) = faults(edited(('type = "samples"', f'type = "folder", path = "{path}"')))
    assert fault.startswith("r.toml:5: ") and fault.endswith("write Windows paths in 'single quotes'")


def test_what_is_no_recipe_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        RestorekitError, match=r"^no recipe 'x.toml'; give a TOML file, or one of: face_detector, "
    ):
        load_recipe("x.toml")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RestorekitError, match=r"^cannot read x.toml: .*; give a TOML file in UTF-8$"):
        load_recipe("x.toml")


def test_lines_of_tables_keys_and_what_lies_within():
    text = "a = 1\n[b] # c\nc.d = 2\n[[e]]\nx = [\n 1,\n]\n[e.f]\ny = 1\n[[e]]\n'x' = { z = 1 }\n"
    lines = key_lines(text)
    assert lines == {
        ("a",): 1, ("b",): 2, ("b", "c", "d"): 3, ("e", 0): 4, ("e", 0, "x"): 5,
        ("e", 0, "f"): 8, ("e", 0, "f", "y"): 9, ("e", 1): 10, ("e", 1, "x"): 11,
    }  # fmt: skip
    assert [line_of(at, lines) for at in (("e", 1, "x", "z"), ("e", 0, "q"), ("q",))] == [11, 4, 1]


def test_lines_after_values_of_several_lines_are_right():
    text = 'a = [\n  [1, 2],\n  [3],\n]\ns = """\n[not.a.table]\nk = 1\n"""\n[t]\nb = 1\n'
    found = key_lines(text)
    assert found[("t",)] == 9 and found[("t", "b")] == 10
    assert not {("1, 2",), ("not", "a", "table"), ("k",)} & found.keys()


def test_set_changes_a_key():
    table = tomllib.loads(BASE)
    given = ["optim.lr=2e-4", "stage.0.steps=10", "loss.content.weight = auto", "data.train.path=/a b"]
    given += ["degradation.gaussian_noise.sigma=[0, 1]", "network={ type = 'x' }", "name="]
    assert apply_overrides(table, given)[:3] == [
        ("optim", "lr"),
        ("stage", 0, "steps"),
        ("loss", 0, "weight"),
    ]
    assert table["optim"] == {"lr": 2e-4}
    assert table["stage"][0]["steps"] == 10
    assert table["loss"][0]["weight"] == "auto"
    assert table["data"]["train"] == {"type": "samples", "path": "/a b"}
    assert table["degradation"][0]["sigma"] == [0, 1]
    assert (table["network"], table["name"]) == ({"type": "x"}, "")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("optim.lr", "override optim.lr: not key=value; write optim.lr=VALUE"),
        ("=1", "override =1: not key=value; write KEY=VALUE"),
        ("loss.contnet.weight=1", "override loss.contnet.weight=1: no entry 'contnet'; one of: content"),
        ("stage.1.steps=1", "override stage.1.steps=1: no entry '1'; one of: 0"),
        ("name.x=1", "override name.x=1: 'name' is not a table; leave out what follows it"),
    ],
)
def test_a_set_of_the_wrong_form_is_an_error(override, message):
    with pytest.raises(RestorekitError) as caught:
        apply_overrides(tomllib.loads(BASE), [override])
    assert str(caught.value).startswith(message)


def test_a_fault_given_by_set_is_named_by_it(faults):
    assert faults(BASE, "data.size=big", "network.wdith=3", "netwrok.width=3") == [
        "override netwrok.width: unknown key 'netwrok'; did you mean 'network'?",
        "override data.size: size: input should be a valid integer, not 'big'",
        "override network.wdith: unknown key 'wdith'; did you mean 'width'?",
    ]


def test_paths_are_relative_to_the_recipe_but_those_of_set_to_the_working_directory(tmp_path, monkeypatch):
    (tmp_path / "r").mkdir()
    celeba = edited(('type = "samples"', 'type = "celeba", path = "faces"'))
    (tmp_path / "r" / "r.toml").write_text(celeba)
    monkeypatch.chdir(tmp_path)
    assert load_recipe("r/r.toml").data.train.path == tmp_path / "r" / "faces"
    assert load_recipe("r/r.toml", ["data.train.path=faces"]).data.train.path == tmp_path / "faces"
    other_key = load_recipe("r/r.toml", ["data.train.partition=val"]).data.train
    assert (other_key.path, other_key.partition) == (tmp_path / "r" / "faces", "val")
    whole = load_recipe("r/r.toml", ['validation={ source = { type = "folder", path = "faces" } }'])
    assert whole.validation.source.path == tmp_path / "faces"


def overrides_for(name):
    if name == "kernel_unet_photos":
        images = [f"data.train.sources.{i}.path=DIR" for i in range(2)]
        return [*images, "validation.source.path=DIR"]
    if name == "face_detector":
        return [f"data.train.{key}.path=DIR" for key in ("faces", "photos")]
    return NEEDS_IMAGES if name != "face_mt_tiny" else []


@pytest.mark.parametrize("name", shipped_recipes())
def test_a_shipped_recipe_is_good_and_its_resolved_form_makes_the_same_parts(name, tmp_path):
    recipe = load_recipe(name, overrides_for(name))
    (tmp_path / "elsewhere.toml").write_text(recipe.dumps())
    again = load_recipe(tmp_path / "elsewhere.toml")
    assert again == recipe
    assert again.dumps() == recipe.dumps()
    assert load_recipe(f"recipes/{name}.toml", overrides_for(name)) == recipe


def test_the_resolved_recipe_spells_everything_out(load):
    stage = (
        'size = 16\nlr = 1e-3\n[[stage.degradation]]\ntype = "gaussian_noise"\np = 0.5\n[[stage.augment]]\n'
    )
    recipe = load(
        edited(
            ('"l1"\n', '"l1"\n[[loss]]\ntype = "charbonnier"\nweight = "auto"\n'),
            (
                'losses = ["content"]',
                'losses = ["content", "charbonnier"]\n' + stage + 'type = "VerticalFlip"\n',
            ),
        )
    )
    table = tomllib.loads(recipe.with_weights({"content": 9.0, "charbonnier": 0.25}).dumps())
    assert table["network"] == {"type": "one_head", "width": 4, "reach": 3}
    assert [(loss["name"], loss["weight"]) for loss in table["loss"]] == [
        ("content", 1.0),
        ("charbonnier", 0.25),
    ]
    assert table["stage"][0]["degradation"] == [{"type": "gaussian_noise", "sigma": [0.0, 0.01], "p": 0.5}]
    assert (table["optim"]["type"], table["train"]["ema"], table["data"]["workers"]) == ("adam", 0.9999, 2)
    again = load(recipe.dumps())
    assert again == recipe
    assert type(again.stages[0].augment[0]).__name__ == "VerticalFlip"


def test_a_byte_order_mark_before_a_recipe_is_not_seen(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text("\ufeff" + BASE, encoding="utf-8")
    assert load_recipe(file).name == "base"
