"""Requests to the page of ``deblur --web``: to its gate alone, and to all of it as it is served."""

import asyncio
import json
import types
from pathlib import Path
from urllib.parse import quote

from hypothesis import strategies as st
from strategies import byte_changes, json_changes, of_bytes, of_tree, words

ASKED = [("GET", "/"), ("GET", "/parts/page.js"), ("GET", "/parts/{}"), ("POST", "/visits"), ("PUT", "{room}/choice"),
         ("GET", "/visits/http://evil.example/events"), ("POST", "{room}/photos?name=a.png"),
         ("POST", "{room}/photos?name=%00%ff"), ("POST", "{room}/photos?name=" + "%2e%2e%2f" * 12 + "etc%2fpasswd"),
         ("GET", "{room}/all?strength=1e-400"), ("GET", "{room}/photos/../../../etc/passwd"), ("DELETE", "{photo}"),
         ("POST", "{photo}/cancel"), ("POST", "{photo}/again"), ("PUT", "{photo}/parts/0"),
         ("PUT", "{photo}/parts/99999999999999999999"), ("GET", "{photo}/before.jpg?box=0,0,9,9&most=9"),
         ("GET", "{photo}/after.jpg?box=999999,0,0,1"), ("GET", "{photo}/file?strength=.5"),
         ("GET", "{photo}/file?strength=inf")]  # fmt: skip
ODD_HEADERS = ["Sec-Fetch-Site", "X-Forwarded-Host", "X-Forwarded-Proto", "Content-Length", "Cookie", "Range",
               "Transfer-Encoding", "Expect", "Content-Encoding", "Connection"]  # fmt: skip
ODD_VALUES = ["cross-site", "evil.example", "https", "-1", "9" * 30, "a=b", "chunked", "bytes=5-1"]
METHODS = ["POST", "GET", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE"]
ORIGINS = ["http://{}", "http://evil.example", "null", "http://localhost:1", "\x1b"]
HOSTS = ["evil.example", "{}.evil.example", "", "localhost", "127.1", "[::1]:7860"]
BODIES = [{"model": "same", "way": "As asked for"}, {"restore": True}]

_changes = {
    "method": st.sampled_from(METHODS),
    "Origin": st.sampled_from(ORIGINS),
    "Host": st.sampled_from(HOSTS),
    "header": st.tuples(st.sampled_from(ODD_HEADERS), st.sampled_from(ODD_VALUES)),
    "path": words,
    "tree": json_changes,
    "bytes": byte_changes,
}
requests = st.tuples(
    st.sampled_from(ASKED),
    st.sampled_from(BODIES),
    st.lists(st.one_of(*(st.tuples(st.just(what), how) for what, how in _changes.items())), max_size=3),
)
"""Requests near those that the page's own browser sends: what is asked, a body, and what is changed of them."""


class Requests:
    """Requests to the page's gate: what it passes on is of this machine's own browser."""

    mutants = requests

    def __init__(self, folder):
        pass

    def attempt(self, folder, mutant):
        from restorekit.web.gate import Gate

        passed, sent = [], []
        method, path, headers, body = request_of(mutant, "127.0.0.1:7860", "x", "y")

        async def app(scope, receive, send):
            passed.append(await receive())

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            sent.append(message)

        encoded = [(key.lower().encode(), value.encode("latin-1", "replace")) for key, value in headers]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": encoded}
        asyncio.run(Gate(app, _raise)(scope, receive, send))
        if not passed:
            assert 400 <= sent[0]["status"] < 500
            return "refused"
        told = {key.lower(): value for key, value in headers}
        assert told["host"] in ("127.0.0.1:7860", "localhost")
        assert told.get("origin") in (None, f"http://{told['host']}")
        return "taken"


class Page:
    """Requests to the page itself, as it is served."""

    mutants = requests

    def __init__(self, folder):
        import threading

        from restorekit.contracts import Restorer
        from restorekit.plugins import registry
        from restorekit.web.desk import Desk
        from restorekit.web.serve import serve
        from restorekit.web.studio import Studio

        class Same(Restorer):
            name, license = "same", "CC0"

            def restore_arrays(self, images):
                return images

            def restore(self, images):
                raise AssertionError("the page restores without torch")

        models = types.SimpleNamespace(names=["same"], load=lambda name: Same(), terms=lambda name: "terms")
        studio = Studio(models, registry("framing").get("whole")(), "auto", 10**6)
        ready, addresses, self.unexpected = threading.Event(), [], []
        self.desk = Desk(folder, studio, self.unexpected.append)

        def told(address):
            addresses.append(address)
            ready.set()

        threading.Thread(target=serve, args=(self.desk, 1.0, told), daemon=True).start()
        assert ready.wait(120)
        self.desk._work.add(lambda: None).result(120)  # what is imported meanwhile may start programs
        self.host, self.folder = addresses[0].split("/")[2], folder
        self.data = (Path(__file__).parents[2] / "docs" / "images" / "astronaut_blurred.png").read_bytes()

    def attempt(self, folder, mutant):
        import http.client

        visitor = self.desk.enter()
        self.desk.listens(visitor, True)
        with self.desk.place(visitor, "a.png", len(self.data)) as place:
            place.write_bytes(self.data)
            photo = self.desk.take(visitor, place)
        method, path, headers, body = request_of(mutant, self.host, visitor, photo, self.data)
        asked = http.client.HTTPConnection("127.0.0.1", int(self.host.partition(":")[2]), timeout=60)
        asked.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        lengths = {"content-length": str(len(body)), **{key.lower(): value for key, value in headers}}
        for key, value in lengths.items():
            asked.putheader(key, value.encode("latin-1", "replace"))
        try:
            asked.endheaders(body)
            status = asked.getresponse().status
        except (http.client.HTTPException, OSError, TimeoutError):
            status = 400  # a server hangs up where a request is none
        finally:
            asked.close()
            self.desk.leave(visitor)
        assert not self.unexpected, self.unexpected.pop()
        return "refused" if status >= 400 else "taken"


def _raise(error):
    raise error


def request_of(mutant, host, visitor, photo, data=b""):
    """Make the request to a host of one that was drawn: method, path, headers and body."""
    (method, path), tree, changes = mutant
    room = f"/visits/{visitor}"
    path = path.replace("{room}", room).replace("{photo}", f"{room}/photos/{photo}")
    body = data if "name=" in path else json.dumps(tree).encode()
    headers = {"Host": host}
    for what, how in changes:
        match what:
            case "method":
                method = how
            case "Host" | "Origin":
                headers[what] = how.format(host)
            case "header":
                headers[how[0]] = how[1]
            case "path":
                path += quote(how, errors="replace")
            case "tree" if "name=" not in path:
                body = json.dumps(of_tree(tree, how)).encode()
            case "bytes":
                body = of_bytes(body, how)
    return method, path, list(headers.items()), b"" if method in ("GET", "HEAD") else body
