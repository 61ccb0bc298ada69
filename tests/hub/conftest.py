"""A Hub on loopback that speaks what the true client calls: datasets to read, models to write and read, and faults."""

import base64
import contextlib
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_abcdefghijklmnopqrstuvwxyz"
LARGE = ".safetensors"


class Hub:
    """Repositories by name, each with its commits, and what was asked of it.

    Attributes:
        endpoint: Where it listens.
        token: What lets a client in.
        commits: ``{repo: {revision: {file: bytes}}}``, where main is the newest.
        private: Repositories that need the token; others are written with it only.
        faults: ``{(repo, file): [what befalls the requests for it, one after the other]}``: a status with headers,
            or a function from its bytes to what is sent of them.
        lies: ``{(repo, file): a function from the headers of its answer to those that are sent}``.
        endless: Files that go on for ever.
        bodies: ``{repo: what is said of it}``, whatever was asked.
        sent: (path, bytes sent), a list that grows.
    """

    def __init__(self, datasets=()):
        self.commits = {repo: {"main": files, COMMIT: files} for repo, files in dict(datasets).items()}
        self.private, self.gated = set(), set()
        self.stored, self.faults, self.sent, self.messages = {}, {}, [], []
        self.lies, self.endless, self.bodies = {}, set(), {}
        self.endpoint, self.token = "", TOKEN

    def put(self, repo, files):
        """Commit a whole set of files, and return the commit's id."""
        commit = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()
        self.commits.setdefault(repo, {}).update({"main": files, commit: files})
        return commit

    def head(self, repo, revision="main"):
        """The id of the commit that a revision names."""
        files = self.commits[repo][revision]
        return next(name for name, found in self.commits[repo].items() if found is files and len(name) == 40)

    def answer(self, method, url, body, token):
        """Return status, headers and body for a request."""
        parts = unquote(urlsplit(url).path).strip("/").split("/")
        if parts[0] == "lfs":
            return self.large_file(method, parts[1], body)
        if parts[-1] == "batch":
            return self.batch(json.loads(body))
        if parts[:2] in (["api", "whoami-v2"], ["api", "validate-yaml"]):
            return replied({"name": "user", "errors": [], "warnings": []})
        if parts == ["api", "repos", "create"]:
            return self.create(json.loads(body), token)
        api = parts[0] == "api"
        first = api + (parts[api] in ("datasets", "models"))
        repo, (verb, revision, *rest) = "/".join(parts[first : first + 2]), [*parts[first + 2 :], "", ""]
        name = "/".join(part for part in rest if part)
        if faulty := self.fault(repo, name):
            return faulty
        if repo in self.bodies:
            return 200, {}, self.bodies[repo]
        if repo not in self.commits or (repo in self.private and not token):
            return 401 if api else 404, {"X-Error-Code": "RepoNotFound"}, b""
        if repo in self.gated and not token and not api:
            return 403, {"X-Error-Code": "GatedRepo"}, b""
        if (revision or "main") not in self.commits[repo]:
            return 404, {"X-Error-Code": "RevisionNotFound"}, b""
        if verb == "preupload":
            asked = [file["path"] for file in json.loads(body)["files"]]
            modes = {path: "lfs" if path.endswith(LARGE) else "regular" for path in asked}
            told = [{"path": path, "uploadMode": mode, "shouldIgnore": False} for path, mode in modes.items()]
            return replied({"files": told})
        if verb == "commit":
            return self.commit(repo, body, token)
        files, commit = self.commits[repo][revision or "main"], self.head(repo, revision or "main")
        if verb == "resolve":
            status, headers, data = self.resolve(repo, files, commit, name)
            return status, self.lies.get((repo, name), dict)(headers), data
        if verb == "tree":
            return replied(
                [entry(n, files) for n in listed(files) if n.startswith(f"{name}/" if name else "")]
            )
        if verb == "paths-info":
            return replied([entry(n, files) for n in json.loads(body)["paths"] if n in listed(files)])
        siblings = [sibling(name, data) for name, data in files.items()]
        return replied(
            {"id": repo, "sha": commit, "siblings": siblings, "tags": [], "private": repo in self.private}
        )

    def fault(self, repo, name):
        """A status that stands in the way of a file."""
        waiting = self.faults.get((repo, name), [])
        return (*waiting.pop(0), b"") if waiting and isinstance(waiting[0], tuple) else None

    def resolve(self, repo, files, commit, name):
        headers = {"X-Repo-Commit": commit}
        if name not in files:
            return 404, {"X-Error-Code": "EntryNotFound"} | headers, b""
        data = files[name]
        if not name.endswith(LARGE):
            return 200, headers | {"ETag": f'"{oid(data)}"'}, data
        place = self.endpoint.replace(
            "127.0.0.1", "localhost"
        )  # the client must not follow this while it asks
        linked = {"X-Linked-Etag": f'"{sha256(data)}"', "X-Linked-Size": str(len(data))}
        self.stored[sha256(data)] = data
        return 302, headers | linked | {"Location": f"{place}/lfs/{sha256(data)}/{repo}/{name}"}, b""

    def large_file(self, method, digest, body):
        if method == "PUT":
            assert sha256(body) == digest
            self.stored[digest] = body
        return 200, {}, self.stored[digest] if method in ("GET", "HEAD") else b"{}"

    def batch(self, asked):
        place = {each["oid"]: {"href": f"{self.endpoint}/lfs/{each['oid']}"} for each in asked["objects"]}
        return replied({"transfer": "basic", "objects": [
            each | {"actions": {"upload": place[each["oid"]], "verify": place[each["oid"]]}}
            for each in asked["objects"]]})  # fmt: skip

    def create(self, asked, token):
        repo = f"{asked['organization'] or 'user'}/{asked['name']}"
        if not token:
            return 401, {}, b""
        if repo in self.commits:
            return 409, {}, json.dumps({"url": f"{self.endpoint}/{repo}"}).encode()
        if asked.get("private") or asked.get("visibility") == "private":
            self.private.add(repo)
        self.put(repo, {".gitattributes": b""})
        return replied({"url": f"{self.endpoint}/{repo}"})

    def commit(self, repo, body, token):
        if not token:
            return 401, {}, b""
        files = dict(self.commits[repo]["main"])
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "header":
                self.messages.append(value["summary"])
                if value.get("parentCommit") != self.head(repo):
                    return 412, {}, b""
            elif line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            else:
                files[value["path"]] = self.stored[value["oid"]]
        commit = self.put(repo, files)
        return replied({"commitOid": commit, "commitUrl": f"{self.endpoint}/{repo}/commit/{commit}"})


