"""Which picture is written where."""

from dataclasses import replace
from pathlib import Path

import pytest

from restorekit.errors import ImageError, RestorekitError
from restorekit.restore.jobs import Job, output_folder, plan
from restorekit.restore.listing import Found


def named(*paths):
    return [Found(Path(path), Path(Path(path).name)) for path in paths]


def test_plan_beside_the_input():
    assert plan(named("a/b.jpg"), compare=True) == [
        Job(Path("a/b.jpg"), Path("a/b.restored.jpg"), Path("a/b.compare.png"))
    ]


def test_plan_to_a_file():
    assert plan(named("a.jpg"), "out/c.png", compare=True) == [
        Job(Path("a.jpg"), Path("out/c.png"), Path("out/c.compare.png"))
    ]


@pytest.mark.parametrize("output", ["out", "out.v2/"])
def test_plan_to_a_folder(output):
    jobs = plan(named("a.jpg", "b.png"), output)
    assert [job.output for job in jobs] == [Path(output, "a.jpg"), Path(output, "b.png")]


def test_plan_to_an_existing_folder_with_a_suffix(tmp_path):
    folder = tmp_path / "photos.png"
    folder.mkdir()
    assert plan(named("a.jpg"), str(folder))[0].output == folder / "a.jpg"


def test_one_picture_named_twice_is_restored_once():
    assert len(plan(named("a.jpg", "./a.jpg", "x/../a.jpg"), compare=True)) == 1


def test_a_picture_and_a_link_to_it_are_two(tmp_path):
    (tmp_path / "a.png").write_text("")
    (tmp_path / "b.png").symlink_to("a.png")
    jobs = plan(named(tmp_path / "a.png", tmp_path / "b.png"), "out")
    assert [job.output.name for job in jobs] == ["a.png", "b.png"]


def test_a_link_to_itself_is_a_missing_file(tmp_path):
    (tmp_path / "a.png").symlink_to("a.png")
    (job,) = plan(named(tmp_path / "a.png"), "out")
    with pytest.raises(ImageError, match="no such file"):
        job.check(overwrite=False)


@pytest.mark.parametrize(
    ("inputs", "output", "compare", "said"),
    [
        (["a.jpg", "b.jpg"], "out.png", False, "one file for 2 pictures"),
        (["a.jpg"], "out.xcf", False, "out.xcf: cannot write"),
    ],
)
def test_plan_refuses(inputs, output, compare, said):
    with pytest.raises(RestorekitError, match=said):
        plan(named(*inputs), output, compare=compare)


@pytest.mark.parametrize(
    ("inputs", "output", "compare"),
    [(["a/x.png", "c/y.png", "b/x.png"], "out", False), (["x.png", "c/y.png", "x.jpg"], None, True)],
)
def test_plan_marks_those_that_would_go_to_one_place(inputs, output, compare):
    jobs = plan(named(*inputs), output, compare=compare)
    assert [job.rival for job in jobs] == [Path(inputs[2]), None, Path(inputs[0])]


def test_kernels_have_their_places_as_pictures_have(tmp_path):
    found = [Found(Path("in/a/x.png"), Path("a/x.png")), Found(Path("in/b/x.png"), Path("b/x.png"))]
    jobs = plan(found, "out", kernels=tmp_path)
    assert [job.kernels for job in jobs] == [tmp_path / f"{each}/x.kernel.png" for each in "ab"]
    assert [job.rival for job in jobs] == [None, None]
    assert plan(named("a.mp4"), kernels=tmp_path)[0].kernels is None


def test_two_pictures_whose_kernels_would_go_to_one_file_are_rivals():
    jobs = plan(named("x.png", "y.png", "x.jpg"), "out", kernels=Path("k"))
    assert [job.rival for job in jobs] == [Path("x.jpg"), None, Path("x.png")]


