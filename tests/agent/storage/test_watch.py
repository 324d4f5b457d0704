"""Damage that is met while the agent works ends the service, and the next start rebuilds the file."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from agent.errors import DataDamaged
from agent.files import WorkFile
from agent.storage import story
from agent.storage.opening import Prepared
from agent.storage.room import Room
from agent.storage.story import Kind
from agent.storage.watch import Watch
from tests.agent.storage import store_files
from tests.agent.storage.store_files import opened

_WHOLE = Prepared()


@pytest.fixture
def damaged(made: Path, tmp_path: Path) -> Iterator[WorkFile]:
    """Opened while it was sound; then a page that nobody has read yet was lost."""
    path = store_files.copy(made, tmp_path / "data")
    with WorkFile(path, master_key=store_files.MASTER_KEY, clock=store_files.clock) as work:
        content = bytearray(path.read_bytes())
        root = work.read(
            lambda reading: reading.db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'papers'").fetchone()[0]
        )
        content[(root - 1) * store_files.PAGE : root * store_files.PAGE] = Random(1).randbytes(store_files.PAGE)
        path.write_bytes(content)
        yield work


def watch(work: WorkFile, noticed: list[str], prepared: Prepared = _WHOLE) -> Watch:
    return Watch((work,), prepared, Room(work.path.parent, (work,)), lambda: noticed.append("damaged"))


def test_a_reader_that_meets_damage_is_heard(damaged: WorkFile) -> None:
    noticed: list[str] = []
    watch(damaged, noticed)
    for _ in range(2):
        with pytest.raises(DataDamaged):
            damaged.read(lambda reading: reading.db.execute("SELECT * FROM papers").fetchall())
    assert noticed == ["damaged"]
    damaged.close()
    with opened(damaged.path) as work:
        assert [told.what.kind for told in work.read(story.unseen)] == [Kind.WORK_REBUILT]
        work.read(lambda reading: reading.db.execute("SELECT * FROM papers").fetchall())


def test_the_nightly_check_finds_it(damaged: WorkFile) -> None:
    noticed: list[str] = []
    with pytest.raises(DataDamaged, match="work.db"):
        watch(damaged, noticed).check_whole()
    assert noticed == ["damaged"]


def test_what_the_start_had_no_time_for_is_checked_later(damaged: WorkFile) -> None:
    noticed: list[str] = []
    after_start = watch(damaged, noticed, Prepared(left=((damaged.path, ("papers",)),)))
    assert after_start.left
    with pytest.raises(DataDamaged):
        after_start.check_rest()
    assert noticed == ["damaged"] and not after_start.left


def test_after_a_failed_commit_the_file_is_looked_at(damaged: WorkFile) -> None:
    noticed: list[str] = []
    looking = watch(damaged, noticed)
    assert looking.look_at_disk().endswith("MB are free") and noticed == []
    damaged.unverified = True
    with pytest.raises(DataDamaged):
        looking.look_at_disk()
    assert noticed == ["damaged"]


def test_a_suspicion_that_proves_wrong_is_dropped(made: Path, tmp_path: Path) -> None:
    path = store_files.copy(made, tmp_path / "data")
    path.with_name("work.db.suspect").write_text("", encoding="utf-8")
    with opened(path) as work:
        assert work.read(story.unseen) == ()
    assert not path.with_name("work.db.suspect").exists()
