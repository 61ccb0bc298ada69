"""``restorekit models``: a table for people, all of it as JSON."""

import json
import sys

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
    for told in ("face-mt-unet", "14.6 MB", "comes with restorekit", "non-commercial", "24.28 dB (+4.08)"):
        assert told in out


def test_json_has_the_figures_of_every_test_set(monkeypatch, capsys):
    (model,) = json.loads(said(monkeypatch, capsys, "--json"))
    assert model["name"] == "face-mt-unet" and model["revision"] is None
    assert {"celeba", "helen", "helen_sharp"} < set(model["figures"])
