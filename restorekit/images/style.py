"""How pictures are written, where that is not as their files were."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from restorekit.errors import RestorekitError
from restorekit.images.formats import FORMATS, SUFFIXES
from restorekit.images.picture import Picture


@dataclass(frozen=True)
class Style:
    """What is asked for of all files that are written.

    Attributes:
        format: The format as names end in it, such as ``webp``; empty for that of each name.
        quality: From 1 to 100, of formats that have one: JPEG, WebP, AVIF, HEIC, JPEG XL; None as the source, else 95.
        strip: Whether EXIF, XMP, IPTC and texts are left out. What colours mean and the resolution stay.

    Raises:
        RestorekitError: The format is not known, or the quality is out of its range.
    """

    format: str = ""
    quality: int | None = None
    strip: bool = False

    def __post_init__(self) -> None:
        if self.format and self._suffix not in SUFFIXES:
            endings = ", ".join(suffix[1:] for suffix in SUFFIXES)
            raise RestorekitError(
                f"format={self.format}: is not a format that can be written", f"give one of {endings}"
            )
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise RestorekitError(f"quality={self.quality}: is out of range", "give a number from 1 to 100")

    @property
    def recodes(self) -> bool:
        """Whether a picture that was left alone is written again, too."""
        return self.strip or self.quality is not None

    def name(self, path: Path) -> Path:
        """Return the name of a file in this format."""
        return path.with_suffix(self._suffix) if self.format else path

    def applied(self, picture: Picture) -> Picture:
        """Return what is written of a picture, and how."""
        if self.quality is not None:
            lossy = {each.kind: each.options for each in FORMATS if "quality" in each.options}
            given = {"quality": self.quality}
            picture = replace(picture, encoding={kind: {**lossy[kind], **given} for kind in lossy})
        if self.strip:
            picture = replace(picture, exif=None, xmp=None, iptc=None, text=())
        return picture

    @property
    def _suffix(self) -> str:
        return f".{self.format.lower().removeprefix('.')}"
