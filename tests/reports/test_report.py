"""``restorekit evaluate FOLDER -o REPORT``: all pieces by one command, and what was measured is not measured again."""

import re
import sys
from html.parser import HTMLParser

import pytest

from restorekit import RestorekitError
from restorekit.cli import main
from restorekit.images import read_rgb
from restorekit.training.lock import locked

ROW = re.compile(r"^\| (?P<name>[^|]+?) \| (?P<rest>.*) \|$", re.MULTILINE)


@pytest.fixture
def report(recipes, monkeypatch, capsys):
    """Run the command; gives its status and what it wrote on stderr."""

    def run(*arguments, folder="recipes", out="report"):
        monkeypatch.setattr(sys, "argv", ["restorekit", "evaluate", folder, "-o", out, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, capsys.readouterr().err

    return run


def section(text, title):
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def rows(text):
    return {row["name"]: row["rest"].split(" | ") for row in ROW.finditer(text)}


def test_a_third_partys_restorer_is_in_every_piece_by_its_name_in_one_recipe(report, recipes, tmp_path):
    status, err = report("--device", "cpu")
    assert status == 0, err
    text = (tmp_path / "report" / "report.md").read_text()
    means = section(text, "Means")
    assert list(rows(means)) == ["---", "blurred", "clear", "third\\_party"]
    assert means.count("third\\_party") == 2  # a table for each of the two face sets
    assert rows(means)["clear"][0] == "–"  # PSNR without a limit
    times = rows(section(text, "Time"))
    assert list(times) == ["---", "third\\_party", "face\\_mt\\_tiny"]
    assert times["face\\_mt\\_tiny"][-1] == "1.00"
    for title, file in (("By size", "figure-1-ours-psnr.png"), ("Faces", "figure-2-real.png")):
        assert f"pictures/{file}" in section(text, title)
        assert read_rgb(tmp_path / "report" / "pictures" / file).shape[2] == 3


def test_every_piece_says_where_its_numbers_come_from(report, tmp_path):
    report("--device", "cpu", "--share", "0.5")
    text = (tmp_path / "report" / "report.md").read_text()
    for title in ("Means", "Time", "By size", "Faces"):
        lines = [line for line in section(text, title).splitlines() if line.startswith("> ")]
        said = "\n".join(lines)
        assert "Command: restorekit evaluate recipes -o report --device cpu --share 0.5" in said
        assert re.search(r"kernel\\_set \(kernels kernels.npz\); fixed\\_noise \(level 1.0\)", said)
        assert re.search(r"Date: \d{4}-\d\d-\d\d", said) and "thread" in said
    assert "4 pairs of 9, drawn once, the same for all, of " in section(text, "Means")


def test_a_report_goes_on_where_it_was_killed(report, recipes, tmp_path, monkeypatch):
    third = sys.modules["restorekit"].load_restorer("third_party").__class__

    def die(self, images):
        if len(self.seen) == 2:
            raise KeyboardInterrupt
        self.seen.append(len(images))
        return images + 2 / 255

    with monkeypatch.context() as patch:
        patch.setattr(third, "restore", die)
        assert report("--device", "cpu", "--batch", "2")[0] == 130
    scores = tmp_path / "report" / "scores" / "ours.jsonl"
    with scores.open("a") as stream:
        stream.write('["0123", {"image": "a.png", "ver')  # what a kill cuts off
    done = sum(third.seen)
    assert report("--device", "cpu", "--batch", "2")[0] == 0
    scored, timed, shown = 2 * 9, 3, 4
    assert sum(third.seen) == scored + timed + shown and done == 4
    before = (tmp_path / "report" / "report.md").read_text()
    assert report("--device", "cpu", "--batch", "2")[0] == 0
    assert sum(third.seen) == scored + timed + shown  # nothing is done again
    assert (tmp_path / "report" / "report.md").read_text() == before


def test_what_a_sheet_shows_is_not_restored_again_to_be_scored(report, recipes):
    third = sys.modules["restorekit"].load_restorer("third_party").__class__
    (recipes / "figure-2.toml").rename(recipes / "figure-0.toml")
    report("--device", "cpu")
    assert sum(third.seen) == 2 * 9 + 3 + 4 - 2
    text = (recipes / "table-1.toml").read_text()
    (recipes / "table-1.toml").write_text(text.replace("clear = true", 'metrics = ["ssim_rgb"]'))
    report("--device", "cpu", "--set", "ours.metric=[{ type = 'ssim_rgb' }]", folder="recipes/figure-0.toml")
    assert sum(third.seen) == 2 * 9 + 3 + 4 - 2  # nor for other metrics


def test_a_sheet_shows_as_many_as_it_says_however_small_the_share(report, tmp_path):
    report("--device", "cpu", "--share", "0.01", folder="recipes/figure-2.toml")
    assert read_rgb(tmp_path / "report" / "pictures" / "figure-2-real.png").shape[0] > 2 * 48


def test_a_larger_share_keeps_what_a_smaller_one_measured(report, recipes):
    third = sys.modules["restorekit"].load_restorer("third_party").__class__
    report("--device", "cpu", "--share", "0.34", folder="recipes/figure-1.toml")
    assert sum(third.seen) == 3
    report("--device", "cpu", folder="recipes/figure-1.toml")
    assert sum(third.seen) == 9


def test_who_needs_what_a_test_set_lacks_is_left_out_with_a_reason(report, tmp_path):
    assert report("--device", "cpu", "--model", "told", "--model", "third_party")[0] == 0
    text = (tmp_path / "report" / "report.md").read_text()
    assert "told (true kernel)" in section(text, "Means")
    sheets = {
        name: read_rgb(tmp_path / "report" / "pictures" / f"figure-2-{name}.png") for name in ("ours", "real")
    }
    assert sheets["real"].shape[1] < sheets["ours"].shape[1]  # no kernel, and no sharp picture beside it


def test_a_method_with_keys_of_its_own_is_a_row_of_the_table_that_names_it(report, recipes, tmp_path):
    file = recipes / "table-1.toml"
    rows_of_it = "".join(
        f'[[restorer]]\ntype = "cho_lee2009"\nsize = {size}\nsize_known = {known}\n'
        for size, known in ((3, "false"), (27, "true"))
    )
    file.write_text(file.read_text() + rows_of_it)
    status, err = report("--device", "cpu", "--share", "0.34", folder="recipes/table-1.toml")
    assert status == 0, err
    names = [*rows((tmp_path / "report" / "report.md").read_text())]
    assert names[3:] == [
        "third\\_party",
        "cho\\_lee2009 size=3",
        "cho\\_lee2009 size\\_known=True (true size)",
    ]
    assert report("--device", "cpu", "--model", "told", folder="recipes/table-1.toml")[0] == 0
    assert "lee2009" not in (tmp_path / "report" / "report.md").read_text()


def test_one_that_fails_is_named_and_the_others_are_measured(report, tmp_path, monkeypatch):
    from restorekit import load_restorer

    def fail(self, images, kernel):
        return images / 0

    monkeypatch.setattr(type(load_restorer("told")), "restore", fail)
    status, err = report("--device", "cpu", "--model", "told", "--model", "third_party")
    assert status == 1 and "not made in full: figure-1, figure-2, table-1, table-2" in err
    means = section((tmp_path / "report" / "report.md").read_text(), "Means")
    assert "third\\_party" in means and "told failed: told gives values that are not finite on a.png" in means


def test_a_row_that_is_not_there_to_compare_with_is_said_before_anything_is_measured(
    report, recipes, tmp_path
):
    table = recipes / "table-2.toml"
    table.write_text(table.read_text().replace('against = "face_mt_tiny"', 'against = "face_mt"'))
    status, err = report("--device", "cpu")
    assert status == 2
    assert err.endswith(
        "error: table-2: no row 'face_mt' to compare with; one of: third_party, face_mt_tiny\n"
    )
    assert not (tmp_path / "report" / "scores").exists()


def test_a_row_that_other_models_took_the_place_of_is_missed_in_a_note(report, recipes, tmp_path):
    table = recipes / "table-2.toml"
    table.write_text(table.read_text().replace('against = "face_mt_tiny"', 'against = "third_party"'))
    assert report("--device", "cpu", "--model", "told", folder="recipes/table-2.toml")[0] == 0
    text = (tmp_path / "report" / "report.md").read_text()
    assert "not compared with third\\_party, which was not timed" in text


def test_a_second_process_that_makes_the_same_report_is_refused_in_words_that_fit(report, tmp_path):
    with locked(tmp_path / "report"):
        status, err = report("--device", "cpu")
    assert status == 2
    assert err == "error: another process writes report; let it end, or choose another directory\n"


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("ours", "override ours: not NAME.key=value; write ours.KEY=VALUE"),
        ("ours.size", "override ours.size: not NAME.key=value; write ours.size=VALUE"),
        ("ours=1", "override ours=1: not NAME.key=value; write ours.KEY=VALUE"),
        (
            "mine.size=1",
            "override mine.size=1: no recipe 'mine'; begin with one of: figure-1, figure-2, ours",
        ),
    ],
)
def test_an_override_that_is_none_is_answered_with_how_to_write_it(report, override, said):
    status, err = report("--device", "cpu", "--set", override)
    assert status == 2 and said in err


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.sources, self.headings, self.open = [], 0, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.sources += [value for name, value in attrs if name in ("src", "href")]
        self.headings += tag == "h2"


