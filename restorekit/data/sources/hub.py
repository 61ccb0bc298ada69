"""Image datasets of the Hugging Face Hub, read where they are."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from restorekit.data.sources.chunks import Chunked, Encoded
from restorekit.errors import DataError, RestorekitError
from restorekit.registries import did_you_mean

CONVERTED = "try the Hub's own conversion with revision = 'refs/convert/parquet'"


@dataclass(frozen=True)
class RowGroup:
    """What is read at a time: one row group of a Parquet file.

    Attributes:
        file: Its ``hf://`` address, pinned to a commit.
        number: Which of the file's row groups.
        first: The number of its first row in the file.
        rows: How many it has.
    """

    file: str
    number: int
    first: int
    rows: int


@dataclass(frozen=True)
class HubImages(Chunked):
    """A dataset of the Hugging Face Hub in Parquet files, one image a row.

    At first only the footers of the files are read; then, a row group at a time, the column of the images. Nothing
    is downloaded whole or kept, so every worker reads again what it needs. Needs the extra ``datasets``.

    Attributes:
        repo: The dataset, ``OWNER/NAME``.
        config: The configuration; by default the dataset's default.
        split: The split.
        column: The column of the images: of the Hub's image type, or files as they are.
        revision: A branch, tag or commit; only a commit never changes.
    """

    repo: str
    config: str | None = None
    split: str = "train"
    column: str = "image"
    revision: str = "main"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", self.repo):
            raise ValueError(f"repo is OWNER/NAME, not '{self.repo}'")

    @functools.cached_property
    def _footers(self) -> dict[str, Any]:
        files = self._files()
        with self._hub(), ThreadPoolExecutor(8) as pool:
            footers = dict(zip(files, pool.map(_footer, files), strict=True))
        self._check_column(footers[files[0]].schema.to_arrow_schema())
        return footers

    @functools.cached_property
    def _groups(self) -> list[RowGroup]:
        groups = [group for file, footer in self._footers.items() for group in _row_groups(file, footer)]
        if not groups:
            raise DataError(f"split '{self.split}' of {self.repo} has no rows", "choose another split")
        return groups

    @property
    def lengths(self) -> Sequence[int]:
        """Rows of each row group."""
        return [group.rows for group in self._groups]

    def read(self, chunk: int) -> Sequence[Encoded]:
        """Read the images of one row group; raises DataError if the Hub does not give them."""
        group = self._groups[chunk]
        with self._hub(), _open(group.file, self._footers[group.file]) as file:
            table = file.read_row_group(group.number, columns=[self.column], use_threads=False)
        stem = group.file.rpartition("/")[2].removesuffix(".parquet")
        encoded = []
        for row, value in enumerate(table[self.column].to_pylist(), group.first):
            entry = value if isinstance(value, dict) else {"bytes": value}
            encoded.append((entry.get("path") or f"{stem}:{row}", entry["bytes"] or b""))
        return encoded

    def _files(self) -> list[str]:
        """The addresses of the split's files."""
        builder = self._builder()
        splits = {str(name): list(files) for name, files in (builder.config.data_files or {}).items()}
        if self.split not in splits:
            raise DataError(f"{self.repo} has no split '{self.split}'", did_you_mean(self.split, splits))
        for file in splits[self.split]:
            if not file.startswith("hf://"):
                raise DataError(
                    f"{self.repo} is a folder here", "use the source 'folder', or start elsewhere"
                )
            if not file.endswith(".parquet"):
                name = file.rpartition("/")[2]
                raise DataError(f"{self.repo} is not stored as Parquet (but as {name})", CONVERTED)
        return splits[self.split]

    def _builder(self) -> Any:
        """What the Hub's library knows of the dataset before it reads it."""
        try:
            import datasets
        except ImportError:
            raise RestorekitError(
                "the source 'hub' needs an extra", "pip install 'restorekit[datasets]'"
            ) from None
        datasets.disable_progress_bars()
        with self._hub():
            try:
                return datasets.load_dataset_builder(self.repo, self.config, revision=self.revision)
            except datasets.exceptions.DatasetNotFoundError:
                raise DataError(
                    f"no dataset '{self.repo}' with revision '{self.revision}' on the Hub",
                    "check both; if it is private or gated, log in with: hf auth login",
                ) from None
            except ValueError as error:
                raise DataError(f"{self.repo}: {_reason(error)}", "set config to one of those") from None
            except (FileNotFoundError, RuntimeError) as error:  # no data, or made by a script
                raise DataError(f"{self.repo}: {_reason(error)}", CONVERTED) from None

    def _check_column(self, schema: Any) -> None:
        from pyarrow import types

        known = ", ".join(schema.names)
        if self.column not in schema.names:
            hint = did_you_mean(self.column, schema.names)
            raise DataError(f"{self.repo} has no column '{self.column}' (it has {known})", hint)
        kind = schema.field(self.column).type
        if types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
            kind = kind.field("bytes").type
        if not (types.is_binary(kind) or types.is_large_binary(kind)):
            raise DataError(
                f"column '{self.column}' of {self.repo} holds {kind}, not images", f"choose from {known}"
            )

    @contextmanager
    def _hub(self) -> Iterator[None]:
        """Say in a line what goes wrong on the way; the libraries below raise each their own."""
        try:
            yield
        except RestorekitError:
            raise
        except Exception as error:
            raise DataError(
                f"{self.repo} cannot be read from the Hub ({type(error).__name__}: {_reason(error)})",
                "check the connection, HF_ENDPOINT and HF_HUB_OFFLINE, and try again",
            ) from None


def _open(file: str, footer: Any = None) -> Any:
    from huggingface_hub import HfFileSystem
    from pyarrow.parquet import ParquetFile

    stream = HfFileSystem().open(file, cache_type="none")  # nothing beyond what is asked for
    return ParquetFile(stream, metadata=footer, pre_buffer=True)


def _footer(file: str) -> Any:
    with _open(file) as opened:
        return opened.metadata


def _row_groups(file: str, footer: Any) -> Iterator[RowGroup]:
    first = 0
    for number in range(footer.num_row_groups):
        rows = footer.row_group(number).num_rows
        if rows:
            yield RowGroup(file, number, first, rows)
        first += rows


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())
