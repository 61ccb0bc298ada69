"""A run directory: what has changed in it, and what a kill left there."""

from restorekit import train
from restorekit.training.folder import RECIPE, changed_keys, changes, sweep


def test_a_weight_found_but_not_saved_is_no_change(recipe, tmp_path):
    balanced = recipe("loss.charbonnier.weight='auto'")
    (tmp_path / RECIPE).write_text(balanced.with_weights({"charbonnier": 0.2}).dumps())
    assert changes(tmp_path, balanced) == []
    assert changes(tmp_path, balanced.with_weights({"charbonnier": 0.2})) == []
    assert changes(tmp_path, recipe("loss.charbonnier.weight=0.3")) == ["loss.1.weight"]


def test_a_key_that_the_run_did_not_know_yet_is_no_change(recipe, tmp_path):
    lines = recipe().dumps().splitlines()
    (tmp_path / RECIPE).write_text("\n".join(line for line in lines if "accumulate" not in line))
    assert changes(tmp_path, recipe()) == []
    assert changes(tmp_path, recipe("train.accumulate=2")) == ["train.accumulate"]


def test_changed_keys_are_dotted():
    before = {"a": 1, "b": {"c": [1, {"d": 2}]}, "e": [1]}
    assert changed_keys(before, {"a": 1, "b": {"c": [1, {"d": 3}], "f": 0}, "e": [1, 2]}) == [
        "b.c.1.d",
        "b.f",
        "e",
    ]
    assert changed_keys(before, before) == []


def test_what_a_kill_left_half_written_is_swept_and_what_it_moved_aside_put_back(tmp_path):
    run, kept = tmp_path / "run", ["notes.part", "samples/step-00000001.png", "state/step-00000002", "bundle"]
    left = [
        ".0a1b.part",
        "bundle.part/model.safetensors",
        "best.part",
        "state/step-00000004.part",
        "samples/.ff.part",
    ]
    left += ["not-finite-00000003-0.safetensors.part", "state/step-00000002.old", "bundle.old"]
    for name in (*kept, *left, "best.old/config.json"):
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text(name)
    sweep(run)
    found = sorted(str(path.relative_to(run)) for path in run.rglob("*") if path.is_file())
    assert found == sorted([*kept, "best/config.json"])


def test_a_run_that_is_resumed_is_swept_first(recipe, tmp_path):
    train(recipe(), tmp_path / "run", device="cpu")
    (tmp_path / "run" / "state" / "step-00000009.part").mkdir()
    (tmp_path / "run" / ".0a1b.part").write_text("cut")
    train(recipe("stage.0.steps=3"), tmp_path / "run", device="cpu", resume=True)
    assert not [path for path in (tmp_path / "run").rglob("*") if path.suffix == ".part"]
