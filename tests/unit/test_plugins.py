"""The plugin host: one broken plugin costs itself only, and the environment has its say."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType, SimpleNamespace

import pytest

from restorekit import hookimpl, plugins
from restorekit.errors import PluginError
from restorekit.plugins import Host


@pytest.fixture
def point(monkeypatch):
    """Install a plugin: gives the entry point of a module that holds the given hooks."""

    def make(name, *hooks, dist="acme", module=None):
        stub = ModuleType(f"{dist}_{name}")
        for hook in hooks:
            setattr(stub, hook.__name__, hookimpl(hook))
        monkeypatch.setitem(sys.modules, stub.__name__, stub)
        found = EntryPoint(name, module or stub.__name__, "restorekit")
        vars(found).update(dist=SimpleNamespace(name=dist, version="1.2"))
        return found

    return make


@pytest.fixture
def installed(monkeypatch):
    """The host of a process in which just these plugins are installed."""

    def start(*points, **environment):
        for name in ("RESTOREKIT_PLUGINS", "RESTOREKIT_STRICT_PLUGINS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(plugins, "entry_points", lambda group: [p for p in points if p.group == group])
        return plugins.host.__wrapped__()

    return start


def networks(*names):
    def register_networks(register):
        for name in names:
            register(name, f"nets:{name.title()}")

    return register_networks


def owners(host):
    return {entry.name: entry.owner for entry in host.registries["network"]}


def test_a_plugin_registers_under_its_distribution(point, installed):
    host = installed(point("nets", networks("unet")))
    assert owners(host) == {"unet": "acme"}
    assert [(p.name, p.distribution, p.version) for p in host.loaded] == [("nets", "acme", "1.2")]
    assert "folder" in host.registries["source"]  # the core's own


def test_a_broken_plugin_is_named_once_and_skipped(point, installed, capsys):
    host = installed(point("bad", module="no_such_module"), point("good", networks("unet"), dist="fine"))
    assert owners(host) == {"unet": "fine"}
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("restorekit: plugin 'bad' of acme 1.2 is skipped: ModuleNotFoundError: ")
    assert "no_such_module" in line
    assert [failure.name for failure in host.failures] == ["bad"]


def raising(error):
    def register_networks(register):
        raise error

    return register_networks


@pytest.mark.parametrize("error", [RuntimeError("two\nlines"), SystemExit("no licence")], ids=repr)
def test_whatever_a_plugin_raises_it_is_one_line(error, point, installed, capsys):
    host = installed(point("bad", raising(error)), point("good", networks("unet"), dist="fine"))
    assert owners(host) == {"unet": "fine"}
    (line,) = capsys.readouterr().err.splitlines()
    assert type(error).__name__ in line


def test_strict_raises_what_the_plugin_raised(point, installed):
    with pytest.raises(ModuleNotFoundError):
        installed(point("bad", module="no_such_module"), RESTOREKIT_STRICT_PLUGINS="1")


def test_a_plugin_that_clashes_registers_nothing(point, installed):
    one, two = point("one", networks("unet")), point("two", networks("fresh", "unet"), dist="other")
    host = installed(one, two)
    assert owners(host) == {"unet": "acme"}
    (failure,) = host.failures
    assert "network 'unet' is claimed by both acme and other; uninstall one" in failure.error


def test_our_own_names_cannot_be_taken(point, installed):
    thief, ours = point("a", networks("unet"), dist="thief"), point("z", networks("unet"), dist="restorekit")
    assert owners(installed(thief, ours)) == {"unet": "restorekit"}


def test_two_distributions_may_call_their_entry_points_alike(point, installed):
    host = installed(point("nets", networks("unet")), point("nets", networks("vit"), dist="other"))
    assert owners(host) == {"unet": "acme", "vit": "other"}


def test_an_unknown_hook_is_reported(point, installed):
    def register_filters(register):
        register("sharpen", "filters:Sharpen")

    host = installed(point("filters", register_filters, networks("unet")))
    assert owners(host) == {}
    (failure,) = host.failures
    assert "unknown hook 'register_filters'; the plugin may need a newer restorekit" in failure.error
    assert "register_networks" in failure.error


def test_a_hook_of_the_wrong_signature_is_reported(point, installed):
    def register_networks(registry):
        registry("unet", "nets:UNet")

    host = installed(point("nets", register_networks), point("good", networks("vit"), dist="fine"))
    assert owners(host) == {"vit": "fine"}
    assert [failure.name for failure in host.failures] == ["nets"]


@pytest.mark.parametrize(
    ("allowed", "loaded"),
    [("", []), ("a", ["a"]), ("a,b", ["a", "b"]), (" b , c", ["b", "c"]), ("nobody", [])],
)
def test_the_environment_limits_what_is_loaded(allowed, loaded, point, installed):
    points = [point(name, networks(name)) for name in "abc"]
    host = installed(*points, RESTOREKIT_PLUGINS=allowed)
    assert list(owners(host)) == loaded == [plugin.name for plugin in host.loaded]
    assert "folder" in host.registries["source"]


def test_registering_by_hand_raises():
    host, plugin = Host(), ModuleType("mine")
    before = list(host.registries["source"])
    plugin.register_sources = _claim_folder
    with pytest.raises(PluginError, match="source 'folder' is claimed by both restorekit and me"):
        host.register(plugin, "mine", "me")
    assert list(host.registries["source"]) == before
    plugin.register_sources = hookimpl(lambda register: register("mine", "mine:Mine"))
    host.register(plugin, "mine", "me")
    assert host.registries["source"].entry("mine").owner == "me"


@hookimpl
def _claim_folder(register):
    register("folder", "mine:Folder")
