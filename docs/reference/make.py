"""Writes recipe.md and cli.md from the code that they describe: ``python docs/reference/make.py [FOLDER]``."""

import sys
from pathlib import Path

import cli
import recipe

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
for name, text in {"recipe.md": recipe.page(), "cli.md": cli.page()}.items():
    (folder / name).write_text(text, encoding="utf-8")
