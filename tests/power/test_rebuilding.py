"""The power fails while a damaged work file is set aside and rebuilt: at the next start all that could be read is
there all the same (docs/data.md, Damage)."""

import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.agent.storage import store_files
from tests.power import records, shim
from tests.power.disk import Disk, Keeps, differences
from tests.power.images import Kind, write_image
from tests.power.records import Op, Record

PROGRAM = """
import sys
from pathlib import Path
from agent.storage.opening import prepare
from tests.agent.storage.store_files import clock
from tests.power import shim
folder = Path(sys.argv[1])
shim.record(folder, Path(sys.argv[2]))
prepare(folder, clock)
"""
EDGES = frozenset({Op.SYNC, Op.RENAME, Op.UNLINK})
RANDOM_MOMENTS = 4


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store's data folder with pages of zeros in its work file."""
    folder = tmp_path_factory.mktemp("damaged")
    store_files.furnish(folder)
    store_files.zero(folder / "work.db", random.Random(1))
    (folder / "work.db-wal").write_bytes(b"")
    return folder


@pytest.mark.parametrize("keeps", Keeps)
def test_it_goes_on_where_it_was(built: Path, place: Path, damaged: Path, keeps: Keeps) -> None:
    folder, log = place / "folder", place / "log"
    shutil.copytree(damaged, folder)
    command = [sys.executable, "-c", PROGRAM, str(folder), str(log)]
    subprocess.run(command, env=shim.preloaded(built), check=True, timeout=60)
    readable = store_files.pending(folder / "work.db")
    assert len(readable) > store_files.SALES / 2
    disk, recorded = Disk(folder, damaged, keeps), list(records.read(log))
    cuts = moments(recorded)
    for at, record in enumerate(recorded):
        if at in cuts:
            image = Path(tempfile.mkdtemp(dir=place))
            write_image(disk, Kind.SUBSET, random.Random(at), image)
            with store_files.opened(image / "work.db"):
                pass
            after = store_files.pending(image / "work.db")
            assert {key: after.get(key) for key in readable} == readable
            assert list(image.glob("work.db.damaged.*"))
            shutil.rmtree(image)
        disk.apply(record)
    assert differences(disk, folder) == []


def moments(recorded: list[Record]) -> set[int]:
    """Around every renaming and sync, and some others."""
    edges = [at for at, record in enumerate(recorded) if record.op in EDGES]
    assert [record.op for record in recorded].count(Op.RENAME) >= 3
    near = {at + step for at in edges for step in (0, 1)}
    return {at for at in near if at < len(recorded)} | set(
        random.Random(7).sample(range(len(recorded)), RANDOM_MOMENTS)
    )
