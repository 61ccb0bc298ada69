"""Encoded parts of a clip beside its output, from which an interrupted run goes on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from restorekit import RestorekitError, write_whole

LENGTH = 100
"""Frames of a segment: what an interruption costs at the most."""


@dataclass
class Segment:
    """A part of a clip, encoded by itself.

    Attributes:
        times: The time stamp of each of its frames, in their order.
        durations: How long each is shown.
        packets: For each packet the frame's number in this segment, whether decoding may begin there, and its bytes.
        restored: How many of its frames were restored.
        flicker: The sum of what was measured, and of how many pixels.
        state: What was remembered when it ended.
        broken: How many packets of the source could not be decoded so far.
        repaired: How many time stamps of the source were wrong so far.
    """

    times: list[int] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)
    packets: list[tuple[int, bool, bytes]] = field(default_factory=list)
    restored: int = 0
    flicker: tuple[float, int] = (0.0, 0)
    state: Mapping[str, Any] = field(default_factory=dict)
    broken: int = 0
    repaired: int = 0


class Segments:
    """The folder of segments of one output.

    Args:
        output: What they are for.
        about: What they depend on, as JSON has it; others are deleted.

    Raises:
        RestorekitError: The folder cannot be made.
    """

    def __init__(self, output: Path, about: Mapping[str, Any]) -> None:
        self.folder = output.with_name(f".{output.name}.segments")
        self._about = json.dumps(about, sort_keys=True)
        self._output = output
        with self.writing():
            if self._read_about() != self._about:
                self.remove()
                write_whole(self.folder / "about.json", self._about.encode())

    def _read_about(self) -> str | None:
        try:
            return (self.folder / "about.json").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def __len__(self) -> int:
        count = 0
        while self._path(count).exists():
            count += 1
        return count

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}"

    def add(self, segment: Segment) -> None:
        """Write the next one, whole or not at all.

        Raises:
            RestorekitError: There is no room.
        """
        head = asdict(segment) | {"packets": [(*each[:2], len(each[2])) for each in segment.packets]}
        line = json.dumps(head).encode() + b"\n"
        with self.writing():
            write_whole(self._path(len(self)), [line, *(data for _, _, data in segment.packets)])

    def read(self, number: int, packets: bool = True) -> Segment:
        """Read one, with or without its packets' bytes.

        Raises:
            RestorekitError: It cannot be read.
        """
        try:
            with self._path(number).open("rb") as file:
                head = json.loads(file.readline())
                head["packets"] = [
                    (index, key, file.read(size) if packets else b"") for index, key, size in head["packets"]
                ]
            return Segment(**head)
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            raise RestorekitError(
                f"{self._path(number)}: cannot be read", f"delete {self.folder} to begin again"
            ) from None

    def __iter__(self) -> Iterator[Segment]:
        return (self.read(number) for number in range(len(self)))

    def remove(self) -> None:
        """Delete all of them."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def drop_if_empty(self) -> None:
        """Delete the folder if it holds nothing to go on from."""
        if not len(self):
            self.remove()

    def writing(self) -> _Writing:
        """Turn what the system refuses into a line."""
        return _Writing(self._output)


class _Writing:
    def __init__(self, output: Path) -> None:
        self._output = output

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        import av

        if isinstance(error, (OSError, av.error.FFmpegError)):
            reason = os.strerror(error.errno) if error.errno and 0 < error.errno < 200 else str(error)
            raise RestorekitError(
                f"{self._output}: cannot be written ({reason})",
                "check its folder's permissions and space; the same command goes on from where it stopped",
            ) from None
