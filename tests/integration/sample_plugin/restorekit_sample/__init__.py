"""Names what this plugin provides."""

import restorekit


@restorekit.hookimpl
def register_degradations(register):
    """Register a box blur."""
    register("sample_box_blur", "restorekit_sample.parts:BoxBlur")


@restorekit.hookimpl
def register_networks(register):
    """Register a two-layer network."""
    register("sample_net", "restorekit_sample.parts:TwoLayers")


@restorekit.hookimpl
def register_losses(register):
    """Register a squared difference."""
    register("sample_l2", "restorekit_sample.parts:L2")
