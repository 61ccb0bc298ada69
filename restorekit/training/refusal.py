"""An error that another argument would have avoided."""

from __future__ import annotations

from restorekit.errors import RestorekitError


class Refusal(RestorekitError):
    """A run that its arguments do not allow.

    Args:
        message: What is wrong.
        hint: The next step.
        arguments: Those of ``train`` that the next step is about, by name; a command says how they are given there.
    """

    def __init__(self, message: str, hint: str, *arguments: str) -> None:
        super().__init__(message, hint)
        self.arguments = arguments
