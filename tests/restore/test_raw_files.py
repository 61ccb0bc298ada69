"""Camera raw among the files that are restored: written as TIFF, or as asked for, also where it is left alone."""

import pytest
from dng import write_dng

import restorekit.restore.listing
from restorekit.images import Style, read, write_rgb
from restorekit.restore.batch import restore_jobs
from restorekit.restore.jobs import plan
from restorekit.restore.listing import Found, LeftOut, find_pictures
from restorekit.restore.steady import Steady
from restorekit.restore.whole import Whole


@pytest.mark.parametrize(
    ("output", "style", "written"),
    [
        (None, None, "a.restored.tif"),
        ("out", None, "out/a.tif"),
        ("out", Style("png"), "out/a.png"),
        ("b.jpg", None, "b.jpg"),
    ],
)
def test_where_it_goes(tmp_path, monkeypatch, output, style, written):
    monkeypatch.chdir(tmp_path)
    write_dng("a.dng")
    (found,) = find_pictures(tmp_path / "a.dng")
    (job,) = plan([found], output, style=style)
    job.check(overwrite=False)
    assert (tmp_path / job.output).resolve() == tmp_path / written


def test_one_that_is_left_alone_is_developed(tmp_path, still):
    write_dng(tmp_path / "a.dng")
    (job,) = plan(list(find_pictures(tmp_path / "a.dng")))
    (outcome,) = restore_jobs([job], lambda: (Steady(still), Whole().build(still)))
    assert outcome.error is None and outcome.restored is not None
    after = read(tmp_path / "a.restored.tif")
    assert (after.pixels == read(tmp_path / "a.dng").pixels).all()
    assert any("camera raw is developed" in note for _, note in outcome.notes)


def test_in_a_folder_it_is_taken_if_it_can_be_read(tmp_path, monkeypatch):
    write_dng(tmp_path / "a.dng")
    write_rgb(tmp_path / "a.png", read(tmp_path / "a.dng").pixels.astype("uint8"))
    assert [each.path.name for each in find_pictures(tmp_path)] == ["a.dng", "a.png"]
    monkeypatch.setattr(restorekit.restore.listing, "installed", lambda name: False)
    found, left = find_pictures(tmp_path)
    assert isinstance(found, Found) and found.path.name == "a.png"
    assert isinstance(left, LeftOut)
    assert left.why == "left out: 1 camera raw, which needs pip install 'restorekit[raw]'"


@pytest.fixture
def still():
    from restorekit.contracts import Restorer

    class Still(Restorer):
        name = "still"

        def restore(self, images):
            return images

    return Still()
