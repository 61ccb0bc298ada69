"""Names to classes: resolved on first use, owned by one distribution, suggested when misspelt."""

import sys
from types import ModuleType

import pytest

from restorekit.errors import PluginError, UnknownNameError
from restorekit.registries import Registry, did_you_mean


class Deblurrer:
    pass


@pytest.fixture
def networks():
    registry = Registry("network")
    registry.add("unet", "acme_nets:UNet", "acme")
    registry.add("deblurrer", Deblurrer, "someone")
    return registry


def test_the_closest_name_is_suggested_or_else_all_are_listed():
    assert did_you_mean("unte", ["vgg", "unet"]) == "did you mean 'unet'?"
    assert did_you_mean("zzz", ["vgg", "unet"]) == "known: unet, vgg"
    assert did_you_mean("zzz", []) == "known: none"


def test_an_unknown_name_is_an_error_with_the_closest_one(networks):
    with pytest.raises(UnknownNameError, match=r"^unknown network 'deblurer'; did you mean 'deblurrer'\?$"):
        networks.get("deblurer")


def test_a_target_is_imported_on_first_use(networks, monkeypatch):
    assert networks.get("deblurrer") is Deblurrer
    assert "acme_nets" not in sys.modules  # though 'unet' is registered
    module = ModuleType("acme_nets")
    module.UNet = Deblurrer
    monkeypatch.setitem(sys.modules, "acme_nets", module)
    assert networks.get("unet") is Deblurrer


@pytest.mark.parametrize("target", ["no_such_module:UNet", "json:UNet"])
def test_a_target_that_does_not_load_names_its_owner(target):
    registry = Registry("network")
    registry.add("unet", target, "acme")
    with pytest.raises(
        PluginError, match=f"'unet' of acme does not load from {target}: .*; restorekit doctor"
    ):
        registry.get("unet")


def test_a_name_taken_is_refused_naming_both_owners(networks):
    with pytest.raises(PluginError, match="network 'unet' is claimed by both acme and other"):
        networks.add("unet", "other:UNet", "other")
    assert networks.entry("unet").owner == "acme"


@pytest.mark.parametrize("target", ["acme_nets", ":UNet", "acme_nets:"])
def test_a_target_must_name_module_and_attribute(target):
    registry = Registry("network")
    with pytest.raises(PluginError, match="write 'module:Attr'"):
        registry.add("unet", target, "acme")
    assert "unet" not in registry


def test_entries_come_in_order_of_their_names(networks):
    assert [entry.name for entry in networks] == ["deblurrer", "unet"]
    assert len(networks) == 2 and "unet" in networks
