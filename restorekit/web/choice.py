"""The models that the page offers, each loaded when it is first chosen."""

from __future__ import annotations

from restorekit.bundle import DEFAULT, shipped
from restorekit.contracts import Restorer
from restorekit.restore.load import load_restorer

LIMITS = (
    "Where blur has destroyed detail it draws what is likely, not what was there:"
    " never identify a person by its output."
)


class Models:
    """The models that come with restorekit, and the one that was asked for.

    Args:
        given: As `load_restorer` takes it; None for the default one.
        device: auto, cpu, cuda, cuda:1 or mps.
        engine: auto, torch or onnx, for the one given; None goes by the model.

    Attributes:
        names: All of them, the one given first.
    """

    def __init__(self, given: str | None = None, device: str = "auto", engine: str | None = None) -> None:
        first = given or DEFAULT
        self.names = [first, *(name for name in shipped() if name != first)]
        self._device = device
        self._loaded = {first: load_restorer(given, device, engine)}

    def load(self, name: str) -> Restorer:
        """Return one of ``names``.

        Raises:
            RestorekitError: It cannot be loaded.
        """
        if name not in self._loaded:
            self._loaded[name] = load_restorer(name, self._device)
        return self._loaded[name]

    def terms(self, name: str) -> str:
        """Say under what licence a model may be used, and for what not; plain text, with the errors of `load`."""
        restorer = self.load(name)
        licence = restorer.license or "not stated: ask whoever made it before you use it"
        words = f"Model {restorer.name or name}, licence: {licence}. "
        if "non-commercial" in licence.lower() and "research" in licence.lower():
            words += "For non-commercial research only. "
        return words + LIMITS
