"""Which picture is written where, settled before anything is computed.

``os.path`` asks about files here: pathlib raises where a path is too long or may not be looked at.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from restorekit.contracts import Container
from restorekit.errors import ImageError, RestorekitError
from restorekit.images import SUFFIXES, Style, written_ending
from restorekit.restore.clips import container_of, endings, takes
from restorekit.restore.listing import Found


@dataclass(frozen=True)
class Job:
    """One picture, or clip, to restore.

    Attributes:
        input: The degraded picture.
        output: Where the restored one goes; of a clip whose frames are wanted, their folder.
        compare: Where before | after goes, if wanted.
        kernels: Where the picture of its blur kernel goes, if wanted and if one is found; more lie beside it.
        rival: Another picture that would be written to the same place.
        keep: Whether outputs that exist stay as they are, and only the others are written.
        only_changed: Whether nothing is written of a picture that is left alone.
        frames: Whether each frame of a clip becomes a picture of its own.
        style: How a picture is written.
    """

    input: Path
    output: Path
    compare: Path | None = None
    kernels: Path | None = None
    rival: Path | None = None
    keep: bool = False
    only_changed: bool = False
    frames: bool = False
    style: Style = Style()

    @functools.cached_property
    def container(self) -> Container | None:
        """What restores it, if it is a clip."""
        return container_of(self.input)

    @property
    def outputs(self) -> list[Path]:
        """All that it writes of every picture."""
        return [self.output] if self.compare is None else [self.output, self.compare]

    @property
    def places(self) -> list[Path]:
        """All that it may write."""
        return self.outputs if self.kernels is None else [*self.outputs, self.kernels]

    @property
    def done(self) -> bool:
        """Whether all its outputs exist already, and stay."""
        return self.rival is None and all(map(self.keeps, self.outputs))

    def keeps(self, output: Path) -> bool:
        """Whether one of its outputs exists already, and stays."""
        return self.keep and os.path.exists(output)

    def check(self, overwrite: bool) -> None:
        """Find what can be found wrong without decoding the picture.

        Args:
            overwrite: Whether existing outputs may be replaced.

        Raises:
            ImageError: No input, a rival, an output in no known format, or one that exists or has no place to go.
        """
        if not os.path.exists(self.input):
            raise ImageError(f"{self.input}: no such file", "check the path")
        if self.rival is not None:
            raise ImageError(
                f"{self.input}: {self.rival} would be written to the same place",
                "restore them separately, to two folders",
            )
        self._check_kinds()
        for path in self.places:
            if self._taken(path) and not overwrite and not self.keep:
                raise ImageError(f"{path}: already exists", "give overwrite=true, or another output")
        folder = next(parent for parent in self.output.absolute().parents if os.path.exists(parent))
        if not os.path.isdir(folder):
            raise ImageError(f"{folder}: is a file, not a folder", "choose another output")
        if not os.access(folder, os.W_OK):
            raise ImageError(f"{folder}: no permission to write here", "choose another output")

    def _taken(self, output: Path) -> bool:
        if self.frames and os.path.isdir(output):
            return any(not name.startswith(".") for name in os.listdir(output))
        return os.path.exists(output)

    def _check_kinds(self) -> None:
        known = SUFFIXES if self.container is None else endings()
        kind = (self.input if self.frames else self.output).suffix.lower()
        if kind not in known and kind == self.input.suffix.lower():
            raise ImageError(
                f"{self.input}: {kind or 'a file without ending'} is not a kind of picture that can be read",
                takes(),
            )
        if kind not in known:
            raise ImageError(
                f"{self.output}: cannot write this kind of file", f"end it in {', '.join(known)}"
            )


def plan(
    found: Sequence[Found],
    output: str | None = None,
    *,
    mark: str = "restored",
    compare: bool = False,
    kernels: Path | None = None,
    keep: bool = False,
    only_changed: bool = False,
    frames: str | None = None,
    style: Style | None = None,
) -> list[Job]:
    """Say for each picture where it goes; one named twice is restored once, but a link to it is another name.

    Of two that would go to one file neither is restored: which of them the file should hold is not ours to say.

    Args:
        found: The pictures.
        output: A file for one picture (`names_file` tells), or a folder, below which each has its place; None puts
            ``NAME.MARK.EXT`` beside each input.
        mark: What is put into those names: one of `MARKS`, which are never taken for inputs.
        compare: Whether before | after is wanted, as ``NAME.compare.png`` beside the output; not of clips.
        kernels: A folder for the pictures of blur kernels, ``NAME.kernel.png``, in the tree of an output folder; not of
            clips.
        keep: Whether outputs that exist stay as they are.
        only_changed: Whether nothing is written of pictures that are left alone.
        frames: A folder for the frames of a clip, or for such folders of several; None writes clips.
        style: How pictures are written; clips stay what they are.

    Raises:
        RestorekitError: The output is one file for several pictures, of no known format, or of another one than asked.
    """
    once: dict[str, Found] = {}
    for each in found:
        once.setdefault(os.path.join(os.path.realpath(each.path.parent), each.path.name), each)
    found = list(once.values())
    if output is not None and names_file(output):
        if Path(output).suffix.lower() not in endings():
            raise RestorekitError(
                f"{output}: cannot write this kind of file",
                f"end it in {', '.join(endings())}, or in / if it is a folder",
            )
        if len(found) > 1:
            raise RestorekitError(
                f"{output}: is one file for {len(found)} pictures", "name a folder as the output"
            )
        if style and style.name(Path(output)) != Path(output):
            raise RestorekitError(
                f"{output}: is not of the format {style.format}", "leave out format, or name a folder"
            )
    jobs = [
        replace(_job(each, output, mark, compare, kernels), keep=keep, only_changed=only_changed)
        for each in found
    ]
    jobs = [job if job.container is None else replace(job, compare=None, kernels=None) for job in jobs]
    if style:
        jobs = [_styled(job, style) if job.container is None else job for job in jobs]
    if frames is not None:
        clips = sum(job.container is not None for job in jobs)
        jobs = [
            job if job.container is None else _framed(job, Path(frames, each.place if clips > 1 else ""))
            for job, each in zip(jobs, found, strict=True)
        ]
    takers: dict[Path, list[Path]] = {}
    for job in jobs:
        for path in job.places:
            takers.setdefault(path, []).append(job.input)
    return [replace(job, rival=_rival(job, takers)) for job in jobs]


def names_file(output: str) -> bool:
    """Whether an output is meant as a file: it has a suffix, is no folder yet and ends in no slash."""
    return bool(Path(output).suffix) and not output.endswith(("/", os.sep)) and not os.path.isdir(output)


def output_folder(output: str | None) -> Path | None:
    """The folder that is written to, if one was named."""
    return None if output is None or names_file(output) else Path(os.path.realpath(output))


def _rival(job: Job, takers: dict[Path, list[Path]]) -> Path | None:
    return next((other for path in job.places for other in takers[path] if other != job.input), None)


def _job(found: Found, output: str | None, mark: str, compare: bool, kernels: Path | None) -> Job:
    path = found.path
    if output is None:
        target, name = path.with_name(f"{path.stem}.{mark}{written_ending(path)}"), path.stem
    else:
        target = Path(output) if names_file(output) else Path(output, found.place)
        if not names_file(output) and written_ending(path) != path.suffix:
            target = target.with_suffix(written_ending(path))
        name = target.stem
    return Job(
        path,
        target,
        target.with_name(f"{name}.compare.png") if compare else None,
        kernels and kernels / found.place.with_name(f"{found.place.stem}.kernel.png"),
    )


def _styled(job: Job, style: Style) -> Job:
    return replace(job, output=style.name(job.output), style=style)


def _framed(job: Job, folder: Path) -> Job:
    return replace(job, output=folder, frames=True)
