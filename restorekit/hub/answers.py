"""What a Hub, or a mirror that poses as one, may answer: no more than was asked for, and no path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from restorekit import reading, tensors
from restorekit.bundle import WEIGHTS
from restorekit.errors import BundleError

_COMMIT, _DIGEST = re.compile(r"[0-9a-f]{40}"), re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

TALK = 2**24
"""Bytes that an answer may have that is no file."""


@contextmanager
def checked_answers(repo: str, file: str | None = None) -> Iterator[None]:
    """See within the block to every answer that the Hub's client gets, before it believes it.

    The client names folders and files of its cache by the commit and the digest that it is told, whatever they are,
    and writes as much as is sent.

    Args:
        repo: What is asked for, as errors call it.
        file: The file that is wanted, which may be as large as a bundle's weights; the others are texts.

    Raises:
        BundleError: A commit or digest is no hexadecimal number, or more is sent than was stated or may be.
    """
    from huggingface_hub import set_client_factory
    from huggingface_hub.utils import _http

    make = _http._GLOBAL_CLIENT_FACTORY  # there is no other way to ask for it
    check = _Check(repo, {WEIGHTS, file or WEIGHTS})

    def checked() -> Any:
        client = make()
        client.event_hooks["response"].append(check)
        return client

    set_client_factory(checked)
    try:
        yield
    finally:
        set_client_factory(make)


class _Check:
    """Looks at each answer; the size that a file is stated to have bounds what is read of it.

    Args:
        repo: What is asked for.
        large: The files that may be as large as weights.
    """

    def __init__(self, repo: str, large: set[str]) -> None:
        self._repo, self._large = repo, large
        self._stated = TALK

    def __call__(self, response: Any) -> None:
        headers, path = response.headers, response.request.url.path
        commit = headers.get("X-Repo-Commit")
        if commit is not None and not _COMMIT.fullmatch(commit):
            raise self._error(f"calls a commit '{commit}'")
        if "/resolve" in path and response.status_code < 400:
            digest = headers.get("X-Linked-Etag") or headers.get("ETag") or ""
            if commit is not None and not _DIGEST.fullmatch(digest.removeprefix("W/").strip('"')):
                raise self._error(f"states the digest '{digest}'")
            size = headers.get("X-Linked-Size") or headers.get("Content-Length") or ""
            if response.request.method == "HEAD" and size.isdecimal() and len(size) < 20:
                self._stated = max(self._fitting(int(size), path), TALK)
        response.iter_raw = self._bounded(response.iter_raw, self._stated)
        response.iter_bytes = self._bounded(response.iter_bytes, self._stated)

    def _fitting(self, size: int, path: str) -> int:
        large = any(path.endswith(f"/{name}") for name in self._large)
        most = tensors.LARGEST if large else reading.TEXT
        if size > most:
            raise self._error(f"states {size:,} bytes for {path.rpartition('/')[2]}, more than {most:,}")
        return size

    def _bounded(self, chunks: Callable[..., Iterator[bytes]], most: int) -> Callable[..., Iterator[bytes]]:
        def bounded(*sizes: int | None, **named: int | None) -> Iterator[bytes]:
            left = most
            for chunk in chunks(*sizes, **named):
                left -= len(chunk)
                if left < 0:
                    raise self._error(f"sends more than {most:,} bytes")
                yield chunk

        return bounded

    def _error(self, what: str) -> BundleError:
        return BundleError(f"{self._repo}: the Hub {what}", "set HF_ENDPOINT to a Hub that can be trusted")
