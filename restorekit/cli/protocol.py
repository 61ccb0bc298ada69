"""``restorekit protocol``: degraded test sets as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from restorekit.cli import app
from restorekit.cli.progress import track

protocol = typer.Typer(no_args_is_help=True, help="Degraded test sets as files.")
app.add_typer(protocol, name="protocol")


@protocol.command()
def make(
    kernels: Annotated[str, typer.Argument(metavar="NAME|FILE.npz", help="Blur kernels.")],
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of sharp pictures, or CelebA's root.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT", help="The folder to make.")],
    listing: Annotated[
        Path | None,
        typer.Option("--list", metavar="FILE", help="Keep the pictures named in FILE, one a line."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Keep so many, the first by name.")] = None,
    crop: Annotated[
        Literal["celeba", "center"], typer.Option(help="CelebA's 128 x 128 face, or the centred square.")
    ] = "celeba",
    noise: Annotated[float, typer.Option(min=0, help="Noise sigma, in grey levels of 255.")] = 1.0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT if it is a test set.")] = False,
) -> None:
    """Degrade each sharp picture by each kernel, and keep the pairs as files that any program can score.

    Writes OUT/sharp, OUT/degraded, the kernels, and manifest.json with a digest of every picture.
    'restorekit evaluate --data OUT' gives what it gives on the fly.
    """
    from restorekit.evaluation.kernels import load_kernels
    from restorekit.evaluation.pairs import MadePairs
    from restorekit.evaluation.protocol import Protocol
    from restorekit.evaluation.store import check_store, store_pairs

    folder = output.resolve()  # what '.' or a link stands for is made or replaced
    check_store(folder, data, overwrite)
    pairs = MadePairs(Protocol(load_kernels(kernels), crop, noise), data, listing, limit)
    store_pairs(folder, pairs, lambda each: track(each, output.name, len(pairs)))
    name = pairs.protocol.kernels.name
    print(f"{output}: {len(pairs.names)} pictures x {len(pairs.protocol.kernels)} {name}, {len(pairs)} pairs")
