"""Datasets of the Hub, read from a Hub on loopback: a row group and a column at a time, never a whole file."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from restorekit import RestorekitError
from restorekit.data.sources.hub import HubImages
from restorekit.recipe.component import make_component

# Answers each case as JSON: what was read, or the error; the last case is drawn by the loader, with workers.
READER = """
import json, sys
from restorekit import RestorekitError
from restorekit.data.crop import Center
from restorekit.data.image_task import ImageTask
from restorekit.data.loader import batches
from restorekit.data.samples import DRAW, Samples
from restorekit.data.sources.hub import HubImages
from restorekit.testing import check_source

for keys, indices in json.load(sys.stdin):
    try:
        source = HubImages(**keys)
        items = [source[i] for i in indices]
        print(json.dumps([source.lengths, [[item.id, int(item.sharp[0, 0, 0])] for item in items]]))
    except RestorekitError as error:
        print(json.dumps(str(error)))
check_source(source)
samples = Samples(source, 7, DRAW, 16, Center(), (), {"image": ImageTask()})
for workers in (0, 2):
    drawn = batches(samples, first=0, count=4, batch=6, workers=workers)
    print(json.dumps([[batch.ids, batch.sharp[:, 0, 0, 0].tolist()] for batch in drawn]))
"""


def png(value):
    """A noisy picture, so that it takes some bytes, whose first red is ``value``."""
    pixels = np.random.default_rng(value).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    pixels[0, 0, 0] = value
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def table(columns, rows_of_a_group):
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file, row_group_size=rows_of_a_group)
    return file.getvalue()


def faces(values):
    """The schema of the public CelebA, and a column beside that is as large as the images."""
    images = [{"bytes": png(value), "path": None} for value in values]
    return table({"image": images, "celeb_id": list(values), "other": [png(value) for value in values]}, 4)


CONFIGS = b"""---
configs:
- config_name: small
  data_files: [{split: train, path: small/*}]
- config_name: large
  data_files: [{split: train, path: large/*}]
---
"""
FIRST, SECOND = "data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"


@pytest.fixture(scope="module")
def datasets():
    named = [{"bytes": png(9), "path": "nine.png"}, {"bytes": None, "path": "ten.png"}]
    return {
        "a/faces": {
            "README.md": b"---\nlicense: mit\n---\n",
            FIRST: faces(range(20)),
            SECOND: faces(range(20, 30)),
        },
        "a/named": {
            "data/train.parquet": table({"picture": named}, 9),
            "data/test.parquet": table({"picture": named[:1]}, 9),
        },
        "a/plain": {"README.md": CONFIGS, "small/x.parquet": table({"image": [png(5)]}, 9)},
        "a/text": {"train.jsonl": b'{"a": 1}\n'},
        "a/nothing": {"README.md": b"nothing"},
        "a/damaged": {"train.parquet": b"PAR1 but not for long"},
    }


READ = {
    "first": ({"repo": "a/faces"}, [0, 19, 20, 29]),
    "named": ({"repo": "a/named", "column": "picture"}, [0]),
    "without bytes": ({"repo": "a/named", "column": "picture"}, [1]),
    "split": ({"repo": "a/named", "column": "picture", "split": "test"}, [0]),
    "config": ({"repo": "a/plain", "config": "small"}, [0]),
    "commit": ({"repo": "a/faces", "revision": "0123456789abcdef0123456789abcdef01234567"}, [7]),
}
FAULTS = {
    "a/faces has no column 'images' (it has image, celeb_id, other); did you mean 'image'?": {
        "repo": "a/faces", "column": "images",
    },
    "column 'celeb_id' of a/faces holds int64, not images; choose from image, celeb_id, other": {
        "repo": "a/faces", "column": "celeb_id",
    },
    "a/faces has no split 'trian'; did you mean 'train'?": {"repo": "a/faces", "split": "trian"},
    "no dataset 'a/face' with revision 'main' on the Hub; check both; if it is private": {"repo": "a/face"},
    "no dataset 'a/faces' with revision 'v9' on the Hub; check both": {"repo": "a/faces", "revision": "v9"},
    "a/plain: BuilderConfig 'smal' not found. Available: ['small', 'large']; set config": {
        "repo": "a/plain", "config": "smal",
    },
    "a/text is not stored as Parquet (but as train.jsonl); try the Hub's own conversion": {"repo": "a/text"},
    "a/nothing: ": {"repo": "a/nothing"},
    "a/damaged cannot be read from the Hub (": {"repo": "a/damaged"},
}  # fmt: skip
LAST = ({"repo": "a/faces"}, [13])


@pytest.fixture(scope="module")
def answers(hub, datasets, tmp_path_factory):
    """What the reader says to each case, and how its batches came out."""
    cases = [*READ.values(), *((keys, [0]) for keys in FAULTS.values()), LAST]
    with hub(datasets) as served:
        done = reader(cases, served.endpoint, tmp_path_factory.mktemp("home"))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(cases) + 2
    return dict(zip([*READ, *FAULTS, "last", "alone", "workers"], lines, strict=True))


def environment(endpoint, home):
    return os.environ | {"HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(home)}


def reader(cases, endpoint, home, **env):
    return subprocess.run(
        [sys.executable, "-c", READER],
        input=json.dumps(cases),
        env=environment(endpoint, home) | env,
        capture_output=True,
        check=False,
        text=True,
    )


def test_rows_are_indexed_over_row_groups_and_files(answers):
    stems = [name.removeprefix("data/").removesuffix(".parquet") for name in (FIRST, SECOND)]
    found = [[f"{stems[0]}:0", 0], [f"{stems[0]}:19", 19], [f"{stems[1]}:0", 20], [f"{stems[1]}:9", 29]]
    assert answers["first"] == [[4, 4, 4, 4, 4, 4, 4, 2], found]


def test_a_path_beside_the_bytes_names_the_image(answers):
    assert answers["named"] == [[2], [["nine.png", 9]]]


def test_a_row_without_bytes_is_an_unreadable_image(answers):
    assert answers["without bytes"].startswith("ten.png: ")


def test_the_split_the_config_and_the_revision_are_chosen(answers):
    assert answers["split"] == [[1], [["nine.png", 9]]]
    assert answers["config"] == [[1], [["x:0", 5]]]
    assert answers["commit"][1] == [["train-00000-of-00002:7", 7]]


def test_workers_read_the_same_batches(answers):
    assert answers["workers"] == answers["alone"]
    assert len({name for names, _ in answers["alone"] for name in names}) == 24


@pytest.mark.parametrize("message", FAULTS)
def test_a_fault_is_one_line_with_the_next_step(answers, message):
    assert answers[message].startswith(message)
    assert len(answers[message].splitlines()) == 1 and ";" in answers[message]


def test_neither_whole_files_nor_other_columns_are_fetched(hub, datasets, tmp_path):
    one = 'from restorekit.data.sources.hub import HubImages; HubImages("a/faces")[2]'
    with hub(datasets) as served:
        subprocess.run([sys.executable, "-c", one], env=environment(served.endpoint, tmp_path), check=True)
    fetched = [(path, size) for path, size in served.sent if path.endswith(".parquet")]
    *footers, (path, size) = fetched
    assert len(footers) == 2 and all(
        size <= 2**16 < len(datasets["a/faces"][FIRST]) / 3 for _, size in footers
    )
    images = sum(len(png(value)) for value in range(4))
    assert path.endswith(FIRST) and images <= size < images + 1000


def test_a_hub_that_cannot_be_reached_is_a_line(tmp_path):
    done = reader([({"repo": "a/faces"}, [0])], "http://127.0.0.1:9", tmp_path, HF_HUB_OFFLINE="1")
    assert "a/faces cannot be read from the Hub (ConnectionError: " in done.stdout
    assert "; check the connection, HF_ENDPOINT and HF_HUB_OFFLINE" in done.stdout


def test_without_the_extra_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(RestorekitError, match=r"needs an extra; pip install 'restorekit\[datasets\]'"):
        len(HubImages("a/faces"))


@pytest.mark.parametrize("repo", ["faces", "a/b/c", "../faces", "hf://datasets/a/b"])
def test_a_repo_is_owner_and_name(repo):
    with pytest.raises(ValueError, match="repo is OWNER/NAME, not"):
        make_component("source", "hub", {"repo": repo})
