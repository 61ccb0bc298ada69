"""``restorekit models``: a table for people, all of it as JSON."""

import json
import re
import sys

from restorekit.bundle import find_bundle
from restorekit.cli import main


def said(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["restorekit", "models", *arguments])
    try:
        main()
    except SystemExit as ended:
        assert not ended.code
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_the_shipped_model_is_listed_with_size_licence_and_figures(monkeypatch, capsys):
    out = said(monkeypatch, capsys)
    card = (find_bundle(None) / "README.md").read_text()
    (figures,) = re.findall(r"^\| CelebA, 80 camera shakes .* \| ([\d.]+) ± [\d.]+ \| ([+\d.]+) ", card, re.M)
    shown = "{} dB ({})".format(*figures)
    for told in ("kernel-unet", "17.0 MB", "comes with restorekit", "non-commercial", shown):
        assert told in out


def test_json_has_the_figures_of_every_test_set(monkeypatch, capsys):
    (model,) = json.loads(said(monkeypatch, capsys, "--json"))
    assert model["name"] == "kernel-unet" and model["owner"] == "restorekit" and model["place"] is None
    assert {"celeba", "helen", "helen_sharp"} < set(model["figures"])
