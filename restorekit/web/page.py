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

PRIVACY = "Photos stay on this machine, and are deleted when you close the page."


def build_page(desk: Desk, strength: float = 1.0) -> "Blocks":
    """Lay out the page.

    Args:
        desk: What does the work.
        strength: The strength to begin with, in [0, 1].
    """
    import gradio as gr

    follow = gr.Progress()

    def shown(result: Result | None, lines: tuple[str, ...] = ()) -> dict[Any, Any]:
        """What the right side shows; without a result, words alone."""
        part = result.part if result else None
        return {
            whole: _names(result.whole) if result else None,
            zoom: gr.ImageSlider(_names(part) if part else None, visible=part is not None),
            notes: _html(*result.notes) if result else _html(*lines),
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
        """Restore the visitor's photo, in this way now."""

        def tell(done: int, tiles: int) -> None:
            progress((done, tiles), desc="restoring", unit="tiles")

        visitor = str(request.session_hash)
        if not desk.has_photo(visitor):
            yield shown(None)
            return
        try:
            yield shown(desk.restore(visitor, model, way, strength, tell))
        except (RestorekitError, OSError) as error:
            yield shown(None, (str(error),))  # what stood there was made in another way, or of another photo
            raise gr.Error(_escaped(str(error)), print_exception=False) from None

    def take(upload: str | None, request: gr.Request) -> dict[Any, Any]:
        """Take a photo; the place that it was dropped on is free for the next one at once."""
        if upload is None:
            return shown(None)
        try:
            desk.take(str(request.session_hash), Path(upload))
        except OSError as error:
            said = f"{Path(upload).name}: cannot be kept ({error.strerror})"
            raise gr.Error(_escaped(said), print_exception=False) from None
        return {photo: None, name: _html(Path(upload).name), **shown(None)}

    def terms_of(model: str) -> str:
        try:
            return _html(desk.models.terms(model))
        except RestorekitError as error:  # restoring says it, too
            return _html(str(error))

    def leave(request: gr.Request) -> None:
        desk.leave(str(request.session_hash))

    page = gr.Blocks(title="restorekit deblur", analytics_enabled=False)
    with page:
        gr.HTML("<h1>Deblur a photo</h1>")
        with gr.Row():
            with gr.Column(scale=1, min_width=300):
                photo = gr.File(label="Photo", height=140)
                name = gr.HTML()
                strength_of = gr.Slider(0, 1, strength, step=0.05, label="Strength")
                way_of = gr.Radio(
                    desk.ways, value=desk.ways[0], label="What is restored", visible=len(desk.ways) > 1
                )
                model_of = gr.Dropdown(desk.models.names, value=desk.models.names[0], label="Model")
            with gr.Column(scale=2, min_width=300):
                whole = gr.ImageSlider(label="Before | after", interactive=False, buttons=["fullscreen"])
                zoom = gr.ImageSlider(
                    label="Close-up", interactive=False, buttons=["fullscreen"], visible=False
                )
                notes = gr.HTML()
                download = gr.DownloadButton("Download", variant="primary", interactive=False)
        terms = gr.HTML(terms_of(desk.models.names[0]))
        gr.HTML(_html(PRIVACY))

        choices = [model_of, way_of, strength_of]
        results = [whole, zoom, notes, download]
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
        model_of.change(terms_of, model_of, terms, api_name="terms", concurrency_id=DEVICE)
        page.unload(leave)
    return page


def _names(pair: Pair) -> tuple[str, str]:
    return str(pair[0]), str(pair[1])


def _html(*lines: str) -> str:
    return "".join(f"<p>{_escaped(line)}</p>" for line in lines)


def _escaped(line: str) -> str:
    """Write a line as HTML in which nothing means anything: names of files and models may be a stranger's."""
    return escape(brief(line, 500))
