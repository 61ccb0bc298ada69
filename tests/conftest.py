"""What every test may count on: the installed package, and the measuring data only where there is some."""

import os
import signal
import sys
from pathlib import Path

import pytest

import restorekit

HOME = Path(restorekit.__file__).parent
LINUX = [
    "fuzz",
    "unit/test_hostile.py",
    "unit/test_hostile_recipe.py",
    "unit/test_images_bombs.py",
    "unit/test_images_metadata_bombs.py",
]
"""What limits the memory of a child, which other systems do not or count otherwise."""
POSIX = ["integration/test_killed.py", "integration/test_resume.py"]
"""What forks, and kills without a word."""
collect_ignore = (LINUX if sys.platform != "linux" else []) + (POSIX if os.name == "nt" else [])
# A child started with -c or -m would look into the working directory first, and find the checkout there.
os.environ["PYTHONSAFEPATH"] = "1"


def pytest_report_header():
    return f"restorekit {restorekit.__version__} from {HOME}"


def pytest_sessionstart():
    # Whoever started the tests may ignore these (nohup, a job in the background), and their children would too.
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
    if os.environ.get("RESTOREKIT_INSTALLED") == "1" and HOME.parent.name != "site-packages":
        raise pytest.UsageError(f"restorekit comes from {HOME}, not from an installed wheel")


def pytest_collection_modifyitems(config, items):
    for marker in ("nodes", "ray"):  # minutes, and machines that have to find each other in time
        if marker not in config.option.markexpr:
            items[:] = [item for item in items if not item.get_closest_marker(marker)]
    for marker, needed in (("shared", "RESTOREKIT_SHARED"), ("browser", "RESTOREKIT_BROWSER")):
        if needed not in os.environ:
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(pytest.mark.skip(reason=f"needs {needed}"))


@pytest.fixture
def run_cli(monkeypatch, capfd, tmp_path):
    """Run ``restorekit`` in ``tmp_path``; gives (exit status, stdout, stderr), of this run alone."""
    from restorekit.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["restorekit", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capfd.readouterr()

    return run
