"""Errors that a user can cause: one line that says what is wrong, and the next step."""

LONGEST, MOST_PROBLEMS = 1000, 100
"""Characters of a line of an error, and faults of one recipe that are shown."""


def one_line(words: object, most: int | None = None) -> str:
    """Write words that may be anybody's as one line that moves no cursor: what is not printable becomes an escape.

    Args:
        words: Names of files, keys of a recipe, words of another program.
        most: Characters that the line may have; of a longer one the middle is left out.
    """
    line = str(words)
    if most is not None and len(line) > most:
        line = f"{line[: most * 2 // 3]}...{line[-(most // 3 - 3) :]}"
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def brief(words: object, most: int = 200) -> str:
    """Write words of several lines as `one_line` does, each run of blanks as one."""
    return one_line(" ".join(str(words).split()), most)


class RestorekitError(Exception):
    """A failure with a message for the person at the keyboard; whatever a message quotes, it stays one line.

    Args:
        message: What is wrong, on one line, naming the file, key or name at fault.
        hint: The next step, on one line; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.message, self.hint = one_line(message, LONGEST), one_line(hint, LONGEST)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class RecipeError(RestorekitError):
    """A recipe that cannot be used; ``problems`` holds one line for each fault found."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = [one_line(problem, LONGEST) for problem in problems]
        super().__init__("")
        more = len(problems) - MOST_PROBLEMS
        shown = [*self.problems[:MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else [])]
        self.message = "\n".join(shown)


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
