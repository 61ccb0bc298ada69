"""Scores on disk."""

import pytest

from restorekit.reports.ledger import Entry, Ledger

ENTRY = Entry("a.png", 0, {"psnr": 20.0}, False, "2026-11-26", "cpu")


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\0rubbish",
        b"[" * 100_000,
        b'[["key"], {"image": "a", "version": 0, "values": {}, "unchanged": false, "date": "", "device": ""}]',
        b'["key", {"image": ["a"], "version": 0, "values": {}, "unchanged": false, "date": "", "device": ""}]',
        b'["key", ' + b"9" * 5000 + b"]",
        b"null",
        b'["key", {"image": "a"',
    ],
)
def test_a_broken_line_costs_only_itself(tmp_path, line):
    file = tmp_path / "scores.jsonl"
    Ledger(file).add("key", ENTRY)
    file.write_bytes(line + b"\n" + file.read_bytes() + line)
    ledger = Ledger(file)
    assert ledger.of("key") == {("a.png", 0): ENTRY}
    ledger.add("other", ENTRY)
    assert Ledger(file).of("other") == {("a.png", 0): ENTRY}
