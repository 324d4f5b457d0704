"""The two data files: what was answered is on the disk, failures stay with their job, newer files are left alone."""

import asyncio
import stat
import threading
from functools import partial
from pathlib import Path

import pytest

from agent.engine import safe_with_readers, sqlite3
from agent.errors import DataDamaged, FileClosed, SchemaTooNew, StorageError
from agent.files import MOST_AT_ONCE, CacheFile, WorkFile
from agent.transactions import Reading, Topic, Transaction
from tests.agent.core.conftest import MASTER_KEY
from tests.awaiting import until


def put(tx: Transaction, name: str, value: str = "x") -> str:
    tx.db.execute("INSERT INTO facts VALUES (?, ?)", (name, value))
    tx.touch(Topic.STORE)
    return name


def names(reading: Reading) -> set[str]:
    return {row["name"] for row in reading.db.execute("SELECT name FROM facts")}


def test_an_answer_means_another_process_would_read_it(work: WorkFile) -> None:
    assert work.write(lambda tx: put(tx, "a")) == "a"
    with sqlite3.connect(work.path) as db:
        assert db.execute("SELECT count(*) FROM facts").fetchone()[0] == 1
    db.close()


def test_full_durability_and_owner_only(work: WorkFile) -> None:
    assert work.write(lambda tx: tx.db.execute("PRAGMA synchronous").fetchone()[0]) == 2
    assert work.write(lambda tx: tx.db.execute("PRAGMA journal_mode").fetchone()[0]) == "wal"
    assert stat.S_IMODE(work.path.stat().st_mode) == 0o600
    assert work.write(lambda tx: tx.db.in_transaction)


def test_a_failing_job_takes_back_only_itself(work: WorkFile) -> None:
    """Both wait while the writer is busy, so that they share one commit."""
    gate = threading.Event()
    held = threading.Thread(target=lambda: work.write(lambda tx: gate.wait(30)))
    held.start()

    async def both() -> list[str | BaseException]:
        async def soon() -> None:
            await asyncio.sleep(0.05)
            gate.set()

        def failing(tx: Transaction) -> str:
            put(tx, "half")
            raise ValueError("no")

        first, second, _ = await asyncio.gather(
            work.awrite(failing), work.awrite(lambda tx: put(tx, "whole")), soon(), return_exceptions=True
        )
        return [value for value in (first, second) if value is not None]

    failure, done = asyncio.run(both())
    held.join()
    assert isinstance(failure, ValueError) and done == "whole"
    assert work.read(names) == {"whole"}


def test_a_nested_step_is_taken_back_alone(work: WorkFile) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "outer")
        with pytest.raises(ValueError), tx.savepoint():
            put(tx, "inner")
            raise ValueError

    work.write(job)
    assert work.read(names) == {"outer"}


def test_many_writers_at_once(work: WorkFile) -> None:
    commits = 0

    def count(_: frozenset[Topic]) -> None:
        nonlocal commits
        commits += 1

    work.after_commit(count)

    async def crowd() -> None:
        await asyncio.gather(*(work.awrite(partial(put, name=str(n))) for n in range(3 * MOST_AT_ONCE)))

    asyncio.run(crowd())
    assert len(work.read(names)) == 3 * MOST_AT_ONCE
    assert commits < 3 * MOST_AT_ONCE, "jobs that wait share a commit"


def test_listeners_hear_what_changed_after_it_is_readable(work: WorkFile) -> None:
    heard: list[tuple[frozenset[Topic], set[str]]] = []
    work.after_commit(lambda topics: heard.append((topics, work.read(names))))
    work.write(lambda tx: put(tx, "a"))
    work.write(lambda tx: None)
    work.close()
    assert heard == [(frozenset({Topic.STORE}), {"a"})]


def test_a_failed_job_wakes_nobody(work: WorkFile) -> None:
    heard: list[frozenset[Topic]] = []
    work.after_commit(heard.append)

    def job(tx: Transaction) -> None:
        put(tx, "a")
        raise ValueError

    with pytest.raises(ValueError):
        work.write(job)
    work.close()
    assert heard == []


def test_readers_cannot_write_and_see_one_moment(work: WorkFile) -> None:
    with pytest.raises(StorageError, match="readonly"):
        work.read(lambda reading: reading.db.execute("INSERT INTO facts VALUES ('a', 'b')"))

    def reading_while_written(reading: Reading) -> tuple[set[str], set[str]]:
        before = names(reading)
        work.write(lambda tx: put(tx, "meanwhile"))
        return before, names(reading)

    assert work.read(reading_while_written) == (set(), set())
    assert work.read(names) == {"meanwhile"}


def test_a_cancelled_wait_does_not_break_the_writer(work: WorkFile) -> None:
    """One that comes before its job was begun takes the job back; here it has begun."""
    begun, left = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        begun.set()
        left.wait(30)
        put(tx, "slow")

    async def leave() -> None:
        waiting = asyncio.create_task(work.awrite(slow))
        await until(begun.is_set)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        left.set()

    asyncio.run(leave())
    work.write(lambda tx: put(tx, "next"))
    assert work.read(names) == {"slow", "next"}


def test_closed_means_closed(work: WorkFile) -> None:
    work.close()
    work.close()
    with pytest.raises(FileClosed):
        work.write(lambda tx: None)
    with pytest.raises(FileClosed):
        work.read(lambda reading: None)


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "work.db"
    WorkFile(path, master_key=MASTER_KEY).close()
    with sqlite3.connect(path) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('work', 'of next year', '2027')"
        )
    db.close()
    before = path.read_bytes()
    with pytest.raises(SchemaTooNew, match="of next year"):
        WorkFile(path, master_key=MASTER_KEY)
    assert path.read_bytes() == before


def test_something_else_is_no_data_file(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    path.write_bytes(b"this is no database at all, but it is long enough to look at" * 20)
    with pytest.raises(DataDamaged):
        CacheFile(path)


def test_strict_tables(work: WorkFile) -> None:
    with pytest.raises(StorageError):
        work.write(lambda tx: tx.db.execute("INSERT INTO cursors VALUES ('log', 'id', 'not a number')"))


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 6), True),
        ((3, 50, 4), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 53, 4), True),
    ],
)
def test_which_sqlite_may_have_readers(version: tuple[int, ...], safe: bool) -> None:
    assert safe_with_readers(version) is safe
