"""Errors that a user can cause: one line that says what is wrong, and the next step."""


class RestorekitError(Exception):
    """A failure with a message for the person at the keyboard.

    Args:
        message: What is wrong, on one line, naming the file, key or name at fault.
        hint: The next step, on one line; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


def brief(words: object, most: int = 200) -> str:
    """Write words that may be a stranger's as one printable line of at most ``most`` characters."""
    line = " ".join(str(words).split())
    if len(line) > most:
        line = line[: most - 3] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


class RecipeError(RestorekitError):
    """A recipe that cannot be used; ``problems`` holds one line for each fault found."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UnknownNameError(RestorekitError):
    """A name that no plugin has registered."""


class PluginError(RestorekitError):
    """A plugin that does not load, or two that claim one name."""


class DataError(RestorekitError):
    """A source of images that is missing, empty or unreadable."""


class ImageError(RestorekitError):
    """A picture that cannot be read or written."""


class BundleError(RestorekitError):
    """A model directory that is incomplete or does not fit its network."""
