"""Let Atheris find bytes that take new paths through our own parsers, and say what got through.

    python tests/fuzz/guided.py tiff --seconds 600

Needs the extra ``fuzz``, and Linux. Begins with whole files, and watches the branches of restorekit alone: neither
codecs nor libraries. Each input must be taken, or refused in a line (RestorekitError), within 10 s and 2 GiB; and a
parser may raise what its docstring says. The smallest input found of each kind of fault lies in the folder ``--keep``;
``--only FILE`` repeats it. Exit status 1 if there is one.
"""

import argparse
import json
import os
import shutil
import struct
import sys
import tempfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))  # which PYTHONSAFEPATH leaves out

OURS = ["restorekit", "restorekit_video"]


def pictures(data, file):
    """What all commands read pictures by."""
    from restorekit.images import read

    file.write_bytes(data)
    read(file, 10**6)


def tiff(data, file):
    """Directories of TIFF and EXIF: read, and written again."""
    from restorekit.images import exif, ifd

    with suppress(ValueError):
        ifd.claimed(BytesIO(data))
        ifd.write_directory(ifd.read_directory(BytesIO(data)))
    block = exif.PREFIX + data
    exif.block_of(exif.directory_of(block))
    exif.for_tiff(block)
    exif.directory_of(exif.settled(block, 24, 32))
    exif.directory_of(exif.without_orientation(block))


def jpeg(data, file):
    """Segments of JPEG and what is in them: XMP and Photoshop's resources."""
    from restorekit.images import jpeg, jpeg_read, photoshop, xmp

    with suppress(ValueError):
        heads = list(jpeg.segments(data))
        jpeg.scans(data, 0)
        jpeg_read.exif_of(heads)
        packet, _ = xmp.settled(xmp.joined(heads) or data)
        jpeg.put_in(data, [(jpeg.APP1, body) for body in xmp.cut(packet)])
        for each in heads:
            photoshop.iptc_of(each.body)


def png(data, file):
    """Chunks of PNG, and what is in them."""
    from restorekit.images import png_read

    with suppress(EOFError, struct.error):
        png_read.metadata_of(png_read.parts(data))


def boxes(data, file):
    """Boxes of AVIF, HEIC and JPEG XL, and the head of a JPEG XL stream."""
    from restorekit.images import boxes, jxl

    boxes.main_picture(data)
    with suppress(ValueError):
        jxl.head_of(jxl.code_stream(data))


def animations(data, file):
    """Heads of animated PNG and WebP."""
    from restorekit_video.heads import is_animated, is_lossless

    file.write_bytes(data)
    is_animated(file)
    is_lossless(file)


def weights(data, file):
    """Heads of safetensors."""
    from restorekit.tensors import places

    file.write_bytes(data)
    places(file)


def recipes(data, file):
    """What ``restorekit check`` reads."""
    from restorekit import load_recipe

    file.write_bytes(data)
    load_recipe(file)


TARGETS = {each.__name__: each for each in (pictures, tiff, jpeg, png, boxes, animations, weights, recipes)}
SUFFIXES = {"tiff": (".tif",), "jpeg": (".jpg",), "png": (".png",), "boxes": (".avif", ".heic", ".jxl")}


def seeds_of(name, folder):
    """Give the whole files that a target begins with."""
    import seeds
    import subjects

    match name:
        case "weights":
            return [seeds.light_bundle()["model.safetensors"]]
        case "recipes":
            return [text.encode() for text in subjects.Recipes(folder).seeds]
        case "animations":
            return seeds.animations()
    found = [data for suffix, data in subjects.Pictures(folder).seeds if suffix in SUFFIXES.get(name, suffix)]
    return [*found, seeds.exif().removeprefix(b"Exif\0\0")] if name == "tiff" else found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(), help="a folder for what got through")
    parser.add_argument("--only", type=Path, help="this input alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="restorekit-fuzz-") as name:
        folder = Path(name)
        for each in ("corpus", "found"):
            (folder / each).mkdir()
        child = os.fork()  # libFuzzer ends its process
        if not child:
            search(given, folder)
        _, status = os.waitpid(child, 0)
        found = sorted((folder / "found").iterdir())
        for each in found:
            given.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(each, given.keep)
    print(json.dumps({"target": given.target, "seed": given.seed, "faults": [each.name for each in found]}))
    sys.exit(bool(found or status))


def search(given, folder):
    """Search until the time is over, or an input takes too much time or memory; does not return."""
    target, file, smallest = TARGETS[given.target], folder / "input.toml", {}
    with atheris.instrument_imports(include=OURS):
        import attack

        for number, data in enumerate(seeds_of(given.target, folder)):
            (folder / "corpus" / str(number)).write_bytes(data)
            attack.ended(target, data, file)  # imports what it needs

    def try_one(data):
        try:
            attack.ended(target, data, file)
        except attack.Fault as fault:
            kind, more = fault.args
            if kind not in smallest or len(data) < smallest[kind]:
                smallest[kind] = len(data)
                print(f"{kind}: {more}", file=sys.stderr)
                name = "".join(sign if sign.isalnum() else "_" for sign in f"{given.target} {kind}")
                (folder / "found" / name).write_bytes(data)

    options = [f"-max_total_time={given.seconds}", f"-seed={given.seed}", f"-artifact_prefix={folder}/found/",
               "-timeout=10", "-rss_limit_mb=2048", "-max_len=100000"]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(given.only or folder / "corpus")], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
