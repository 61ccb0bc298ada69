"""The script of docs/cluster.md on a Ray cluster of two workers.

They take minutes, so they run only where they are asked for: ``pytest -m ray``.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PAGE = Path(__file__).parents[2] / "docs" / "cluster.md"
GOOD, BAD, PATIENCE = 1980, 20, 1500
pytestmark = [pytest.mark.ray, pytest.mark.timeout(2 * PATIENCE)]
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    (text,) = re.findall(
        r'^```python title="restore_ray.py"\n(.*?)^```$', PAGE.read_text("utf-8"), re.S | re.M
    )
    file = tmp_path_factory.mktemp("script") / "restore_ray.py"
    file.write_text(text, "utf-8")
    return file


@pytest.fixture(scope="module")
def cluster():
    """A Ray cluster of two CPUs, and so of two workers."""
    from ray.cluster_utils import Cluster

    before = dict(os.environ)
    os.environ.update(ENVIRONMENT)
    node = {"num_cpus": 2, "object_store_memory": 2**27, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=node)
    yield made.address
    made.shutdown()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Small pictures of three sizes in folders, with transparency and EXIF, and bad ones among them."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for number in range(GOOD):
        file = folder / f"{number % 3}" / f"{number:04d}.{'png' if number % 2 else 'jpg'}"
        file.parent.mkdir(exist_ok=True)
        channels = 4 if number % 4 == 1 else 3
        pixels = rng.integers(0, 256, (6, 7, channels), dtype=np.uint8)
        exif = Image.Exif()
        exif[0x010E] = f"picture {number}"
        Image.fromarray(pixels).resize((32 + 8 * (number % 3), 40)).save(file, exif=exif)
    for number in range(BAD):
        good = folder / "0" / f"{3 * number:04d}.{'png' if number % 2 else 'jpg'}"
        (folder / "1" / f"bad-{number}.png").write_bytes(good.read_bytes()[: 10 * number])
    return folder


@pytest.fixture(scope="module")
def single(photos, tmp_path_factory):
    """The bytes that one process makes of each."""
    folder = tmp_path_factory.mktemp("single")
    program = (
        "import sys, pathlib, restorekit\n"
        "source, target = map(pathlib.Path, sys.argv[1:])\n"
        "files = [(each, target / each.relative_to(source)) for each in sorted(source.rglob('*.*'))]\n"
        "restorer = restorekit.load_restorer()\n"
        "print(sum(each.error is None for each in restorekit.restore_files(restorer, files, alone=True)))\n"
    )
    environment = os.environ | ENVIRONMENT
    done = subprocess.run(
        [sys.executable, "-c", program, photos, folder], env=environment, capture_output=True, check=True
    )
    assert int(done.stdout) == GOOD
    return contents(folder)


def contents(folder):
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*.*") if good(file)
    }


def good(file):
    return file.is_file() and file.name != "_failed.jsonl"


def rows(folder):
    from pyarrow.parquet import read_table

    return [row for part in sorted(folder.glob("*.parquet")) for row in read_table(part).to_pylist()]


def start(script, cluster, *arguments):
    environment = os.environ | ENVIRONMENT | {"RAY_ADDRESS": cluster}
    with (script.parent / "said").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, script, *map(str, arguments)],
            env=environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def finish(script, running, status):
    assert running.wait(timeout=PATIENCE) == status, (script.parent / "said").read_text()


def failed(target):
    lines = (target / "_failed.jsonl").read_text().splitlines()
    return {each["name"]: each["error"] for each in map(json.loads, lines)}


def test_killed_and_run_again_it_makes_each_picture_once_as_one_process_does(
    script, cluster, photos, single, tmp_path
):
    target = tmp_path / "out"
    running = start(script, cluster, photos, target)
    until = time.monotonic() + PATIENCE
    while len(list(target.rglob("*.jpg"))) < 100 and time.monotonic() < until:
        time.sleep(0.2)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    time.sleep(5)  # Ray ends the workers of a script that is gone
    before = {file: file.stat().st_mtime_ns for file in target.rglob("*.*g")}
    assert 100 <= len(before) < GOOD
    finish(script, start(script, cluster, photos, target), 1)
    assert contents(target) == single
    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert set(failed(target)) == {f"1/bad-{number}.png" for number in range(BAD)}


def test_parquet_gives_the_same_bytes_each_once_and_a_second_run_adds_nothing(
    script, cluster, photos, single, tmp_path
):
    import pyarrow
    import pyarrow.parquet

    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    source.mkdir()
    files = sorted(photos.rglob("00*.*")) + sorted(photos.rglob("bad-*.*"))
    wanted = {name: made for name, made in single.items() if name.partition("/")[2].startswith("00")}
    for part in range(3):
        mine = files[part::3]
        names = [file.relative_to(photos).as_posix() for file in mine]
        table = pyarrow.table({"name": names, "image": [file.read_bytes() for file in mine]})
        pyarrow.parquet.write_table(table, source / f"{part}.parquet")
    for _ in range(2):
        finish(script, start(script, cluster, source, target), 1)
        made = rows(target)
        assert len(made) == 100 and {row["name"]: row["image"] for row in made} == wanted
        assert len(failed(target)) == BAD


def test_a_name_that_leads_out_of_the_folder_is_refused(script, cluster, tmp_path):
    import pyarrow
    import pyarrow.parquet

    source, target = tmp_path / "in.parquet", tmp_path / "out"
    table = pyarrow.table({"name": ["../out.png", str(tmp_path / "out.png")], "image": [b"", b""]})
    pyarrow.parquet.write_table(table, source)
    finish(script, start(script, cluster, source, target), 1)
    assert [*failed(target).values()] == ["its name leads out of the folder"] * 2
    assert not (tmp_path / "out.png").exists()