def test_the_page_needs_nothing_beside_it(report, recipes, tmp_path):
    file = recipes / "table-1.toml"
    file.write_text(file.read_text().replace("Means", "<script>alert(1)</script>"))
    report("--device", "cpu")
    text = (tmp_path / "report" / "report.html").read_text()
    page = Page(text)
    assert page.headings == 4 and "<script" not in text
    assert all(source.startswith(("data:image/png;base64,", "#")) for source in page.sources)
    assert sum(source.startswith("data:") for source in page.sources) == 3


WRONG = {
    "show": ('show = "table"', 'show = "pie"', "table-1.toml: shows 'pie'"),
    "key": ("clear = true", "clera = true", "unknown key 'clera'"),
    "test": ('"theirs"', '"nowhere"', "no test set 'nowhere' beside it"),
    "metric": ("clear = true", 'metrics = ["beauty"]', "'ours' has no metric 'beauty'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_recipe_is_told_before_anything_is_measured(case, report, recipes, tmp_path):
    old, new, told = WRONG[case]
    file = recipes / "table-1.toml"
    file.write_text(file.read_text().replace(old, new))
    status, err = report("--device", "cpu")
    assert status == 2 and told in err and not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "nobody.size=32"], "no recipe 'nobody'"),
        (["--model", "nobody"], "no model 'nobody'"),
        (["--noise", "2"], "--noise is for a single test set"),
    ],
)
def test_a_wrong_argument_is_told(arguments, told, report, tmp_path):
    status, err = report("--device", "cpu", *arguments)
    assert status == 2 and told in err and not (tmp_path / "report").exists()


