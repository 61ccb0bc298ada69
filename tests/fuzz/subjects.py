"""What is attacked: each subject makes a mutant in a folder and gives it to a room as a user would."""

import asyncio
import hashlib
import importlib.util
import json
import os
import shutil
import struct
import sys
import time
import types
from pathlib import Path

import numpy as np
from mutate import NUMBERS, WORDS, of_bytes, of_text, of_tree, pick

HOME = Path(__file__).parents[2]
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


class Pictures:
    """Bytes of pictures of every kind, read as the commands read them, and what was read written again."""

    def __init__(self, folder):
        from restorekit.images import Picture, write

        rng = np.random.default_rng(0)
        self.seeds = []
        for suffix in (".png", ".jpg", ".webp", ".tif", ".bmp", ".avif", ".heic"):
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
            (".jpg", scans(self.seeds)),
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
        self.files = {file.name: file.read_bytes() for file in tiny_bundle(folder).iterdir()}
        time.sleep = lambda seconds: None  # the client waits between its trials

    def attempt(self, folder, rng, number):
        from restorekit.bundle import load_bundle
        from restorekit.hub.pull import pull

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
        load_bundle(found).module()
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


class Requests:
    """Requests to the page's gate: what it passes on is of this machine's own browser, and bounded."""

    def __init__(self, folder):
        self.folder = folder / "photos"
        self.folder.mkdir()
        (self.folder / "a.png").write_bytes(b"a")

    def attempt(self, folder, rng, number):
        from restorekit.web.gate import PHOTO, Gate
        from restorekit.web.gate import WORDS as MOST

        passed, sent = [], []
        method, path, headers, body = request_of(rng, "127.0.0.1:7860", str(self.folder / "a.png"))

        async def app(scope, receive, send):
            taken = b""
            while (message := await receive()).get("more_body"):
                taken += message["body"]
            passed.append(taken + message.get("body", b""))

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            sent.append(message)

        encoded = [(key.lower().encode(), value.encode("latin-1", "replace")) for key, value in headers]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": encoded}
        asyncio.run(Gate(app, self.folder)(scope, receive, send))
        if not passed:
            assert 400 <= sent[0]["status"] < 500
            return "refused"
        told = {key.lower(): value for key, value in headers}
        assert told["host"] in ("127.0.0.1:7860", "localhost")
        assert told.get("origin") in (None, f"http://{told['host']}")
        if passed[0] and not path.endswith("/upload"):
            assert set(files_in(json.loads(passed[0]))) <= {str(self.folder / "a.png")}
        assert len(passed[0]) <= (PHOTO if path.endswith("/upload") else MOST)
        return "taken"


class Page:
    """Requests to the page itself, as it is served; Gradio may complain of them, and goes on."""

    quiet = False

    def __init__(self, folder):
        import threading

        import matplotlib.font_manager  # noqa: F401  (which Gradio imports, asks a program for fonts)

        os.environ |= {
            "GRADIO_TEMP_DIR": str(folder),
            "GRADIO_ANALYTICS_ENABLED": "False",
            "HF_HUB_OFFLINE": "1",
        }
        from restorekit.contracts import Restorer
        from restorekit.plugins import registry
        from restorekit.web.desk import Desk
        from restorekit.web.serve import serve

        class Same(Restorer):
            name, license = "same", "CC0"

            def restore(self, images):
                return images

        models = types.SimpleNamespace(names=["same"], load=lambda name: Same(), terms=lambda name: "terms")
        ready, addresses = threading.Event(), []
        desk = Desk(folder, models, registry("framing").get("whole")())

        def told(address):
            addresses.append(address)
            ready.set()

        threading.Thread(target=serve, args=(desk, 1.0, told), daemon=True).start()
        assert ready.wait(120)
        self.host, self.folder = addresses[0].split("/")[2], folder
        (folder / "a.png").write_bytes(b"a")

    def attempt(self, folder, rng, number):
        import http.client

        method, path, headers, body = request_of(rng, self.host, str(self.folder / "a.png"))
        asked = http.client.HTTPConnection("127.0.0.1", int(self.host.partition(":")[2]), timeout=60)
        asked.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        lengths = {"content-length": str(len(body)), **{key.lower(): value for key, value in headers}}
        for key, value in lengths.items():
            asked.putheader(key, value.encode("latin-1", "replace"))
        try:
            asked.endheaders(body)
            if "queue/data" in path or "heartbeat" in path:  # they go on
                return "taken"
            status = asked.getresponse().status
        except (http.client.HTTPException, OSError, TimeoutError):
            return "refused"  # a server hangs up where a request is none
        finally:
            asked.close()
        return "refused" if status >= 400 else "taken"