def test_kernels_that_are_there_are_replaced_by_overwrite_alone(tmp_path):
    for name in ("a.png", "a.kernel.png"):
        (tmp_path / name).write_text("")
    (job,) = plan(named(tmp_path / "a.png"), kernels=tmp_path)
    with pytest.raises(ImageError, match=r"a\.kernel\.png: already exists"):
        job.check(overwrite=False)
    job.check(overwrite=True)


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (Job(Path("missing.png"), Path("out.png")), "missing.png: no such file"),
        (Job(Path("a.png"), Path("a.restored.xcf")), "a.restored.xcf: cannot write this kind"),
        (Job(Path("a.xcf"), Path("a.restored.xcf")), "a.xcf: .xcf is not a kind of picture that can be read"),
        (Job(Path("a.png"), Path("b.png"), rival=Path("c.png")), "a.png: c.png would be written to the same"),
        (Job(Path("a.png"), Path("a.png")), "already exists; give overwrite=true"),
        (Job(Path("a.png"), Path("b.png"), Path("a.png")), "already exists"),
        (Job(Path("a.png"), Path("a.png/deep/b.png")), "a.png: is a file, not a folder"),
    ],
)
def test_check_finds_it_before_anything_is_computed(tmp_path, monkeypatch, job, said):
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "a.xcf"):
        Path(name).write_text("")
    with pytest.raises(ImageError, match=said):
        job.check(overwrite=False)


def test_check_lets_overwrite(tmp_path):
    (tmp_path / "a.png").write_text("")
    Job(tmp_path / "a.png", tmp_path / "a.png").check(overwrite=True)


def test_check_of_a_folder_without_permission(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_text("")
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(ImageError, match="no permission"):
        Job(tmp_path / "a.png", tmp_path / "new" / "a.png").check(overwrite=False)


def test_below_an_output_folder_each_has_its_place():
    job = plan([Found(Path("in/2024/may/a.jpg"), Path("2024/may/a.jpg"))], "out", compare=True)[0]
    assert job.outputs == [Path("out/2024/may/a.jpg"), Path("out/2024/may/a.compare.png")]


def test_beside_its_input_a_picture_stays_in_its_folder():
    job = plan([Found(Path("in/2024/a.jpg"), Path("2024/a.jpg"))], None)[0]
    assert job.output == Path("in/2024/a.restored.jpg")


def test_done_is_a_job_with_all_its_outputs_whether_or_not_it_found_kernels(tmp_path):
    job = Job(
        tmp_path / "a.png",
        tmp_path / "b.png",
        tmp_path / "b.compare.png",
        tmp_path / "b.kernel.png",
        keep=True,
    )
    job.output.write_text("")
    assert not job.done
    job.compare.write_text("")
    assert job.done
    assert not replace(job, keep=False).done


def test_outputs_that_stay_are_nothing_wrong(tmp_path):
    (tmp_path / "a.png").write_text("")
    Job(tmp_path / "a.png", tmp_path / "a.png", keep=True).check(overwrite=False)


def test_a_job_with_a_rival_is_not_done_by_what_the_rival_wrote(tmp_path):
    (tmp_path / "b.png").write_text("")
    assert not Job(tmp_path / "a.png", tmp_path / "b.png", rival=Path("c.png"), keep=True).done


def test_the_output_folder_is_none_where_a_file_is_meant(tmp_path):
    assert output_folder(str(tmp_path / "a.png")) is None
    assert output_folder(None) is None
    assert output_folder(str(tmp_path / "out")) == tmp_path / "out"


def test_clips_have_no_comparison_and_their_frames_a_folder():
    clip, photo = plan(named("a.mp4", "b.png"), compare=True, frames="cut")
    assert (clip.output, clip.compare, clip.frames) == (Path("cut"), None, True)
    assert (photo.output, photo.frames) == (Path("b.restored.png"), False)
    jobs = plan(named("a.mp4", "b.mkv"), frames="cut")
    assert [job.output for job in jobs] == [Path("cut/a.mp4"), Path("cut/b.mkv")]
