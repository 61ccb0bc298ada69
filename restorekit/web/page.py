"""The page: what stands on it, and what each part of it calls."""

# No annotation here may be a string: Gradio looks at those of the functions that it calls.

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorekit.errors import RestorekitError, brief
from restorekit.web.desk import Desk, Pair, Result

if TYPE_CHECKING:
    from gradio import Blocks

DEVICE = "device"
"""What computes one thing at a time."""

STYLE = "@media (max-width: 640px) { .result { order: -1 } }"
"""On a telephone the picture comes first."""

PRIVACY = "Photos stay on this machine, and are deleted when you close the page."


def build_page(desk: Desk, strength: float = 1.0) -> "Blocks":
    """Lay out the page.

    Args:
        desk: What does the work.
        strength: The strength to begin with, in [0, 1].
    """
    import gradio as gr

    follow = gr.Progress()
    made: dict[str, dict[int, Result]] = {}

    def shown(result: Result | None, lines: tuple[str, ...] = ()) -> dict[Any, Any]:
        """What the right side shows of one photo, and words; without a result, words alone."""
        part = result.part if result else None
        return {
            whole: _names(result.whole) if result else None,
            zoom: gr.ImageSlider(_names(part) if part else None, visible=part is not None),
            notes: _html(*(result.notes if result else ()), *lines),
            download: gr.DownloadButton(
                value=str(result.output) if result else None, interactive=result is not None
            ),
        }

    def restore(
        model: str,
        way: str,
        strength: float,
        request: gr.Request,
        progress: gr.Progress = follow,
    ) -> Iterator[dict[Any, Any]]:
        """Restore the visitor's photos, in this way now, and show each when it is done."""
        visitor = str(request.session_hash)
        names, failed = desk.photos(visitor), list[str]()
        results = made[visitor] = {}
        for number, called in enumerate(names):
            of = f" {called}, {number + 1} of {len(names)}" if len(names) > 1 else ""

            def tell(done: int, tiles: int, words: str = brief(f"restoring{of}", 80)) -> None:
                progress((done, tiles), desc=words, unit="tiles")

            try:
                results[number] = desk.restore(visitor, model, way, strength, tell, number)
            except (RestorekitError, OSError) as error:
                failed.append(str(error))
                continue
            there = [(names[each], each) for each in results]
            shown_here = gr.Radio(there, value=number, visible=len(names) > 1)
            yield {which: shown_here, **shown(results[number], tuple(failed))}
        if not results:  # what stood there was made in another way, or of another photo
            yield {which: gr.Radio(visible=False), **shown(None, tuple(failed))}
        elif len(names) > 1:
            packed = desk.packed(visitor, list(results.values()))
            yield {every: gr.DownloadButton(value=str(packed), visible=True)}
        if failed:
            raise gr.Error(_escaped(failed[-1]), print_exception=False)

    def look_at(number: int, request: gr.Request) -> dict[Any, Any]:
        """Show another of the photos that were restored."""
        results = made.get(str(request.session_hash), {})
        return shown(results[number]) if number in results else {notes: gr.skip()}

    def take(uploads: list[str] | None, request: gr.Request) -> dict[Any, Any]:
        """Take photos; the place that they were dropped on is free for the next ones at once."""
        paths = [Path(upload) for upload in uploads or []]
        try:
            desk.take(str(request.session_hash), *paths)
        except OSError as error:
            raise gr.Error(_escaped(f"cannot be kept ({error.strerror})"), print_exception=False) from None
        return {
            photo: None,
            name: _html(*(path.name for path in paths)),
            which: gr.Radio(visible=False),
            every: gr.DownloadButton(visible=False),
            **shown(None),
        }

    def terms_of(model: str) -> str:
        try:
            return _html(desk.models.terms(model))
        except RestorekitError as error:  # restoring says it, too
            return _html(str(error))

    def leave(request: gr.Request) -> None:
        made.pop(str(request.session_hash), None)
        desk.leave(str(request.session_hash))

    page = gr.Blocks(title="restorekit deblur", analytics_enabled=False)
    with page:
        gr.HTML("<h1>Deblur photos</h1>")
        with gr.Row():
            with gr.Column(scale=1, min_width=300):
                photo = gr.File(label="Photos", height=140, file_count="multiple")
                name = gr.HTML()
                strength_of = gr.Slider(0, 1, strength, step=0.05, label="Strength")
                way_of = gr.Radio(
                    desk.ways, value=desk.ways[0], label="What is restored", visible=len(desk.ways) > 1
                )
                model_of = gr.Dropdown(desk.models.names, value=desk.models.names[0], label="Model")
            with gr.Column(scale=2, min_width=300, elem_classes=["result"]):
                which = gr.Radio([], label="Photo", visible=False)
                whole = gr.ImageSlider(label="Before | after", interactive=False, buttons=["fullscreen"])
                zoom = gr.ImageSlider(
                    label="Close-up", interactive=False, buttons=["fullscreen"], visible=False
                )
                notes = gr.HTML()
                download = gr.DownloadButton("Download", variant="primary", interactive=False)
                every = gr.DownloadButton("Download all", visible=False)
        terms = gr.HTML(terms_of(desk.models.names[0]))
        gr.HTML(_html(PRIVACY))

        choices = [model_of, way_of, strength_of]
        results = [which, whole, zoom, notes, download, every]
        photo.upload(
            take,
            photo,
            [photo, name, *results],
            api_name="take",
            concurrency_limit=None,
            show_progress="hidden",
        ).success(
            restore, choices, results, api_name="restore", show_progress_on=whole, concurrency_id=DEVICE
        )
        gr.on(
            [strength_of.change, way_of.change, model_of.change],
            restore,
            choices,
            results,
            api_name="again",
            show_progress_on=whole,
            trigger_mode="always_last",
            concurrency_id=DEVICE,
        )
        which.input(look_at, which, results, api_name="look_at")
        model_of.change(terms_of, model_of, terms, api_name="terms", concurrency_id=DEVICE)
        page.unload(leave)
    return page


def _names(pair: Pair) -> tuple[str, str]:
    return str(pair[0]), str(pair[1])


def _html(*lines: str) -> str:
    return "".join(f"<p>{_escaped(line)}</p>" for line in lines)


def _escaped(line: str) -> str:
    """Write a line as HTML in which nothing means anything: names of files and models may be somebody else's."""
    return escape(brief(line, 500))
