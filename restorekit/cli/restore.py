"""``restorekit restore``: pictures in, better pictures out; and commands like it for one framing."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorekit.cli import app
from restorekit.cli.complete import framings
from restorekit.cli.options import Spell, as_option, command, given, keys_of, spelled, speller
from restorekit.cli.restore_options import Clips, Files, Method, Shown
from restorekit.errors import RestorekitError

if TYPE_CHECKING:
    from restorekit.cli.restore_report import Report
    from restorekit.contracts import Restorer
    from restorekit.framing import Framing
    from restorekit.restore.draft import Look
    from restorekit.restore.jobs import Job
    from restorekit.restore.steady import Steady

_KEEPS = """Colour profile, EXIF, resolution and texts are kept; notes say what a format cannot hold. Prints a line
INPUT -> OUTPUT for each. Exit status: 0 all done, 1 some failed, 2 nothing done."""


@dataclass(frozen=True)
class Chosen:
    """The framing of ``restorekit restore``."""

    framing: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            autocompletion=framings,
            help="Which parts of a picture are restored; restorekit list framing shows the framings.",
            show_default="the model's, or whole",
        ),
    ] = None
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="A key of the framing; restorekit show framing NAME lists the keys.",
        ),
    ] = None


def restore(
    context: typer.Context, files: Files, clips: Clips, method: Method, shown: Shown, chosen: Chosen
) -> None:
    """Do what ``restorekit restore`` says."""
    from restorekit.recipe.overrides import apply_overrides

    keys: dict[str, Any] = {}
    apply_overrides(keys, chosen.settings or ())
    stated = {} if chosen.framing else _stated(method.model)
    framing = _framing(chosen.framing or stated.pop("type", "whole"), stated | keys)
    run(context, files, clips, method, shown, framing, "restored", lambda key, value: f"--set {key}={value}")


def framed_command(name: str, mark: str, doc: str) -> Callable[..., None]:
    """Make a command that restores pictures in one framing, whose keys are options of it.

    Args:
        name: The framing, as it is registered.
        mark: What the names of written pictures have before their ending; one of those that are never inputs.
        doc: What the command does; what holds for every such command is added.

    Returns:
        What a plugin registers as a command.
    """
    from restorekit.plugins import registry

    def restore_framed(
        context: typer.Context, files: Files, clips: Clips, method: Method, shown: Shown, keys: Any
    ) -> None:
        framing = _framing(name, given(keys), spell=as_option)
        run(context, files, clips, method, shown, framing, mark, as_option)

    keys = keys_of(registry("framing").get(name), f"What is restored: {name}")
    doc = f"{doc}\n\n{_KEEPS}"
    return command(restore_framed, doc, files=Files, clips=Clips, keys=keys, method=Method, shown=Shown)


def run(
    context: typer.Context,
    files: Files,
    clips: Clips,
    method: Method,
    shown: Shown,
    framing: Framing,
    mark: str,
    spell: Spell,
) -> None:
    """Restore pictures, or open the page, as the options say.

    Args:
        context: Typer's.
        files: Options.
        clips: Options.
        method: Options.
        shown: Options.
        framing: What of a picture is restored.
        mark: As for `framed_command`.
        spell: Writes a key and its value as they are given to this command.
    """
    files.check(shown.web, shown.as_json)
    tile = method.side
    if shown.web:
        if method.kernel is not None:
            raise RestorekitError("--web takes no --kernel", "leave one of them out")
        if clips != Clips():
            raise RestorekitError(
                "--web takes no options for clips", "leave --web out: the page restores whole clips"
            )
        from restorekit.cli.restore_web import open_page

        return open_page(method, framing, files.largest)
    from restorekit.cli.restore_clips import restore_clips
    from restorekit.cli.restore_report import Report
    from restorekit.restore.batch import restore_jobs

    own = [field.name for group in (Files, Clips, Method) for field in fields(group)]
    spell_all = speller(dict.fromkeys(vars(framing), spell) | dict.fromkeys(own, as_option))
    report = Report(shown.as_json, context.obj["debug"], framing.parts, spell_all)
    with spelled(spell_all):
        ready = list(_jobs(files, clips, mark, report))
    pictures = [job for job in ready if job.container is None]

    @functools.cache
    def load() -> Restorer:  # not before a picture is there to restore
        restorer = method.load()
        report.model(restorer.name or str(method.model), restorer.license)
        return restorer

    def start() -> tuple[Steady, Look]:
        from restorekit.restore.steady import Steady

        restorer = load()
        return Steady(
            restorer, tile, method.strength, shown.as_json or files.kernels is not None
        ), framing.build(restorer)

    with spelled(spell_all), report.progress(len(pictures)) as on_tile:
        for outcome in restore_jobs(pictures, start, files.largest, on_tile):
            report.done(outcome)
    restore_clips([job for job in ready if job.container is not None], clips, method, framing, load, report)
    raise typer.Exit(report.summary())


def _jobs(files: Files, clips: Clips, mark: str, report: Report) -> Iterator[Job]:
    """Find the pictures, and say what is left out, wrong, or done already."""
    from restorekit.restore.jobs import output_folder, plan
    from restorekit.restore.listing import Found, LeftOut, find_pictures

    pictures: list[Found] = []
    for path in files.paths or ():
        for found in find_pictures(path, files.recursive, output_folder(files.output)):
            if isinstance(found, Found):
                pictures.append(found)
            elif isinstance(found, LeftOut):
                report.left_out(found)
            else:
                report.failed(path, found)
    for job in plan(
        pictures,
        files.output,
        mark=mark,
        compare=files.compare,
        kernels=files.kernels,
        keep=files.skip_existing,
        only_changed=files.only_changed,
        frames=clips.frames,
        style=files.style,
    ):
        if job.done:
            report.skipped(job)
            continue
        try:
            job.check(files.overwrite)
            if job.container is not None:
                job.container.check(clips.of(job))
        except RestorekitError as error:
            report.failed(job.input, error)
        else:
            yield job


def _stated(model: str | None) -> dict[str, Any]:
    """Return the table of the framing that a model was made for; empty if it says none, or is no bundle of here."""
    from restorekit.bundle import load_bundle

    try:
        return dict(load_bundle(model).framing or {})
    except RestorekitError:  # what is wrong with it is said where it is used
        return {}


def _framing(name: str, keys: dict[str, Any], spell: Spell | None = None) -> Framing:
    """Make a framing of its keys."""
    from pydantic import ValidationError

    from restorekit.recipe.component import make_component

    try:
        framing: Framing = make_component("framing", name, keys)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        said = first["msg"].removeprefix("Value error, ")
        place = spell(key, str(keys.get(key, ""))) if spell and key else f"framing {name}: {key}".rstrip(": ")
        raise RestorekitError(f"{place}: {said}", f"restorekit show framing {name} lists its keys") from None
    return framing


app.command("restore")(
    command(
        restore,
        f"Restore pictures with any model and framing; depth and transparency are kept.\n\n{_KEEPS}",
        files=Files,
        clips=Clips,
        chosen=Chosen,
        method=Method,
        shown=Shown,
    )
)