def test_check_takes_a_folder_and_a_piece(recipes, monkeypatch, capsys):
    for given, told in (
        ("recipes", "4 tables and figures of 3 test sets"),
        ("recipes/table-1.toml", "1 tables"),
    ):
        monkeypatch.setattr(sys, "argv", ["restorekit", "check", given])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code and told in capsys.readouterr().out


def test_a_folder_of_something_else_is_left_alone(report, tmp_path):
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "mine.txt").write_text("mine")
    status, err = report("--device", "cpu")
    assert status == 2 and "holds no report" in err
    assert [file.name for file in (tmp_path / "report").iterdir()] == ["mine.txt"]


def test_the_papers_recipes_are_whole():
    from restorekit.recipe.load import shipped_folder
    from restorekit.reports.plan import is_report, read_plan

    folder = shipped_folder() / "paper"
    assert is_report(folder) and is_report(folder / "table-3.toml") and not is_report(folder / "celeba.toml")
    data = [f"{name}.source.path=." for name in ("celeba", "helen", "people", "real")]
    gallery = [f"people.metric.top{n}.gallery=." for n in (1, 3, 5)]
    plan = read_plan(folder, [*data, *gallery])
    wanted = [f"figure-{n}" for n in (3, 4, 5, 6, 7, 8, 9)] + [f"table-{n}" for n in (1, 2, 3, 4)]
    assert sorted(plan.pieces) == sorted([*wanted, "means"])
    assert list(plan.tests["celeba"].restorers) == list(plan.tests["helen"].restorers)
    with pytest.raises(RestorekitError, match=r"missing key 'path'"):
        read_plan(folder)