PATHS = ["/", "/config", "/gradio_api/upload", "/gradio_api/run/take", "/gradio_api/queue/join",
         "/gradio_api/call/restore", "/gradio_api/queue/data?session_hash=x", "/gradio_api/reset",
         "/gradio_api/component_server", "/gradio_api/cancel", "/gradio_api/info", "/gradio_api/file={}",
         "/gradio_api/file=http://evil.example/x", "/gradio_api/file=/etc/passwd", "/gradio_api/heartbeat/x",
         "/gradio_api/file=" + "../" * 12 + "etc/passwd", "/gradio_api/proxy=http://evil.example",
         "/gradio_api/stream/x"]  # fmt: skip
ODD_HEADERS = ["Sec-Fetch-Site", "X-Forwarded-Host", "X-Forwarded-Proto", "Content-Length", "Cookie"]


def request_of(rng, host, photo):
    """A request near those that the page's own browser sends."""
    method = pick(rng, ["POST"] * 6 + ["GET"] * 3 + ["HEAD", "PUT", "OPTIONS"])
    path = pick(rng, PATHS).format(photo)
    headers = [("Host", host)]
    if rng.random() < 0.3:
        headers.append(
            (
                "Origin",
                pick(rng, [f"http://{host}", "http://evil.example", "null", "http://localhost:1", "\x1b"]),
            )
        )
    if rng.random() < 0.15:
        headers[0] = (
            "Host",
            pick(rng, ["evil.example", f"{host}.evil.example", "", "localhost", "127.1", "[::1]:7860"]),
        )
    if rng.random() < 0.2:
        odd = pick(rng, ["cross-site", "evil.example", "https", "-1", "9" * 30, "a=b"])
        headers.append((pick(rng, ODD_HEADERS), odd))
    file = {"path": photo, "url": None, "orig_name": "a.png", "meta": {"_type": "gradio.FileData"}}
    tree = {"data": [file, "same", "whole", 1.0], "fn_index": 0, "session_hash": "x", "event_data": None}
    places = [
        "http://evil.example/x",
        "//evil.example/x",
        "file:///etc/passwd",
        "/etc/passwd",
        "",
        "\0",
        "x" * 5000,
    ]
    if rng.random() < 0.5:
        file[pick(rng, ["path", "url"])] = pick(rng, places)
    if rng.random() < 0.6:
        tree = of_tree(rng, tree)
    body = json.dumps(tree).encode()
    if rng.random() < 0.2:
        body = of_bytes(rng, body)
    if path.endswith("/upload"):
        part = (
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\nabc\r\n--x--\r\n'
        )
        body = of_bytes(rng, part) if rng.random() < 0.7 else part
        headers.append(("Content-Type", "multipart/form-data; boundary=x"))
    elif rng.random() < 0.8:
        headers.append(("Content-Type", "application/json"))
    return method, path, headers, b"" if method in ("GET", "HEAD") else body


def files_in(tree):
    """The paths of all files in what is sent."""
    if isinstance(tree, dict):
        yield from [tree["path"]] if tree.get("path") is not None else []
        tree = list(tree.values())
    for each in tree if isinstance(tree, list) else []:
        yield from files_in(each)


def short(number):
    """A number as text; one of too many digits as a few of them."""
    return "1" + "0" * 400 if isinstance(number, int) and abs(number) > 2**64 else str(number)


def tiny_bundle(folder):
    """A bundle of a small network."""
    from restorekit import load_recipe
    from restorekit.bundle import save_bundle

    (folder / "r.toml").write_text(RECIPE)
    recipe = load_recipe(folder / "r.toml")
    module = recipe.network.build(recipe.tasks)
    save_bundle(folder / "seed", recipe, module, metrics={}, steps=1)
    return folder / "seed"


def exif():
    """A small EXIF block."""
    from PIL import Image

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
    import io

    from PIL import Image, PngImagePlugin

    text, stream = PngImagePlugin.PngInfo(), io.BytesIO()
    text.add_text("Comment", "seen " * 99, zip=True)
    text.add_itxt("Title", "söndag", zip=True)
    image = Image.fromarray(np.arange(24 * 24, dtype=np.uint8).reshape(24, 24)).convert("P")
    image.save(stream, "PNG", pnginfo=text, transparency=3)
    return stream.getvalue()


def scans(seeds):
    """A progressive JPEG whose scans are repeated."""
    import io

    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(np.arange(3 * 24 * 24, dtype=np.uint8).reshape(24, 24, 3)).save(
        stream, "JPEG", progressive=True
    )
    data = stream.getvalue()
    at = data.rindex(b"\xff\xda")
    return data[:at] + data[at:-2] * 40 + data[-2:]


SUBJECTS = {"pictures": Pictures, "metadata": Metadata, "recipes": Recipes, "bundles": Bundles, "hub": Hub,
            "requests": Requests, "page": Page}  # fmt: skip

sys.set_int_max_str_digits(4300)
