"""What is attacked: each subject says what its mutants are, and gives one to a room as a user would.

Pictures stay bytes: a strategy for their structure would be one for each codec, and what is near a seed breaks more.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from page_subjects import Page, Requests
from seeds import RECIPE, exif, light_bundle, png, scans, tiff, tiny_bundle
from strategies import (
    byte_changes,
    json_changes,
    numbers,
    of_bytes,
    of_text,
    of_tree,
    text_changes,
    toml_changes,
    words,
)

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
        self.mutants = st.tuples(st.integers(0, len(self.seeds) - 1), byte_changes)

    def attempt(self, folder, mutant):
        from restorekit.images import read, write

        seed, changes = mutant
        suffix, data = self.seeds[seed]
        file = folder / f"a{suffix}"
        file.write_bytes(of_bytes(data, changes))
        picture = read(file, 10**7)
        try:
            write(folder / "out.png", picture)
        except Exception as error:
            raise AssertionError(f"read, but not written: {error}") from error


class Metadata:
    """Pictures that are whole, with metadata that are not: the picture is kept, whatever they are."""

    def __init__(self, folder):
        blocks = {
            "exif": exif(),
            "xmp": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'></x:xmpmeta>",
            "icc": b"\0" * 132,
            "iptc": b"\x1c\x02\x05\0\x03abc",
        }
        fields = {name: _near(seed) | st.just(bytes(range(250)) * 280) for name, seed in blocks.items()}
        fields |= {
            "dpi": st.tuples(numbers, numbers),
            "text": st.lists(st.tuples(words, words), min_size=1, max_size=3).map(tuple),
        }
        suffixes = st.sampled_from([".png", ".jpg", ".webp", ".tif", ".bmp"])
        self.mutants = st.tuples(suffixes, st.fixed_dictionaries({}, optional=fields))

    def attempt(self, folder, mutant):
        from restorekit.images import Picture, read, write

        suffix, given = mutant
        file = folder / f"a{suffix}"
        try:
            write(file, Picture(np.full((24, 32, 3), 99, np.uint8), **given))
        except Exception as error:
            raise AssertionError(f"a picture lost for its {sorted(given)}: {error}") from error
        assert sorted(read(file).pixels.shape) == [3, 24, 32]  # EXIF may turn it


def _near(seed):
    return st.builds(of_bytes, st.just(seed), byte_changes)


class Recipes:
    """Texts of recipes and overrides, checked as ``restorekit check`` checks them."""

    def __init__(self, folder):
        self.seeds = [RECIPE, *(file.read_text("utf-8") for file in sorted(HOME.glob("recipes/*.toml")))]
        keys = st.sampled_from(["optim.lr", "stage.0.steps", "loss.content.weight", "data.size"]) | words
        values = words | numbers.map(str) | st.sampled_from(["[1", "{a=1}", "9" * 5000, "0x" + "f" * 5000])
        self.mutants = st.tuples(
            st.just(0) | st.integers(0, len(self.seeds) - 1),
            st.one_of(
                st.tuples(st.just("text"), text_changes),
                st.tuples(st.just("tree"), toml_changes),
                st.tuples(st.just("override"), st.builds("{}={}".format, keys, values)),
            ),
        )

    def attempt(self, folder, mutant):
        import tomllib

        import tomli_w

        from restorekit import load_recipe

        seed, change = mutant
        text, overrides = self.seeds[seed], []
        match change:
            case "text", changes:
                text = of_text(text, changes)
            case "tree", changes:
                text = tomli_w.dumps(of_tree(tomllib.loads(text), changes))
            case "override", override:
                overrides = [override]
        (folder / "r.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
        load_recipe(folder / "r.toml", overrides)


class Bundles:
    """Directories of models: their configs, weights and cards, loaded as ``deblur --model`` loads them."""

    def __init__(self, folder):
        self.seed = tiny_bundle(folder)
        self.config = json.loads((self.seed / "config.json").read_text())
        geometry = st.sampled_from(["size", "left_eye", "right_eye", "crop"])
        odd = st.one_of(numbers, words, st.lists(st.none() | numbers, max_size=3), st.just({}))
        names = ["model.safetensors"] * 2 + ["config.json", "README.md", "recipe.toml", "metrics.json"]
        self.mutants = st.lists(
            st.one_of(
                st.tuples(st.just("config"), json_changes),
                st.tuples(st.just("geometry"), geometry, odd),
                st.tuples(st.sampled_from(names), byte_changes),
            ),
            min_size=1,
            max_size=2,
        )

    def attempt(self, folder, mutant):
        from restorekit.restore.load import load_restorer

        bundle = folder / "bundle"
        shutil.copytree(self.seed, bundle)
        for where, *change in mutant:
            match where, *change:
                case "config", changes:
                    (bundle / "config.json").write_text(json.dumps(of_tree(self.config, changes)))
                case "geometry", name, value:
                    geometry = {"size": 64, "left_eye": [20, 30], "right_eye": [40, 30], name: value}
                    geometry = (self.config["geometry"] or {}) | geometry
                    (bundle / "config.json").write_text(json.dumps(self.config | {"geometry": geometry}))
                case name, changes:
                    (bundle / name).write_bytes(of_bytes((bundle / name).read_bytes(), changes))
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
            "HF_HUB_DOWNLOAD_TIMEOUT": "1",  # else a lie about a length is waited for ten seconds
            "HF_HUB_ETAG_TIMEOUT": "1",
        }
        spec = importlib.util.spec_from_file_location("hub_of_tests", HOME / "tests" / "hub" / "conftest.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self._serving = module._serve()
        self.served = self._serving.__enter__()
        os.environ["HF_ENDPOINT"] = self.served.endpoint
        self.files = light_bundle()
        time.sleep = lambda seconds: None  # the client waits between its trials
        self.mutants = self._mutants(st.sampled_from(list(self.files)))
        self.pulled = 0

    @staticmethod
    def _mutants(names):
        headers = ["X-Repo-Commit", "ETag", "X-Linked-Etag", "X-Linked-Size", "Content-Length", "Location",
                   "Content-Encoding", "Content-Range", "X-Xet-Hash", "Link", "X-Error-Code"]  # fmt: skip
        said = ["f" * 40, "0" * 64, "gzip", "../" * 9 + "x", f'"{"../" * 9}x"']
        values = st.one_of(st.sampled_from(said), numbers.map(str), words.map(_as_header))
        statuses = st.sampled_from([301, 302, 400, 401, 403, 404, 416, 418, 500, 503])
        lie = st.tuples(st.just("lie"), names, st.sampled_from(headers), values)
        listing = st.tuples(st.just("listing"), st.just("0" * 40) | words, json_changes)
        fault = st.tuples(st.just("fault"), names, statuses | byte_changes, st.integers(1, 8))
        return st.lists(st.one_of(lie, listing, fault), min_size=1, max_size=2)

    def attempt(self, folder, mutant):
        from restorekit.bundle import WEIGHTS, load_bundle
        from restorekit.hub.pull import pull
        from restorekit.tensors import stated

        self.pulled += 1
        repo = f"user/n{self.pulled}-{os.getpid()}"
        self.served.put(repo, self.files | {"README.md": f"{self.pulled}".encode()})
        for each in mutant:
            match each:
                case "lie", name, header, value:
                    self.served.lies[repo, name] = partial(dict, **{header: value})
                case "listing", commit, changes:
                    siblings = [{"rfilename": name, "blobId": "0" * 40, "size": 9} for name in self.files]
                    listing = of_tree({"id": repo, "sha": commit, "siblings": siblings}, changes)
                    self.served.bodies[repo] = json.dumps(listing).encode()
                case "fault", name, int(status), times:
                    self.served.faults[repo, name] = [(status, {})] * times
                case "fault", name, changes, times:
                    wrong = partial(_wrong, changes=changes)
                    self.served.faults[repo, name] = [wrong] * times
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


def _wrong(data, changes):
    return of_bytes(data, changes)[: len(data)]


def _as_header(word):
    return word.encode("ascii", "ignore").decode().replace("\n", " ").strip("\0\r")[:200]


SUBJECTS = {"pictures": Pictures, "metadata": Metadata, "recipes": Recipes, "bundles": Bundles, "hub": Hub,
            "requests": Requests, "page": Page}  # fmt: skip

sys.set_int_max_str_digits(4300)
