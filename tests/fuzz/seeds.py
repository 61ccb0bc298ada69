"""What mutants are made of: pictures, a recipe and a bundle that are whole, or odd in a way that was met."""

import io
import json
import struct

import numpy as np
from PIL import Image, PngImagePlugin
from safetensors.numpy import save

RECIPE = """\
schema = 1
name = "tiny"
seed = 7
[data]
train = { type = "samples" }
crop = "random"
size = 32
batch = 2
license = "CC0"
[[augment]]
type = "HorizontalFlip"
p = 0.5
[[degradation]]
type = "trajectory_blur"
sizes = [13, 15]
kernels = 0
[[degradation]]
type = "gaussian_noise"
sigma = [0.0, 0.01]
[network]
type = "face_multitask_unet"
widths = [4, 8]
blocks = [0, 1]
[[task]]
type = "image"
[[task]]
type = "gradient"
[[loss]]
name = "content"
type = "l1"
tasks = ["image", "gradient"]
weight = 1.0
[optim]
type = "adam"
lr = 1e-4
[train]
ema = 0.99
[[stage]]
steps = 1
losses = ["content"]
"""


def tiny_bundle(folder):
    """A bundle of a small network."""
    from restorekit import load_recipe
    from restorekit.bundle import save_bundle

    (folder / "r.toml").write_text(RECIPE)
    recipe = load_recipe(folder / "r.toml")
    module = recipe.network.build(recipe.tasks)
    save_bundle(folder / "seed", recipe, module, metrics={}, steps=1)
    return folder / "seed"


def light_bundle():
    """The files of a bundle by their names, made without torch."""
    config = {"format": 1, "name": "light", "license": "CC0", "geometry": None, "tasks": [{"type": "image"}]}
    config["network"] = {"type": "face_multitask_unet", "widths": [4, 8], "blocks": [0, 1]}
    return {
        "config.json": json.dumps(config).encode(),
        "recipe.toml": RECIPE.encode(),
        "metrics.json": b"{}",
        "model.safetensors": save({"stem.weight": np.zeros((4, 12, 3, 3), np.float32)}),
    }


def exif():
    """A small EXIF block."""
    block = Image.Exif()
    block[0x010F], block[0x0112], block[0x011A] = "a camera", 6, 72.0
    return b"Exif\0\0" + block.tobytes().removeprefix(b"Exif\0\0")


def tiff(width=24, height=24, samples=3):
    """An uncompressed TIFF with strips that say more than they hold."""
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 2), (273, 4, 8), (277, 3, samples),
            (278, 4, height), (279, 4, width * height * samples)]  # fmt: skip
    data = bytes(width * height * samples)
    directory = struct.pack("<H", len(tags))
    directory += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory + struct.pack("<I", 0)


def png():
    """A PNG with compressed text, a palette and transparency."""
    text, stream = PngImagePlugin.PngInfo(), io.BytesIO()
    text.add_text("Comment", "seen " * 99, zip=True)
    text.add_itxt("Title", "söndag", zip=True)
    image = Image.fromarray(np.arange(24 * 24, dtype=np.uint8).reshape(24, 24)).convert("P")
    image.save(stream, "PNG", pnginfo=text, transparency=3)
    return stream.getvalue()


def scans():
    """A progressive JPEG whose scans are repeated."""
    stream = io.BytesIO()
    Image.fromarray(np.arange(3 * 24 * 24, dtype=np.uint8).reshape(24, 24, 3)).save(
        stream, "JPEG", progressive=True
    )
    data = stream.getvalue()
    at = data.rindex(b"\xff\xda")
    return data[:at] + data[at:-2] * 40 + data[-2:]


def animations():
    """An animated PNG, and an animated WebP with loss and one without."""
    frames = [Image.fromarray(np.full((24, 24, 3), level, np.uint8)) for level in (0, 99, 200)]
    found = []
    for kind, options in (("PNG", {}), ("WEBP", {"lossless": True}), ("WEBP", {"quality": 50})):
        stream = io.BytesIO()
        frames[0].save(stream, kind, save_all=True, append_images=frames[1:], **options)
        found.append(stream.getvalue())
    return found
