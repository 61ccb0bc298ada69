"""What this plugin brings to restorekit."""

import restorekit


@restorekit.hookimpl
def register_trackers(register: restorekit.Register) -> None:
    """Register the tracker by the name that recipes use; its module is imported when one does."""
    register("plugin_name", "restorekit_plugin_name.tracker:PluginName")
