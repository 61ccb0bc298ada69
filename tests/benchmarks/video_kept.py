"""What of a video is the same after it was restored, as a table in Markdown.

``python tests/benchmarks/video_kept.py`` makes the clips of ``tests/plugins/video``, restores a box of most frames, and
prints for each what it was, and what differs afterwards.
"""

import sys
import tempfile
from pathlib import Path

from restorekit import Clip
from restorekit_video.container import Video

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.plugins.video.clips import Lighter, facts_of, make  # noqa: E402
from tests.plugins.video.test_video import KINDS  # noqa: E402

HEADS = (
    "clip",
    "codec",
    "pixels",
    "frames",
    "times",
    "seconds",
    "audio samples",
    "rotation",
    "colour tags",
    "differs",
)


def row(folder: Path, name: str) -> list[object]:
    """Restore one clip."""
    source, output = make(folder / name, **KINDS[name]), folder / f"out.{name}"
    Video().restore(Clip(source, output), lambda: Lighter(left={2}))
    before, after = facts_of(source), facts_of(output)
    steps = {later - earlier for earlier, later in zip(before["times"], before["times"][1:], strict=False)}
    return [
        name,
        before["codec"],
        before["pixels"],
        len(before["times"]),
        "constant" if len(steps) == 1 else "varying",
        before["duration"],
        before["samples"] or "none",
        before["turned"],
        "-".join(map(str, before["colours"])),
        ", ".join(key for key in before if before[key] != after[key]) or "nothing",
    ]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for line in (HEADS, ["---"] * len(HEADS), *(row(Path(place), name) for name in KINDS)):
            print(f"| {' | '.join(map(str, line))} |", flush=True)
