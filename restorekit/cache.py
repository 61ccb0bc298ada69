"""Where restorekit keeps what it can make or fetch again."""

from pathlib import Path


def cache_dir(name: str = "") -> Path:
    """Return the folder of restorekit's cache, or that of one purpose in it; it need not be there yet.

    Args:
        name: What is kept there, such as ``kernels``; empty for the whole cache.

    Returns:
        A folder under the user's cache, as the system has it (``XDG_CACHE_HOME`` on Linux).
    """
    from platformdirs import user_cache_path

    return user_cache_path("restorekit", appauthor=False) / name
