"""The options of commands that restore pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from restorekit.cli.complete import models
from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from restorekit.contracts import Clip, Restorer
    from restorekit.images import Style
    from restorekit.restore.jobs import Job
    from restorekit.restore.steady import Tile

CLIPS = "Clips: videos, and animated GIF, WebP and PNG"


@dataclass(frozen=True)
class Files:
    """Which pictures are restored, and where they go."""

    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH...",
            readable=False,  # one that may not be read must not end the run
            help="PNG, JPEG, WebP, TIFF, BMP, AVIF, HEIC or JPEG XL pictures, camera raw, videos, folders of them, or"
            " patterns such as '*.jpg'; after -- a name may begin with -.",
        ),
    ] = None
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            help="A file for one picture (its ending gives the format), or a folder; by default"
            " NAME.restored.EXT or NAME.deblurred.EXT beside the input.",
        ),
    ] = None
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="EXT",
            help="Write all pictures in this format, such as png, jpg or webp; by default that of each.",
        ),
    ] = None
    quality: Annotated[
        int | None,
        typer.Option(
            "--quality",
            metavar="1-100",
            help="Quality of JPEG, WebP, AVIF, HEIC and JPEG XL; by default that of the source, or 95.",
        ),
    ] = None
    strip: Annotated[
        bool,
        typer.Option("--strip", help="Leave out EXIF, XMP, IPTC and texts; the colour profile stays."),
    ] = False
    recursive: Annotated[
        bool,
        typer.Option(
            "-r", "--recursive", help="Also read the folders inside folders; OUT gets the same tree."
        ),
    ] = False
    only_changed: Annotated[
        bool, typer.Option("--only-changed", help="Do not write pictures that are left alone.")
    ] = False
    compare: Annotated[
        bool,
        typer.Option(
            "--compare",
            help="Also write NAME.compare.png: before | after, with the largest part that was restored below.",
        ),
    ] = False
    kernels: Annotated[
        Path | None,
        typer.Option(
            "--kernels",
            metavar="DIR",
            help="Also write the blur kernels that were estimated, as pictures, if the model knows them.",
        ),
    ] = None
    max_pixels: Annotated[
        float,
        typer.Option(
            "--max-pixels",
            metavar="MEGAPIXELS",
            min=0,
            help="Refuse larger pictures, before they are decoded.",
        ),
    ] = 180
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Skip pictures whose output exists.")
    ] = False
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs that exist.")] = False

    @property
    def largest(self) -> int:
        """Pixels of the largest picture that is read: no file holds more than a million millions."""
        return round(min(self.max_pixels, 1e6) * 1e6)

    @property
    def style(self) -> Style:
        """How pictures are written.

        Raises:
            RestorekitError: The format is not known, or the quality is out of its range.
        """
        from restorekit.images import Style

        return Style(self.format or "", self.quality, self.strip)

    def check(self, web: bool, as_json: bool) -> None:
        """Find options that cannot be used, or not together, or a path that is missing.

        Raises:
            RestorekitError: There are some.
        """
        about = (self.paths, self.output, self.recursive, self.compare, self.skip_existing, self.overwrite)
        written = (self.format, self.quality, self.strip, self.kernels)
        if web and any((*about, *written, self.only_changed, as_json)):
            raise RestorekitError(
                "--web takes no PATH, nor -o, -r, --format, --quality, --strip, --compare, --kernels,"
                " --skip-existing, --overwrite, --only-changed or --json",
                "drop photos on its page, and download them there",
            )
        if not web and not self.paths:
            raise RestorekitError("no PATH is given", "name pictures or folders, or give --web for a page")
        if self.kernels is not None and self.kernels.exists() and not self.kernels.is_dir():
            raise RestorekitError(f"--kernels {self.kernels}: is a file, not a folder", "name a folder")
        if self.skip_existing and self.overwrite:
            raise RestorekitError(
                "--skip-existing and --overwrite cannot be used together", "give one of them"
            )


@dataclass(frozen=True)
class Clips:
    """What is wanted of clips."""

    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="TIME", help="Begin clips here: seconds, or [H:]M:S.", rich_help_panel=CLIPS
        ),
    ] = None
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="TIME", help="End clips here.", rich_help_panel=CLIPS),
    ] = None
    every: Annotated[
        int,
        typer.Option("--every", min=1, help="Take only every Nth frame of a clip.", rich_help_panel=CLIPS),
    ] = 1
    frames: Annotated[
        str | None,
        typer.Option(
            "--frames",
            metavar="DIR",
            help="Write the frames of a clip into a folder as PNG pictures, in place of a clip.",
            rich_help_panel=CLIPS,
        ),
    ] = None
    crf: Annotated[
        float | None,
        typer.Option(
            "--crf",
            min=0,
            max=63,
            help="Rate factor of the encoder, lower is better; by default near the source's quality.",
            rich_help_panel=CLIPS,
        ),
    ] = None
    bitrate: Annotated[
        str | None,
        typer.Option(
            "--bitrate",
            metavar="RATE|source",
            help="Bits a second in place of a rate factor, such as 8M or 800k; source: as many as the clip has.",
            rich_help_panel=CLIPS,
        ),
    ] = None

    def of(self, job: Job) -> Clip:
        """Say what is wanted of one clip.

        Raises:
            RestorekitError: A time or rate is none, or the part ends before it begins.
        """
        from restorekit.contracts import Clip

        start = _seconds("--from", self.start) or 0.0
        end = _seconds("--to", self.end)
        if end is not None and end <= start:
            raise RestorekitError(f"--to {self.end}: is not after --from", "name a later time")
        if self.crf is not None and self.bitrate is not None:
            raise RestorekitError("--crf and --bitrate cannot be used together", "give one of them")
        return Clip(
            job.input,
            job.output,
            job.frames,
            start,
            end,
            self.every,
            self.crf,
            _bits(self.bitrate),
            job.only_changed,
        )


def _seconds(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    if not re.fullmatch(r"(\d{1,5}:){0,2}\d{1,6}(\.\d{1,9})?", text):
        raise RestorekitError(f"{option} {text}: is not a time", f"write {option} 83.5, or {option} 1:23.5")
    seconds = 0.0
    for part in text.split(":"):
        seconds = 60 * seconds + float(part)
    return seconds


def _bits(text: str | None) -> int | None:
    if text is None or text == "source":
        return None if text is None else 0
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)([kM]?)", text)
    bits = round(float(found[1]) * {"": 1, "k": 1e3, "M": 1e6}[found[2]]) if found else 0
    if not 1000 <= bits <= 10**9:
        raise RestorekitError(f"--bitrate {text}: is not a rate", "write --bitrate 8M, 800k or source")
    return bits


@dataclass(frozen=True)
class Method:
    """What restores, and how."""

    model: Annotated[
        str | None,
        typer.Option(
            metavar="BUNDLE",
            autocompletion=models,
            help="Folder, shipped name, OWNER/NAME[@REVISION] on the Hub, or .onnx file; by default the shipped model.",
        ),
    ] = None
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="auto|torch|onnx",
            help="What runs the model; onnx needs no torch. auto: torch if it has a GPU, else onnx.",
            show_default="auto",
        ),
    ] = None
    device: Annotated[
        str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps; with onnx also dml or coreml.")
    ] = "auto"
    kernel: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The kernel of the blur, a picture or .npy, for a model that needs it, such as wiener.",
        ),
    ] = None
    strength: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="How much of the change to make: 0 leaves the picture as it is, 1 makes all of it.",
        ),
    ] = 1.0
    tile: Annotated[
        str,
        typer.Option(
            metavar="auto|PIXELS|off",
            help="Side of the tiles that large pictures are cut into. auto: by the free memory;"
            " PIXELS: this many, overlap included; off: no tiles.",
        ),
    ] = "auto"

    def load(self) -> Restorer:
        """Load the model.

        Raises:
            RestorekitError: There is none such, or a kernel is given to one that finds it itself.
        """
        from restorekit.restore.load import load_restorer

        restorer = load_restorer(self.model, self.device, self.engine)
        if self.kernel is None:
            return restorer
        keys: list[str] = [field.name for field in fields(restorer)] if is_dataclass(restorer) else []
        if "kernel" not in keys:
            raise RestorekitError(
                f"model {restorer.name or self.model} takes no kernel",
                "leave --kernel out, or try --model wiener",
            )
        told: Any = replace(restorer, kernel=self.kernel)  # type: ignore[type-var]
        return cast("Restorer", told)

    @property
    def side(self) -> Tile:
        """The tile.

        Raises:
            RestorekitError: It is none.
        """
        if self.tile == "auto":
            return "auto"
        if self.tile == "off":
            return "off"
        if not re.fullmatch(r"0*[1-9][0-9]{0,8}", self.tile):
            raise RestorekitError(
                f"--tile {self.tile}: is neither auto, off nor a number of pixels", "try --tile 1024"
            )
        return int(self.tile)


@dataclass(frozen=True)
class Shown:
    """How it is asked for and told."""

    web: Annotated[
        bool,
        typer.Option(
            "--web",
            help="Open a page on this machine to drop photos on, with these options to begin with. PATH and"
            " options about files are refused. Needs pip install 'restorekit[demo]'.",
        ),
    ] = False
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print one JSON object per picture: what was written, what became of each part, model,"
            " seconds and notes; or skipped, left_out, or error and hint.",
        ),
    ] = False
