"""``restorekit new plugin``: names that are refused, and packages that appear whole or not at all."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from restorekit.cli import main
from restorekit.errors import RestorekitError
from restorekit.kinds import COMPONENTS
from restorekit.scaffold import write
from restorekit.scaffold.names import Names, plugin_names

ROOT = Path(__file__).parents[2]
KINDS = [kind.name for kind in COMPONENTS]


@pytest.fixture
def new(monkeypatch, capsys, tmp_path):
    """Run ``restorekit new plugin`` in an empty folder; gives (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["restorekit", "new", "plugin", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    "typed", ["lens_dust", "Lens-Dust", "restorekit-lens-dust", " lens.dust ", "lens__dust"]
)
def test_a_name_may_be_typed_as_it_comes(typed):
    names = plugin_names(typed, "degradation")
    assert (names.component, names.distribution, names.cls) == (
        "lens_dust",
        "restorekit-lens-dust",
        "LensDust",
    )


@pytest.mark.parametrize(
    ("typed", "kind", "message"),
    [
        ("2nd", "loss", "'2nd' cannot be the name of a plugin; begin with a letter"),
        ("", "loss", "'' cannot be the name of a plugin"),
        ("../dust", "loss", "'../dust' cannot be the name of a plugin"),
        ("dust_", "loss", "'dust_' cannot be the name of a plugin"),
        ("staub\u00e4", "loss", "'staub\u00e4' cannot be the name of a plugin"),
        ("class", "loss", "'class' is a word of Python itself; choose another name"),
        ("match", "loss", "'match' is a word of Python itself"),
        ("none", "loss", "'none' is a word of Python itself"),
        ("motion-blur", "loss", "plugin 'motion_blur' is there already, from restorekit; choose another name"),
        ("gaussian_noise", "degradation", "degradation 'gaussian_noise' is there already, from restorekit"),
    ],
)  # fmt: skip
def test_a_name_that_is_none_or_taken_is_refused(typed, kind, message):
    with pytest.raises(RestorekitError, match=re.escape(message)):
        plugin_names(typed, kind)


def test_a_name_may_be_taken_by_a_component_of_another_kind():
    assert plugin_names("gaussian_noise", "loss").component == "gaussian_noise"


@pytest.mark.parametrize(("name", "kind"), [("block", "network"), ("loss", "loss")])
def test_a_class_that_would_hide_what_the_package_uses_is_refused(name, kind, tmp_path):
    with pytest.raises(
        RestorekitError, match=f"'{name}' would make a class {name.capitalize()}, which stands for"
    ):
        write.write_plugin(Names(name), kind, tmp_path / "new")
    assert not list(tmp_path.iterdir())


def test_the_command_prints_the_folder_and_says_what_comes_next(new, tmp_path):
    status, out, err = new("lens-dust")
    assert (status, out) == (0, "restorekit-lens-dust\n")
    assert "next: cd restorekit-lens-dust\n" in err
    assert "next: restorekit show degradation lens_dust\n" in err
    assert [path.name for path in tmp_path.iterdir()] == ["restorekit-lens-dust"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_package_is_complete_and_says_its_own_names(kind, new, tmp_path):
    assert new("lens-dust", "--kind", kind, "-o", "a folder")[:2] == (0, "a folder\n")
    files = {
        path.relative_to(tmp_path / "a folder").as_posix(): path
        for path in (tmp_path / "a folder").rglob("*.*")
    }
    assert {
        "README.md", "pyproject.toml", "restorekit_lens_dust/__init__.py",
        f"restorekit_lens_dust/{kind}.py", f"tests/test_{kind}.py",
    } <= files.keys()  # fmt: skip
    assert ("recipe.toml" in files) == (kind not in ("restorer", "engine"))  # no recipe names these
    everything = "".join(name + path.read_text("utf-8") for name, path in files.items())
    assert not re.search(r"plugin[-_]name|PluginName|plugin-kind", everything)
    project = tomllib.loads(files["pyproject.toml"].read_text("utf-8"))["project"]
    assert project["name"] == "restorekit-lens-dust"
    assert project["dependencies"] == ["restorekit"]
    assert project["entry-points"] == {"restorekit": {"lens_dust": "restorekit_lens_dust"}}


@pytest.mark.parametrize("there", ["folder", "file", "link to nowhere"])
def test_nothing_that_is_there_is_touched(there, new, tmp_path):
    place = tmp_path / "restorekit-dust"
    if there == "folder":
        place.mkdir()
    elif there == "file":
        place.write_text("mine")
    else:
        place.symlink_to("nowhere")
    assert new("dust") == (2, "", "error: restorekit-dust: already exists; choose another folder with -o\n")
    assert [path.name for path in tmp_path.iterdir()] == ["restorekit-dust"]
    assert there != "file" or place.read_text() == "mine"


def test_a_full_disk_leaves_nothing_behind(new, tmp_path, monkeypatch):
    writing = Path.write_text

    def full(path, *arguments, **options):
        if path.name == "recipe.toml":
            raise OSError(28, "No space left on device")
        return writing(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", full)
    status, out, err = new("dust")
    assert (status, out) == (2, "")
    assert "No space left on device" in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_what_an_installer_compiled_is_left_out(tmp_path, monkeypatch):
    shutil.copytree(write.TEMPLATES, tmp_path / "templates")
    cache = tmp_path / "templates" / "loss" / "tests" / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "test_loss.cpython-311.pyc").write_bytes(b"\xff")
    monkeypatch.setattr(write, "TEMPLATES", tmp_path / "templates")
    assert not [path for path in write.template("loss") if "__pycache__" in path]


def test_it_does_not_wait_for_torch(tmp_path):
    program = (
        "import sys; from restorekit.cli import main\ntry: main()\nfinally: assert 'torch' not in sys.modules"
    )
    arguments = ["new", "plugin", "dust", "--kind", "network", "-o", tmp_path / "new"]
    subprocess.run([sys.executable, "-c", program, *arguments], check=True, capture_output=True)
    assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["x", "a_rather_long_name_so"])
def test_a_package_passes_ruff_with_the_settings_of_the_house(name, kind, tmp_path):
    write.write_plugin(Names(name), kind, tmp_path / "new")
    settings = ["--no-cache", "--config", str(ROOT / "pyproject.toml")]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *settings],
        cwd=tmp_path / "new",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
