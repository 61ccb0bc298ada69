"""A Hub, or a mirror, that means harm: a line, nothing outside the cache, and no model that is not one."""

from pathlib import Path

import pytest

from restorekit.bundle import FILES

OTHER = "f" * 40
OUTSIDE, ROOT = "../../../escaped", "/tmp/escaped"


def lied(header, value):
    """Headers as a Hub sends them, with one that lies."""
    return lambda headers: headers | {header: value}


# What befalls which file, and what is said of it.
LIES = {
    "a commit that is a path": (FILES[0], lied("X-Repo-Commit", OUTSIDE), "calls a commit "),
    "a commit that is another's": (FILES[1], lied("X-Repo-Commit", OTHER), "gives README.md of another commit"),
    "the weights' commit": (FILES[-1], lied("X-Repo-Commit", OTHER), "gives model.safetensors of another commit"),
    "a digest that is a path": (FILES[0], lied("ETag", f'"{OUTSIDE}"'), "states the digest "),
    "a weak digest that is a path": (FILES[0], lied("ETag", f'W/"{ROOT}"'), "states the digest "),
    "the weights' digest": (FILES[-1], lied("X-Linked-Etag", OUTSIDE), "states the digest "),
    "no digest": (FILES[1], lied("ETag", ""), "states the digest "),
    "a size past all bounds": (FILES[-1], lied("X-Linked-Size", str(2**60)), "bytes for model.safetensors"),
    "a text past all bounds": (FILES[2], lied("Content-Length", str(2**40)), "bytes for recipe.toml"),
}  # fmt: skip


@pytest.fixture(scope="module")
def said(hub, run, bundle, tmp_path_factory):
    """What is said of each lie; and the folder that holds the cache and nothing else."""
    around = tmp_path_factory.mktemp("around")
    files = {name: (bundle / name).read_bytes() for name in FILES}
    names = {lie: f"user/n{number}" for number, lie in enumerate(LIES)}
    with hub() as served:
        for lie, name in names.items():
            weights = files["model.safetensors"] + name.encode()
            served.put(name, files | {"model.safetensors": weights})
            served.lies[name, LIES[lie][0]] = LIES[lie][1]
        commands = [["pull", name] for name in names.values()]
        told = run(served.endpoint, around / "a" / "b" / "home", commands)
    return dict(zip(LIES, told, strict=True)), around


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_a_line(said, lie):
    status, out, err = said[0][lie]
    assert (status, out) == (2, ""), err
    assert LIES[lie][2] in err and err[:-1].isprintable()


def test_nothing_is_written_outside_the_cache(said):
    found = [path.relative_to(said[1]).parts for path in said[1].rglob("*")]
    assert {parts[:4] for parts in found if len(parts) > 3} == {("a", "b", "home", "hub")}
    assert not Path(ROOT).exists()


def test_what_has_no_end_is_cut_off(hub, run, bundle, tmp_path):
    files = {name: (bundle / name).read_bytes() for name in FILES}
    with hub() as served:
        served.put("user/tiny", files)
        served.endless.add("config.json")
        ((status, out, err),) = run(served.endpoint, tmp_path, [["pull", "user/tiny"]])
    assert (status, out) == (2, "") and "sends more than 16,777,216 bytes" in err
    assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) < 2**25


def test_an_answer_that_is_no_table_is_a_line(hub, run, tmp_path):
    with hub() as served:
        for number, body in enumerate((b"[]", b'"x"', b'{"siblings": 1}', b"\xff", b"[" * 10**5)):
            served.commits[f"user/n{number}"] = {"main": {}}
            served.bodies[f"user/n{number}"] = body
        told = run(served.endpoint, tmp_path, [["pull", f"user/n{number}"] for number in range(5)])
    for status, out, err in told:
        assert (status, out) == (2, "") and err.count("\n") == 1, err
