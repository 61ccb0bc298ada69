"""`.ci/run` says what must hold; the workflow, the hooks and CONTRIBUTING say the same, and the same rooms."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import restorekit

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
FORMS = ["bug.yml", "feature.yml", "photo.yml"]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def read(file):
    return yaml.safe_load((ROOT / file).read_text("utf-8"))


def bare(command):
    return command.replace(".venv/bin/", "").strip()


def steps_of_ci():
    """Name to command of the steps that are a tool, without the environment's folder."""
    steps = re.findall(r"^step (\w+) (\.venv/bin/.+)$", (ROOT / ".ci/run").read_text("utf-8"), re.M)
    return {name: bare(command) for name, command in steps}


def commands_of_job(job):
    steps = read(".github/workflows/check.yml")["jobs"][job]["steps"]
    return [step["run"] for step in steps if "run" in step]


def test_the_workflow_lints_by_the_steps_of_ci():
    assert commands_of_job("lint") == list(steps_of_ci().values())


def test_the_workflow_tests_by_the_commands_of_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    trial = re.search(r"python3 -m venv \S+ && (.* deblur .*)", readme)[1]
    tests = re.search(r"\.venv/bin/pip install .*pytest.*", readme)[0]
    run = [command for command in commands_of_job("tests") if not command.startswith("! ")]  # what must fail
    assert run == [bare(command) for line in (trial, tests) for command in line.split("&&")]


def test_hooks_are_the_steps_of_ci_with_the_tools_that_are_installed():
    (repo,) = read(".pre-commit-config.yaml")["repos"]
    assert repo["repo"] == "local"
    assert {hook["language"] for hook in repo["hooks"]} == {"system"}
    steps = {name: command for name, command in steps_of_ci().items() if name != "tools"}
    assert {hook["id"]: hook["entry"] for hook in repo["hooks"]} == steps


def test_contributing_names_each_tool_of_ci():
    for command in steps_of_ci().values():
        assert f".venv/bin/{command.split()[0]} " in CONTRIBUTING.replace("\n", " "), command


def test_contributing_has_every_room_and_plugin_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = project["contracts"][0]["layers"]
    rooms = [room for layer in layers for room in layer.split(" | ")]
    plugins = [package for package in project["root_packages"] if package != "restorekit"]
    table = re.findall(r"^\| (`.*?`) \|", CONTRIBUTING, re.M)
    assert sorted(re.findall(r"`(\w+)`", " ".join(table))) == sorted(rooms + plugins)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_asks_for_something_and_protects_faces(form):
    text = (GITHUB / "ISSUE_TEMPLATE" / form).read_text("utf-8")
    body = yaml.safe_load(text)["body"]
    asked = [part["id"] for part in body if part["type"] != "markdown"]
    assert len(asked) == len(set(asked)) > 1
    assert "no faces of others" in text.lower()


def test_no_address_of_a_registry_is_written_down():
    files = [*GITHUB.rglob("*.yml"), ROOT / ".pre-commit-config.yaml", ROOT / "RELEASING.md"]
    for file in files:
        assert not re.search(r"index-url|https?://(?!semver\.org)", file.read_text("utf-8")), file


def test_the_citation_is_of_this_version():
    assert read("CITATION.cff")["version"] == restorekit.__version__
