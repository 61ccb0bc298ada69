"""Requests to the page of ``deblur --web``: to its gate alone, and to all of it as it is served."""

import asyncio
import json
import os
import types

from mutate import of_bytes, of_tree, pick

PATHS = ["/", "/config", "/gradio_api/upload", "/gradio_api/run/take", "/gradio_api/queue/join",
         "/gradio_api/call/restore", "/gradio_api/queue/data?session_hash=x", "/gradio_api/reset",
         "/gradio_api/component_server", "/gradio_api/cancel", "/gradio_api/info", "/gradio_api/file={}",
         "/gradio_api/file=http://evil.example/x", "/gradio_api/file=/etc/passwd", "/gradio_api/heartbeat/x",
         "/gradio_api/file=" + "../" * 12 + "etc/passwd", "/gradio_api/proxy=http://evil.example",
         "/gradio_api/stream/x"]  # fmt: skip
ODD_HEADERS = ["Sec-Fetch-Site", "X-Forwarded-Host", "X-Forwarded-Proto", "Content-Length", "Cookie"]


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