def replied(value):
    return 200, {}, json.dumps(value).encode()


def oid(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def listed(files):
    folders = {name.rpartition("/")[0] for name in files} - {""}
    return sorted([*files, *folders])


def entry(name, files):
    if name not in files:
        return {"type": "directory", "path": name, "oid": oid(name.encode()), "size": 0}
    return {"type": "file", "path": name, "oid": oid(files[name]), "size": len(files[name])}


def sibling(name, data):
    found = {"rfilename": name, "blobId": oid(data), "size": len(data)}
    large = {"sha256": sha256(data), "size": len(data), "pointerSize": 134}
    return found | ({"lfs": large} if name.endswith(LARGE) else {})


@pytest.fixture(scope="session")
def hub():
    """A context manager that serves ``{repo: {file: bytes}}`` as a `Hub`."""
    return _serve


@contextlib.contextmanager
def _serve(datasets=()):
    hub = Hub(datasets)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            status, headers, data = hub.answer(self.command, self.path, body, token)
            if status == 200 and (asked := self.headers.get("Range")):
                first, _, last = asked.removeprefix("bytes=").partition("-")
                total, data = len(data), data[int(first) : int(last) + 1 if last else None]
                headers |= {"Content-Range": f"bytes {first}-{int(first) + len(data) - 1}/{total}"}
                status = 206
            self.send_response(status)
            endless = self.path.rpartition("/")[2] in hub.endless and self.command == "GET"
            length = {"Transfer-Encoding": "chunked"} if endless else {"Content-Length": str(len(data))}
            for key, value in {**length, **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            if endless:
                return self._go_on()
            if self.command != "HEAD":
                whole, data = data, self._befallen(data)
                self.wfile.write(data)
                hub.sent.append((urlsplit(self.path).path, len(data)))
                self.close_connection = len(data) < len(whole)

        def _go_on(self):
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")

        def _befallen(self, data):
            """What is sent of the bytes of a file: /lfs/DIGEST/OWNER/NAME/FILE or /OWNER/NAME/resolve/COMMIT/FILE."""
            parts = self.path.split("/")
            first = 3 if parts[1] == "lfs" else 1
            waiting = hub.faults.get(("/".join(parts[first : first + 2]), parts[-1]), [])
            return waiting.pop(0)(data) if waiting and callable(waiting[0]) else data

        do_GET = do_HEAD = do_POST = do_PUT = _reply

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
