"""The commands that only read stay light: neither torch nor albumentations, which take seconds to import."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "torchvision", "timm", "albumentations", "cv2", "skimage", "huggingface_hub"}
CHILD = """
import sys
from restorekit.cli import main
sys.argv[0] = "restorekit"
try:
    main()
finally:
    print("imported:", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("list",),
        ("show", "network", "face_multitask_unet"),
        ("check", "face_mt_tiny"),
        ("check", "--schema"),
        ("deblur", "--help"),
        ("export", "--help"),
        ("pull", "--help"),
        ("publish", "--help"),
        ("models",),
    ],
    ids=" ".join,
)
def test_reading_commands_import_nothing_heavy(arguments):
    done = subprocess.run([sys.executable, "-c", CHILD, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    imported = set(done.stderr.partition("imported:")[2].split())
    assert "restorekit" in imported
    assert not HEAVY & imported
