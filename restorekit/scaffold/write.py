"""Writing the package of a new plugin from its template."""

from __future__ import annotations

import os
import re
from pathlib import Path

from restorekit.errors import RestorekitError
from restorekit.scaffold.names import Names
from restorekit.whole import whole_folder

TEMPLATES = Path(__file__).parent / "templates"


def write_plugin(names: Names, kind: str, folder: Path) -> None:
    """Write the package of a plugin, whole or not at all.

    Args:
        names: What it is called.
        kind: The kind of its component; there is a template of that name.
        folder: Where; it must not exist.

    Raises:
        RestorekitError: The folder is there already, or the template uses the class's name for something else.
        OSError: It cannot be written.
    """
    if os.path.lexists(folder):
        raise RestorekitError(f"{folder}: already exists", "choose another folder with -o")
    files = template(kind)
    used = re.findall(r"^ *(?:from .* import|import|class) (.*)$", "\n".join(files.values()), re.M)
    if re.search(rf"\b{names.cls}\b", " ".join(used)):
        raise RestorekitError(
            f"'{names.component}' would make a class {names.cls}, which stands for something else in a {kind}",
            "choose another name",
        )
    with whole_folder(folder) as draft:
        for path, text in files.items():
            file = draft / renamed(path, names, kind)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(renamed(text, names, kind), "utf-8")


def template(kind: str) -> dict[str, str]:
    """Return the text of every file of a kind's template, by its path in the package."""
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for root in (TEMPLATES / "shared", TEMPLATES / kind)
        for path in sorted(root.rglob("*.*"))
        if path.suffix in (".md", ".py", ".toml")  # an installer may have put compiled files beside them
    }


def renamed(text: str, names: Names, kind: str) -> str:
    """Put a plugin's names into a text of the template."""
    for placeholder, name in (
        ("restorekit-plugin-name", names.distribution),
        ("plugin-name", names.component.replace("_", "-")),
        ("plugin_name", names.component),
        ("plugin-kind", kind),
        ("PluginName", names.cls),
    ):
        text = text.replace(placeholder, name)
    return text
