"""Tables of a result, whose names may be anybody's."""

from restorekit.evaluation.table import print_result

ODD = "[/red]\x1b[31m\nforged"


def test_names_that_mean_something_to_the_terminal_are_shown_as_they_are(capsys):
    summary = {"mean": 20.0, "standard_error": 0.1, "worst": 10.0}
    overall = {"psnr": summary}
    rows = [{ODD: ODD, "psnr": summary}]
    print_result(
        {
            "protocol": {"name": ODD, "kernels": {"name": ODD}},
            "data": ODD,
            "pictures": 1,
            "pairs": 1,
            "metrics": {"psnr": {"unit": "dB", "higher_is_better": True, "definition": ODD}},
            "standard_error": ODD,
            "input": {"overall": overall, "by": {ODD: rows}},
            "models": [
                {
                    "name": ODD,
                    "overall": {"psnr": {"output": summary, "gain": summary}},
                    "by": {ODD: [{ODD: ODD, "psnr": {"output": summary, "gain": summary}}]},
                }
            ],
        }
    )
    shown = capsys.readouterr().out
    assert "[/red]" in shown and "\\x1b" in shown
    assert not any(line.strip().startswith("forged") for line in shown.splitlines()) and "\x1b" not in shown
