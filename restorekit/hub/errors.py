"""What can go wrong between here and the Hub, each in one line with the next step."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from restorekit.errors import BundleError, RestorekitError, brief
from restorekit.hub.answers import checked_answers

_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)

LOGIN = "log in with: hf auth login"


@contextmanager
def hub_errors(repo: str, revision: str | None = None, file: str | None = None) -> Iterator[None]:
    """Check what the Hub answers in the block, and say in a line what its client raises.

    Args:
        repo: The repository, ``OWNER/NAME``.
        revision: The branch, tag or commit that is asked for; None for the newest commit.
        file: The one file that is asked for; None for a bundle.

    Raises:
        BundleError: Whatever kept the block from ending well; the client's own error is its cause.
    """
    try:
        with checked_answers(repo, file):
            yield
    except RestorekitError:
        raise
    except Exception as error:  # the client and the libraries below it raise each their own
        causes = list(_causes(error))
        known = (_explain(cause, repo, revision, file) for cause in causes)
        reason = brief(causes[-1])
        message, hint = next(filter(None, known), None) or (
            f"{repo}: the Hub does not answer as it should ({type(causes[-1]).__name__}: {reason})",
            "check the connection, HF_ENDPOINT and HF_HUB_OFFLINE, and try again",
        )
        raise BundleError(message, hint) from error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and what it was raised from, without the client's 'not in the cache either'."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    while error is not None:
        if not isinstance(error, LocalEntryNotFoundError) or error.__cause__ is None:
            yield error
        error = error.__cause__


def _explain(
    error: BaseException, repo: str, revision: str | None, file: str | None
) -> tuple[str, str] | None:
    """Return what is wrong and the next step, or None for what needs no words of its own."""
    from huggingface_hub import errors

    if isinstance(error, OSError) and error.errno in _UNWRITABLE:
        return (
            f"{repo} cannot be written into the Hub's cache ({os.strerror(error.errno)})",
            "make room, or set HF_HOME to a folder on another disk",
        )
    if isinstance(error, errors.OfflineModeIsEnabled) and file is not None:
        return (
            f"{file} of {repo} is not in the Hub's cache, and HF_HUB_OFFLINE is set",
            "unset that and try again",
        )
    if isinstance(error, errors.OfflineModeIsEnabled):
        return (
            f"{repo} is neither a folder here nor whole in the Hub's cache, and HF_HUB_OFFLINE is set",
            f"unset that and run: restorekit pull {repo}",
        )
    if isinstance(error, errors.LocalTokenNotFoundError):
        return f"{repo}: the Hub must know who you are", LOGIN
    if isinstance(error, errors.GatedRepoError):
        return f"{repo} is gated: its owner says who may read it", f"ask for access on its page, and {LOGIN}"
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{repo} has no revision '{revision}'", "give a branch, tag or commit that its page shows"
    if isinstance(error, errors.EntryNotFoundError) and file is not None:
        return f"{repo} has no file {file}", "check its page"
    if isinstance(error, errors.EntryNotFoundError):
        return (
            f"{repo} is not a bundle: it has no config.json",
            "choose a repository made by restorekit publish",
        )
    if isinstance(error, errors.RepositoryNotFoundError) and file is not None:
        return f"the Hub has no {repo} that you may read", f"check the name; if it is private, {LOGIN}"
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"no folder '{repo}' here, and no model of that name on the Hub that you may read",
            f"check the name; if it is private, {LOGIN}",
        )
    response = getattr(error, "response", None)
    return None if response is None else _status(response.status_code, response.headers, repo)


def _status(status: int, headers: dict[str, str], repo: str) -> tuple[str, str] | None:
    if status == 401:
        return f"{repo}: the Hub does not know you (401)", LOGIN
    if status == 403:
        return f"{repo}: the Hub does not allow you this (403)", "check the rights of your token and account"
    if status in (409, 412):
        return f"{repo} has changed meanwhile ({status})", "look at its page, and try again"
    if status == 429:
        wait = headers.get("Retry-After", "")
        when = f"in {wait} s" if wait.isdigit() else "later"
        return f"{repo}: the Hub is asked too often from here (429)", f"try again {when}, or {LOGIN}"
    if status >= 500:
        return f"{repo}: the Hub has a fault of its own ({status})", "try again later"
    return None
