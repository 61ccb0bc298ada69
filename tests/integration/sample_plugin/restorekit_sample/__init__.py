"""Names what this plugin provides: something of almost every kind, from the root of restorekit alone."""

import restorekit


@restorekit.hookimpl
def register_sources(register):
    """Register pictures of stripes."""
    register("sample_stripes", "restorekit_sample.data:Stripes")


@restorekit.hookimpl
def register_augmentations(register):
    """Register a change of brightness."""
    register("sample_dim", "restorekit_sample.data:Dim")


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


@restorekit.hookimpl
def register_metrics(register):
    """Register a root mean square."""
    register("sample_rms", "restorekit_sample.results:RootMeanSquare")


@restorekit.hookimpl
def register_trackers(register):
    """Register lines in a file."""
    register("sample_lines", "restorekit_sample.results:Lines")


@restorekit.hookimpl
def register_framings(register):
    """Register the left half."""
    register("sample_left", "restorekit_sample.use:LeftHalf")


@restorekit.hookimpl
def register_engines(register):
    """Register files that hold a factor."""
    register("sample_factor", "restorekit_sample.use:Factors")


@restorekit.hookimpl
def register_commands(register):
    """Register a command that counts a source."""
    register("sample-count", "restorekit_sample.use:count")


@restorekit.hookimpl
def register_recipes(register):
    """Register a small training."""
    register("sample_small", "restorekit_sample:small.toml")


@restorekit.hookimpl
def register_models(register):
    """Register a model of the Hub."""
    register("sample-model", "hub:someone/sample@v1")
