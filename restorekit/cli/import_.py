"""``restorekit import``: weights of others, as a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.options import own_options
from restorekit.cli.output import answer, say
from restorekit.errors import RestorekitError
from restorekit.extras import need


@app.command("import")
def import_(
    weights: Annotated[
        Path,
        typer.Argument(
            metavar="WEIGHTS", help="A checkpoint: .pth, .pt or .ckpt of PyTorch, or .safetensors."
        ),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="BUNDLE", help="The bundle's directory.")],
    network: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The network; by default the one that recognises the weights."),
    ] = None,
    overrides: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Set a key of the network, e.g. width=32. Repeatable."
        ),
    ] = [],  # noqa: B006
    map_file: Annotated[
        Path | None,
        typer.Option(
            "--map", metavar="MAP.toml", help="[network] with type and keys, and [keys] with old = new names."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The model's name; by default that of WEIGHTS.")] = None,
    license: Annotated[
        str, typer.Option(metavar="TEXT", help="The terms under which the weights may be used.")
    ] = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a bundle that exists.")] = False,
) -> None:
    """Make a bundle of weights that were trained elsewhere.

    Says which keys matched, were renamed, are missing or unused; prints the bundle. Nothing is written unless every
    tensor of the network gets one of its shape. Code within the file is never run.
    """
    need("train", "restorekit import")
    if out.exists() and not overwrite:
        raise RestorekitError(f"{out} already exists", "give --overwrite, or another place with -o")
    from restorekit.importing.make import import_checkpoint

    with own_options("network"):
        import_checkpoint(
            weights,
            out,
            network=network,
            overrides=overrides,
            map_file=map_file,
            name=name,
            license=license,
            say=say,
        )
    answer(out)
