"""What is attacked: each subject makes a mutant in a folder and gives it to a room as a user would."""

import hashlib
import importlib.util
import json
import os
import shutil
import sys
import time
from pathlib import Path

import numpy as np
from mutate import NUMBERS, WORDS, of_bytes, of_text, of_tree, pick
from page_subjects import Page, Requests
from seeds import RECIPE, exif, light_bundle, png, scans, tiff, tiny_bundle

HOME = Path(__file__).parents[2]


class Pictures:
    """Bytes of pictures of every kind, read as the commands read them, and what was read written again."""

    def __init__(self, folder):
        from restorekit.images import Picture, write

        rng = np.random.default_rng(0)
        self.seeds = []
        for suffix in (".png", ".jpg", ".webp", ".tif", ".bmp", ".avif", ".heic", ".jxl"):
            for deep in (False, True):
                for alpha in (False, True):
                    pixels = rng.integers(0, 256, (6, 8, 3), np.uint8).repeat(4, 0).repeat(4, 1)
                    pixels = pixels.astype(np.uint16) * 257 if deep else pixels
                    clear = pixels[..., 0].copy() if alpha else None
                    file = folder / f"seed{suffix}"
                    try:
                        write(file, Picture(pixels, alpha=clear, exif=exif(), dpi=(300, 300)))
                    except Exception:
                        continue  # a format that does not hold it, or whose codec is missing
                    self.seeds.append((suffix, file.read_bytes()))
        self.seeds += [
            (".tif", tiff()),
            (".tif", tiff(samples=64)),
            (".png", png()),
            (".jpg", scans()),
        ]

    def attempt(self, folder, rng, number):
        from restorekit.images import read, write

        suffix, data = self.seeds[number % len(self.seeds)]
        file = folder / f"a{suffix}"
        file.write_bytes(of_bytes(rng, data))
        picture = read(file, 10**7)
        try:
            write(folder / "out.png", picture)
        except Exception as error:
            raise AssertionError(f"read, but not written: {error}") from error


class Metadata:
    """Pictures that are whole, with metadata that are not: the picture is kept, whatever they are."""

    FIELDS = ("exif", "xmp", "iptc", "icc", "dpi", "text")

    def __init__(self, folder):
        self.suffixes = (".png", ".jpg", ".webp", ".tif", ".bmp")

    def attempt(self, folder, rng, number):
        from restorekit.images import Picture, read, write

        given = {}
        for name in self.FIELDS:
            if rng.random() < 0.5:
                given[name] = self._value(name, rng)
        file = folder / f"a{self.suffixes[number % len(self.suffixes)]}"
        try:
            write(file, Picture(np.full((24, 32, 3), 99, np.uint8), **given))
        except Exception as error:
            raise AssertionError(f"a picture lost for its {sorted(given)}: {error}") from error
        assert sorted(read(file).pixels.shape) == [3, 24, 32]  # EXIF may turn it

    def _value(self, name, rng):
        if name == "dpi":
            return pick(rng, NUMBERS), pick(rng, NUMBERS)
        if name == "text":
            return tuple((pick(rng, WORDS), pick(rng, WORDS)) for _ in range(int(rng.integers(1, 4))))
        seeds = {
            "exif": exif(),
            "xmp": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'></x:xmpmeta>",
            "icc": b"\0" * 132,
        }
        return (
            of_bytes(rng, seeds.get(name, b"\x1c\x02\x05\0\x03abc"))
            if rng.random() < 0.8
            else rng.bytes(70000)
        )


