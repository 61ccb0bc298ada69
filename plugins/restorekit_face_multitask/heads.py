"""What both generators ask of a task."""

from __future__ import annotations

from collections.abc import Mapping

from restorekit import RestorekitError, Task


def head_names(tasks: Mapping[str, Task]) -> list[str]:
    """Return the names of the tasks; a RestorekitError if one has other than three channels.

    Tasks share the first convolution, so their inputs look alike.
    """
    for name, task in tasks.items():
        if task.channels != 3:
            raise RestorekitError(
                f"task '{name}' has {task.channels} channels; the face networks take three",
                "leave the task out, or choose another network",
            )
    return list(tasks)
