"""The first plugin that a reader meets works as it is printed, and what the pages name is there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import restorekit_fog
from restorekit.plugins import Host
from restorekit.testing import check_degradation

host = Host()
host.register(restorekit_fog, "fog", "restorekit-fog")
check_degradation(host.registries["degradation"].get("fog")())
"""


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_first_plugin_keeps_its_contract(page, tmp_path):
    blocks = re.findall(r"```python[^\n]*\n(.*?)```", (ROOT / page).read_text("utf-8"), re.S)
    (plugin,) = [block for block in blocks if "hookimpl" in block]
    (tmp_path / "restorekit_fog.py").write_text(plugin, "utf-8")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True)


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "RELEASING.md", "CHANGELOG.md", "docs/index.md"]
)
def test_every_file_that_a_page_points_to_is_there(page):
    text = (ROOT / page).read_text("utf-8")
    links = {(ROOT / page).parent / link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link}
    named = {ROOT / name for name in re.findall(r"docs/images/\w+\.png", text)}
    for file in links | named:
        assert file.exists(), file


@pytest.mark.parametrize("page", ["recipe.md", "cli.md"])
def test_the_reference_is_what_the_code_says(page, tmp_path):
    reference = ROOT / "docs" / "reference"
    environment = dict(os.environ)
    environment.pop("PYTHONSAFEPATH", None)  # the script has helpers beside it
    subprocess.run([sys.executable, reference / "make.py", tmp_path], env=environment, check=True)
    assert (reference / page).read_text("utf-8") == (tmp_path / page).read_text("utf-8"), (
        "run: python docs/reference/make.py"
    )
