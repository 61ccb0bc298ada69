"""Tar files of images, the layout of WebDataset."""

from __future__ import annotations

import functools
import json
import os
import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restorekit.data.sources.chunks import Chunked, Encoded
from restorekit.errors import DataError, RestorekitError
from restorekit.images import SUFFIXES
from restorekit.reading import LISTING, read_text

_LARGEST = 2**29
"""Bytes of a member; one that is packed may unfold to any number."""

_META = re.compile(r"__[^/]*__($|/)")
"""Names of members that describe the shard rather than belong to it."""


@dataclass(frozen=True)
class Shards(Chunked):
    """Shards of WebDataset: tar files; members in a row with the same name, except for the ending, are one sample.

    Of each sample the first member that is a picture is taken. A shard is read as a whole, by every worker that
    needs it. Needs the extra ``webdataset``.

    Attributes:
        shards: Tar files, with braces for many (``photos-{000000..000099}.tar``); or give ``urls``.
        urls: The same as a URL, with braces; fetched by curl.
        index: JSON, ``{shard name: number of its samples}``; without it local shards are counted first. Where two
            shards have one name, each goes by its path below the folder that all share.
    """

    shards: Path | None = None
    urls: str | None = None
    index: Path | None = None

    def __post_init__(self) -> None:
        if (self.shards is None) == (self.urls is None):
            raise ValueError("give either shards, a path, or urls")
        if self.urls is not None and not re.match(r"https?://", self.urls):
            raise ValueError("urls must begin with http:// or https://; a path goes to shards")
        if self.urls is not None and re.search(r"[\s'\"]", self.urls):
            raise ValueError("urls has white space or quotes; write them as %20, %27 or %22")
        if self.shards is not None and self.shards.parts[:1] and self.shards.parts[0].endswith(":"):
            raise ValueError("shards is a path; give a URL as urls")

    @functools.cached_property
    def _shards(self) -> list[str]:
        _needed()
        from braceexpand import braceexpand  # comes with webdataset

        pattern = self.urls or str(self.shards)
        try:
            return list(braceexpand(pattern))
        except ValueError as error:
            raise DataError(f"{pattern}: {error}", "write it like {000000..000099}") from None

    @functools.cached_property
    def _names(self) -> list[str]:
        """What ids and index call each shard: its file's name, or else its path below the folder that all share."""
        paths = [shard.split("/") for shard in self._shards]
        names = [path[-1] for path in paths]
        if len(set(names)) == len(names):
            return names
        shared = len(os.path.commonprefix([path[:-1] for path in paths]))
        return ["/".join(path[shared:]) for path in paths]

    @functools.cached_property
    def lengths(self) -> Sequence[int]:
        """Samples in each shard."""
        if self.index is not None:
            lengths = self._indexed(self.index)
        elif self.urls is not None:
            raise DataError(
                f"{self.urls}: how many samples has each shard?",
                "give an index, JSON of the form {shard name: number of samples}",
            )
        else:
            lengths = [sum(1 for _ in _samples(shard, contents=False)) for shard in self._shards]
        if not sum(lengths):
            raise DataError(
                f"no pictures in {self.shards or self.urls}",
                f"a sample's picture is a member ending in {', '.join(sorted(SUFFIXES))}",
            )
        return lengths

    def _indexed(self, index: Path) -> list[int]:
        try:
            counts = json.loads(read_text(index, LISTING))
        except (OSError, ValueError, RecursionError) as error:
            raise DataError(f"{index}: cannot be read ({error})", "give a JSON file") from None
        for name in self._names:
            count = counts.get(name) if isinstance(counts, dict) else None
            if type(count) is not int or count < 0:
                raise DataError(
                    f"{index}: no number of samples for {name}", "the index is {shard name: number}"
                )
        return [counts[name] for name in self._names]

    def read(self, chunk: int) -> Sequence[Encoded]:
        """Read a shard; raises DataError if it is missing, cut short, or not as long as the index says."""
        shard = self._shards[chunk]
        name = self._names[chunk]
        found = [(f"{name}/{member}", data) for member, data in _samples(shard, contents=True)]
        if len(found) != self.lengths[chunk]:
            raise DataError(
                f"{shard} has {len(found)} samples with a picture, not {self.lengths[chunk]}",
                f"correct {self.index}" if self.index else "it changed while it was read; start again",
            )
        return found


def _needed() -> None:
    try:
        import webdataset  # noqa: F401
    except ImportError:
        raise RestorekitError(
            "the source 'webdataset' needs an extra", "pip install 'restorekit[webdataset]'"
        ) from None


def _samples(shard: str, *, contents: bool) -> Iterator[Encoded]:
    """The first picture of each sample of a shard, by its name there; without ``contents`` the bytes are skipped.

    Raises:
        DataError: The shard is missing, no tar file, cut short, or names a member twice.
    """
    from webdataset.tariterators import group_by_keys

    try:
        for sample in group_by_keys(_members(shard, contents)):
            endings = (key for key in sample if not key.startswith("__") and f".{key}".endswith(SUFFIXES))
            if (ending := next(endings, None)) is not None:
                yield f"{sample['__key__']}.{ending}", sample[ending]
    except OSError as error:
        if "://" in shard:
            code = re.search(r"exit \d+", str(error))  # of all that webdataset says of it
            raise DataError(
                f"{shard}: cannot be fetched (curl: {code[0] if code else error})",
                "check the address and the connection, and that curl is installed",
            ) from None
        raise DataError(
            f"{shard}: {error.strerror or error}", "correct the path or the numbers in braces"
        ) from None
    except (ValueError, EOFError, tarfile.TarError) as error:
        raise DataError(
            f"{shard}: cannot be read ({_reason(error)})", "copy it again from where it came from"
        ) from None


def _members(shard: str, contents: bool) -> Iterator[dict[str, Any]]:
    """The members of a shard, as webdataset groups them."""
    from webdataset.gopen import gopen

    local = "://" not in shard
    if local and os.path.exists(shard) and not os.path.isfile(shard):
        raise OSError("it is not a file")  # a pipe would be waited for
    with (
        open(shard, "rb") if local else gopen(shard) as stream,  # gopen would run a path such as pipe:rm
        tarfile.open(fileobj=stream, mode="r:*" if local else "r|*") as tar,
    ):
        for member in tar:
            if member.isreg() and not member.issparse() and not _META.match(member.name):
                if contents and member.size > _LARGEST:
                    raise OSError(f"{member.name} has {member.size / 2**30:.1f} GiB")
                file = tar.extractfile(member) if contents else None
                yield {"fname": member.name, "data": file.read() if file else b"", "__url__": shard}


def _reason(error: Exception) -> str:
    return " ".join(str(error.args[0] if error.args else error).split()) or type(error).__name__
