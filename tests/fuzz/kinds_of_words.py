"""Words that reach the terminal, numbers without end, bundles of odd faces, and commands that are ended."""

import json
import signal

from PIL import Image
from seeds import RECIPE, light_bundle
from strategies import NUMBERS, WORDS

ODD = ("\x1b]0;owned\x07\x1b[2J", "a\nerror: r.toml:1: all is well", "\r\x1b[1A", "\u202egpj", "\x9b31m", "\x00",
       "x" * 9000, "\u2028b", "\x7f\x08", *(word for word in WORDS if word.isascii()))  # fmt: skip

PLACES = ("file", "input", "model", "bundle")
"""Where a command's words stand, beside the recipes'."""


def bundle_of(folder, change):
    """Write a bundle whose config was changed."""
    bundle = folder / "bundle"
    bundle.mkdir()
    for file, data in light_bundle().items():
        (bundle / file).write_bytes(data)
    config = bundle / "config.json"
    config.write_text(change(config.read_text()))
    return ["deblur", "in/a.png", "-o", "out", "--model", "bundle"]


def check_of(folder, *changes, given=()):
    """Write a recipe of which some words were replaced by others."""
    text = RECIPE
    for before, after in changes:
        text = text.replace(before, after)
    (folder / "r.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    return ["check", "r.toml", *given]


def words(folder, draw):
    """Escapes and line ends wherever the outside may put them; the sample is the name of a recipe's key."""
    word = draw.one(*ODD) + (draw.one(*ODD) if draw.chance(0.5) else "")
    quoted = json.dumps(word)
    name = "".join(each for each in word if each not in "/\0").encode()[:200].decode(errors="ignore") or "x"

    def odd_bundle(text):
        config = json.loads(text)
        config[draw.one("name", "license", word)] = word
        config["network"][draw.one("type", word)] = word
        return json.dumps(config)

    match draw.one(
        "key", "name", "losses", "extends", "type", "loss", "value", "set", "file", "input", "model", "bundle"
    ):
        case "key":
            return check_of(folder, ("schema = 1", f"schema = 1\n{quoted} = 1"))
        case "name":
            return check_of(folder, ('name = "tiny"', f"name = {quoted}"))
        case "losses":
            return check_of(folder, ('losses = ["content"]', f"losses = [{quoted}]"))
        case "extends":
            return check_of(folder, ("schema = 1", f"extends = {quoted}"))
        case "type":
            return check_of(folder, ('type = "face_multitask_unet"', f"type = {quoted}"))
        case "loss":
            return check_of(folder, ('name = "content"', f"name = {quoted}"))
        case "value":
            return check_of(folder, ("[network]", f"[network]\n{quoted} = {quoted}"))
        case "set":
            return check_of(folder, given=["--set", f"{name}={name}"])
        case "file":
            Image.new("RGB", (32, 32)).save(folder / "in" / "b.png")
            (folder / "in" / "b.png").rename(folder / "in" / f"{name}.png")
            return ["deblur", "in", "-o", "out", "--faces", "off"]
        case "input":
            return ["deblur", f"in/{name}", "-o", "out"]
        case "model":
            return ["deblur", "in/a.png", "-o", "out", "--model", name]
        case "bundle":
            return bundle_of(folder, odd_bundle)


def bundles(folder, draw):
    """Faces of bundles that are no faces, or far too large; the sample's are a list of one number."""

    def change(text):
        config = json.loads(text)
        faces = {"size": 64, "left_eye": [20, 30], "right_eye": [40, 30]}
        faces[draw.one("size", "left_eye", "right_eye", "crop", "other")] = draw.one(
            4096,
            10**6,
            -1,
            1.5,
            "64",
            None,
            [1],
            {},
            [1, 2, 3],
            [10**9, 1],
            [True, 1],
            *WORDS[:4],
            *NUMBERS[:13],
        )
        config["geometry"] = draw.one([1], faces, faces, faces, [faces], draw.number)
        if draw.chance(0.3):
            config["network"]["widths"] = draw.one([], [10**6], [4] * 10**5, [0], [-1], ["4"], [2**63], 4)
        return json.dumps(config).replace("Infinity", "1e999")

    return bundle_of(folder, change)


def digits(folder, draw):
    """Numbers of very many digits, and brackets of very many levels; the sample is a seed of 5,000 digits."""
    count = draw.size(5000, 10, 17)
    number = draw.one(
        "9" * count,
        "-" + "1" * count,
        "0x" + "f" * count,
        "1e" + "9" * count,
        "1_" * count + "1",
        "[" * count,
        "{a=" * count,
        "0." + "3" * count,
        "0b" + "1" * count,
        '"' + "\\u0041" * count,
    )[: 2**17 - 100]  # fmt: skip  (what one argument of a command may be)
    key = draw.one("seed", "optim.lr", "data.size", "stage.0.steps")
    match draw.one("recipe", "set", "bundle", "option"):
        case "recipe":
            return check_of(folder, ("seed = 7", f"seed = {number}"))
        case "set":
            return check_of(folder, given=["--set", f"{key}={number}"])
        case "bundle":
            return bundle_of(folder, lambda text: text.replace('"format": 1', f'"format": {number}'))
        case "option":
            return [
                "deblur",
                "in/a.png",
                "-o",
                "out",
                draw.one("--tile", "--strength", "--max-pixels"),
                number,
            ]


def deblurring(folder, draw):
    """A folder that is deblurred, and ended."""
    for each in range(20):
        Image.new("RGB", (64, 64), (each, 9, 9)).save(folder / "in" / f"b{each}.png")
    return ["deblur", "in", "-o", "out", "--faces", "off"]


def training(folder, draw):
    """A training run, and ended."""
    return ["train", *check_of(folder, ("steps = 1", "steps = 400"))[1:], "-o", "run", "--device", "cpu"]


def ended(least, most):
    """Ways to end a process between so many seconds."""
    signals = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
    return lambda draw: (draw.one(*signals), float(draw.rng.uniform(least, most)))


ENDED = (0, 1, 129, 130, 143, -signal.SIGHUP, -signal.SIGTERM, -signal.SIGINT)
"""Also by the signal itself, which may come before the command has begun."""
