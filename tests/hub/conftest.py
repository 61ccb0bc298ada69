"""A read-only Hub on loopback: datasets from memory, and a record of the bytes that were asked for."""

import contextlib
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def answer(datasets, method, path, body):
    """Return status, headers and body for a request of the Hub's client."""
    parts = unquote(urlsplit(path).path).strip("/").split("/")
    api = parts[0] == "api"
    repo, (verb, revision, *rest) = "/".join(parts[1 + api : 3 + api]), [*parts[3 + api :], "", ""][:99]
    if repo not in datasets:
        return 401 if api else 404, {"X-Error-Code": "RepoNotFound"}, b""
    if revision not in ("", "main", COMMIT):
        return 404, {"X-Error-Code": "RevisionNotFound"}, b""
    files, name = datasets[repo], "/".join(part for part in rest if part)
    if verb == "resolve":
        if name not in files:
            return 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, b""
        return 200, {"X-Repo-Commit": COMMIT, "ETag": f'"{oid(files[name])}"'}, files[name]
    if verb == "tree":
        found = [entry(n, files) for n in listed(files) if n.startswith(f"{name}/" if name else "")]
    elif verb == "paths-info":
        found = [entry(n, files) for n in json.loads(body)["paths"] if n in listed(files)]
    else:
        found = {"id": repo, "sha": COMMIT, "siblings": [{"rfilename": n} for n in files], "tags": []}
    return 200, {}, json.dumps(found).encode()


def oid(data):
    return hashlib.sha1(data).hexdigest()


def listed(files):
    folders = {name.rpartition("/")[0] for name in files} - {""}
    return sorted([*files, *folders])


def entry(name, files):
    if name not in files:
        return {"type": "directory", "path": name, "oid": oid(name.encode()), "size": 0}
    return {"type": "file", "path": name, "oid": oid(files[name]), "size": len(files[name])}


@pytest.fixture(scope="session")
def hub():
    """A context manager that serves ``{repo: {file: bytes}}``."""
    return _serve


@contextlib.contextmanager
def _serve(datasets):
    """Serve ``{repo: {file: bytes}}``; yields the endpoint and a list of (path, bytes sent) that grows."""
    sent = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, data = answer(datasets, self.command, self.path, body)
            if status == 200 and (asked := self.headers.get("Range")):
                first, _, last = asked.removeprefix("bytes=").partition("-")
                total, data = len(data), data[int(first) : int(last) + 1 if last else None]
                headers |= {"Content-Range": f"bytes {first}-{int(first) + len(data) - 1}/{total}"}
                status = 206
            self.send_response(status)
            for key, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)
                sent.append((urlsplit(self.path).path, len(data)))

        do_GET = do_HEAD = do_POST = _reply

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", sent
    finally:
        server.shutdown()
        server.server_close()
