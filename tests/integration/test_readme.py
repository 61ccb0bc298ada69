"""What the pages show is what works."""

import importlib
import re
from pathlib import Path

import pytest

from restorekit.plugins import Host
from restorekit.testing import check_degradation

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_first_plugin_registers_and_keeps_its_contract(page, tmp_path, monkeypatch):
    blocks = re.findall(r"```python[^\n]*\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    (source,) = [block for block in blocks if "class Fog" in block]
    (tmp_path / "restorekit_fog.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delitem(importlib.sys.modules, "restorekit_fog", raising=False)
    plugin = importlib.import_module("restorekit_fog")
    host = Host()
    host.register(plugin, "fog", "restorekit-fog")
    check_degradation(host.registries["degradation"].get("fog")())


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_every_file_that_a_page_points_to_is_there(page):
    text = (ROOT / page).read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    pictures = [name for name in re.findall(r"\S+\.png", text) if name.startswith("docs/")]
    assert pictures
    for link in links:
        assert ((ROOT / page).parent / link).exists(), link
    for name in pictures:
        assert (ROOT / name).exists(), name
