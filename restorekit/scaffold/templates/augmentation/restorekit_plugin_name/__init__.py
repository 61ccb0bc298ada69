"""What this plugin brings to restorekit."""

import restorekit


@restorekit.hookimpl
def register_augmentations(register: restorekit.Register) -> None:
    """Register the augmentation by the name that recipes use; its module is imported when one does."""
    register("plugin_name", "restorekit_plugin_name.augmentation:PluginName")
