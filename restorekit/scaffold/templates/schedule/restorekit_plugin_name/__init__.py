"""What this plugin brings to restorekit."""

import restorekit


@restorekit.hookimpl
def register_schedules(register: restorekit.Register) -> None:
    """Register the schedule by the name that recipes use; its module is imported when one does."""
    register("plugin_name", "restorekit_plugin_name.schedule:PluginName")
