"""``restorekit models``: what there is to restore with."""

from __future__ import annotations

from typing import Annotated

import typer

from restorekit.cli import app
from restorekit.cli.output import answer, answer_json


@app.command()
def models(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, with the figures of every test set.")
    ] = False,
) -> None:
    """List the known models: size, licence, revision, and PSNR in dB with the gain over the degraded pictures.

    Any other bundle, or model of the Hub, is taken as well: --model FOLDER or --model OWNER/NAME[@REVISION]
    """
    from dataclasses import asdict

    from restorekit.hub.known import known_models

    found = list(known_models())
    if as_json:
        answer_json([asdict(model) for model in found], indent=2)
        return
    for model in found:
        size = "" if model.size is None else f"{model.size / 1e6:.1f} MB  "
        answer(f"{model.name}  {size}{model.place or f'comes with {model.owner}'}")
        answer(f"  licence  {model.license or 'as its page on the Hub says'}")
        for test, (psnr, gain) in list(model.figures.items())[:2]:
            answer(f"  {test:<7}  {psnr:.2f} dB ({gain:+.2f})")