class Recipes:
    """Texts of recipes and overrides, checked as ``restorekit check`` checks them."""

    def __init__(self, folder):
        self.seeds = [RECIPE, *(file.read_text("utf-8") for file in sorted(HOME.glob("recipes/*.toml")))]

    def attempt(self, folder, rng, number):
        import tomli_w

        from restorekit import load_recipe

        text = self.seeds[number % len(self.seeds)] if rng.random() < 0.4 else RECIPE
        if rng.random() < 0.3:
            import tomllib

            try:
                text = tomli_w.dumps(of_tree(rng, tomllib.loads(text)))
            except (TypeError, ValueError, UnicodeError, AttributeError):
                text = of_text(rng, text)  # a tree that is no TOML
        else:
            text = of_text(rng, text)
        (folder / "r.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
        overrides = []
        if rng.random() < 0.3:
            key = pick(rng, ["optim.lr", "stage.0.steps", "loss.content.weight", "data.size", *WORDS])
            overrides = [
                f"{key}={pick(rng, [*WORDS, *map(short, NUMBERS), '[1', '{a=1}', '9' * 5000, '0x' + 'f' * 5000])}"
            ]
        load_recipe(folder / "r.toml", overrides)


class Bundles:
    """Directories of models: their configs, weights and cards, loaded as ``deblur --model`` loads them."""

    def __init__(self, folder):
        self.seed = tiny_bundle(folder)
        self.config = json.loads((self.seed / "config.json").read_text())

    def attempt(self, folder, rng, number):
        from restorekit.restore.load import load_restorer

        bundle = folder / "bundle"
        shutil.copytree(self.seed, bundle)
        for _ in range(int(rng.integers(1, 3))):
            match int(rng.integers(8)):
                case 0 | 1 | 2:
                    tree = of_tree(rng, self.config)
                    (bundle / "config.json").write_text(json.dumps(tree).replace("\\udc80", "?"))
                case 3:
                    name = pick(rng, ["size", "left_eye", "right_eye", "crop"])
                    geometry = dict(self.config["geometry"] or {}) | {
                        "size": 64,
                        "left_eye": [20, 30],
                        "right_eye": [40, 30],
                    }
                    geometry[name] = pick(rng, [*NUMBERS, *WORDS, [1], [1, 2, 3], [None, 1], {}])
                    (bundle / "config.json").write_text(json.dumps(self.config | {"geometry": geometry}))
                case 4 | 5:
                    file = bundle / "model.safetensors"
                    file.write_bytes(of_bytes(rng, file.read_bytes()))
                case 6:
                    (bundle / "config.json").write_bytes(
                        of_bytes(rng, (self.seed / "config.json").read_bytes())
                    )
                case 7:
                    file = bundle / pick(rng, ["README.md", "recipe.toml", "metrics.json"])
                    file.write_bytes(of_bytes(rng, file.read_bytes()))
        load_restorer(bundle, "cpu")


class Hub:
    """Answers of a Hub or a mirror, pulled from as ``restorekit pull`` does."""

    hosts = ("evil.example",)  # a Hub says on which machine its large files lie

    def __init__(self, folder):
        # Set before the client is imported.
        os.environ |= {
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_VERBOSITY": "critical",
        }
        spec = importlib.util.spec_from_file_location("hub_of_tests", HOME / "tests" / "hub" / "conftest.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self._serving = module._serve()
        self.served = self._serving.__enter__()
        os.environ["HF_ENDPOINT"] = self.served.endpoint
        self.files = light_bundle()
        time.sleep = lambda seconds: None  # the client waits between its trials

    def attempt(self, folder, rng, number):
        from restorekit.bundle import WEIGHTS, load_bundle
        from restorekit.hub.pull import pull
        from restorekit.tensors import stated

        repo = f"user/n{number}-{os.getpid()}"
        self.served.put(repo, self.files | {"README.md": f"{number}".encode()})
        names = list(self.files)
        match int(rng.integers(5)):
            case 0 | 1 | 2:
                for _ in range(int(rng.integers(1, 3))):
                    self.served.lies[repo, pick(rng, names)] = self._lie(rng)
            case 3:
                listing = {"id": repo, "sha": pick(rng, [*WORDS, "0" * 40]), "siblings": [
                    {"rfilename": name, "blobId": "0" * 40, "size": 9} for name in names]}  # fmt: skip
                self.served.bodies[repo] = json.dumps(of_tree(rng, listing)).encode()
            case 4:
                fault = pick(
                    rng, [(status, {}) for status in (301, 302, 400, 401, 403, 404, 416, 418, 500, 503)]
                )
                wrong = pick(rng, [fault, lambda data, rng=rng: of_bytes(rng, data)[: len(data)]])
                self.served.faults[repo, pick(rng, names)] = [wrong] * int(rng.integers(1, 9))
        found = pull(repo)
        inside = found.resolve().is_relative_to(Path(os.environ["HF_HOME"]).resolve())
        assert inside, f"outside the cache: {found}"
        stated(load_bundle(found).path / WEIGHTS)
        blobs = [file for file in found.parents[1].glob("blobs/*") if file.suffix != ".incomplete"]
        for blob in blobs:
            data = blob.read_bytes()
            git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            assert blob.name in (git, hashlib.sha256(data).hexdigest()), (
                f"not what its name says: {blob.name}"
            )

    def close(self):
        self._serving.__exit__(None, None, None)

    def _lie(self, rng):
        header = pick(rng, ["X-Repo-Commit", "ETag", "X-Linked-Etag", "X-Linked-Size", "Content-Length", "Location",
                            "Content-Encoding", "Content-Range", "X-Xet-Hash", "Link", "X-Error-Code"])  # fmt: skip
        words = [word.encode("ascii", "ignore").decode().replace("\n", " ")[:200] for word in WORDS]
        value = pick(
            rng,
            [*words, *map(short, NUMBERS), "f" * 40, "0" * 64, "gzip", "../" * 9 + "x", f'"{"../" * 9}x"'],
        )
        return lambda headers: headers | {header: value.strip("\0\r")}


def short(number):
    """A number as text; one of too many digits as a few of them."""
    return "1" + "0" * 400 if isinstance(number, int) and abs(number) > 2**64 else str(number)


SUBJECTS = {"pictures": Pictures, "metadata": Metadata, "recipes": Recipes, "bundles": Bundles, "hub": Hub,
            "requests": Requests, "page": Page}  # fmt: skip

sys.set_int_max_str_digits(4300)
