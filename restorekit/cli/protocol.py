"""``restorekit protocol``: degraded test sets as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.output import answer
from restorekit.cli.progress import track
from restorekit.extras import need

protocol = typer.Typer(no_args_is_help=True, help="Degraded test sets as files.")
app.add_typer(protocol, name="protocol")


@protocol.command()
def make(
    test: Annotated[
        str,
        typer.Argument(
            metavar="TEST",
            help="A test set: a TOML file or a shipped one's name; or an .npz file of kernels.",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT", help="The folder to make.")],
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the pictures.")] = None,
    overrides: Annotated[
        list[str],
        typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the test set. Repeatable."),
    ] = [],  # noqa: B006
    listing: Annotated[
        Path | None,
        typer.Option("--list", metavar="FILE", help="Use only the pictures named in FILE, one per line."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Use only the first N pictures, by name.")] = None,
    crop: Annotated[
        str | None,
        typer.Option(
            help="The square of a picture that is scored: the name of a crop.", show_default="the test's"
        ),
    ] = None,
    noise: Annotated[
        float | None,
        typer.Option(min=0, help="Noise sigma, in grey levels of 255.", show_default="the test's"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT if it is a test set.")] = False,
) -> None:
    """Degrade each picture as a test set says, and keep the pairs as files that any program can score.

    Writes OUT/sharp, OUT/degraded, the kernels if there are any, and manifest.json with a digest of every picture.
    'restorekit evaluate --data OUT' gives the same figures as without stored pairs.
    """
    need("train", "restorekit protocol make")
    from restorekit.evaluation.call import USUAL
    from restorekit.evaluation.load import load_protocol, override
    from restorekit.evaluation.pairs import MadePairs
    from restorekit.evaluation.store import check_store, store_pairs

    folder = output.resolve()  # what '.' or a link stands for is made or replaced
    kernels = test if Path(test).suffix.lower() == ".npz" else None
    changed = [*overrides, *changes(listing, crop, kernels, noise)]
    if data:
        changed.append(override("source.path", str(data)))
    made = load_protocol(USUAL if kernels else test, changed)
    check_store(folder, data or getattr(made.source, "path", None), overwrite)
    pairs = MadePairs(made, limit)
    store_pairs(folder, pairs, lambda each: track(each, output.name, len(pairs)))
    versions, name = pairs.protocol.versions, pairs.protocol.name
    answer(f"{output}: {pairs.pictures} pictures x {versions} {name}, {len(pairs)} pairs")


def changes(listing: Path | None, crop: str | None, kernels: str | None, noise: float | None) -> list[str]:
    """Write options of a command as changes to a test set's recipe."""
    from restorekit.evaluation.load import override

    changed = []
    if listing is not None:
        changed.append(override("source.listing", str(listing)))
    if crop is not None:
        changed.append(override("crop", crop))
    if kernels is not None:
        changed += [
            override("degradation.kernel_set.kernels", kernels),
            override("name", Path(kernels).stem),
        ]
    if noise is not None:
        changed.append(override("degradation.fixed_noise.level", noise))
    return changed
