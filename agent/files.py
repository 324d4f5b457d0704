"""The agent's two data files: `work` cannot be rebuilt, `cache` can. No transaction spans both (design.md §6).

Each file has one writer thread. It drains what is queued into one commit, each job in a savepoint of its own, and
answers only after COMMIT returned: what a caller was told is on the disk. Readers never wait for it.
"""

import asyncio
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

from agent.crash_mark import CrashMark
from agent.engine import SAFE_WITH_READERS, Connection, sqlite3, translate
from agent.errors import AgentError, DataBusy, DataDamaged, DiskFull, FileClosed, StorageError
from agent.schema import cache, work
from agent.schema.migrate import Schema, bring_up_to_date
from agent.system import renaming
from agent.transactions import Reading, Topic, Transaction
from agent.vault import Vault
from domain.ids import Randomness
from domain.structs import build_all
from domain.times import Clock, Millis

log = logging.getLogger(__name__)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Listener = Callable[[frozenset[Topic]], None]

WORK, CACHE = "work.db", "cache.db"
"""Their names in the data folder."""
MOST_AT_ONCE = 64
"""Jobs in one commit: enough to share a sync, few enough not to keep the first one waiting."""
_TROUBLE = (DiskFull, DataBusy, DataDamaged)
"""Failures that are the file's and not the job's."""
_BUSY_S = 5.0
_READERS = 2
MOST_CONNECTIONS = _READERS + 1
"""Connections to one file at once, the writer's included; others are opened for moments only (backup, check)."""
_STATEMENTS = 256
"""Prepared statements kept per connection: all that the agent has."""


def system_clock() -> Millis:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class _Job(Generic[T_co]):
    work: Callable[[Transaction], T_co]
    answer: Future[T_co]


class DataFile:
    """One SQLite file: WAL, `synchronous=FULL`. Use `WorkFile` or `CacheFile`."""

    schema: ClassVar[Schema]
    noted: ClassVar[bool] = True
    """Whether what jobs `note` is written to the log after their commit."""

    def __init__(
        self, path: Path, *, master_key: bytes | None, clock: Clock = system_clock, randomness: Randomness = os.urandom
    ) -> None:
        """Creates the file (readable by its owner only) or brings it up to date; raises StorageError."""
        self._path, self._clock, self._randomness = path, clock, randomness
        self._vault = Vault(master_key)
        self._listeners: tuple[Listener, ...] = ()
        self.trouble: StorageError | None = None
        """Why the disk or the file did not take the last commit, or a job in it; None once it takes one again."""
        self.scarce = False
        """The disk has no room for new work: what the hub has to say is left there (`agent.storage.room`)."""
        self.unverified = False
        """A commit failed: whoever looks after the files checks this one, and takes the mark away."""
        self._on_damage: Callable[[str], None] = lambda _: None
        self._jobs: queue.SimpleQueue[_Job[object] | None] = queue.SimpleQueue()
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue()
        self._closed, self._gate = threading.Event(), threading.Lock()
        build_all()
        self._prepare()
        self._db = self._connect()
        self.mark = CrashMark(path.with_suffix(".mark"))
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix=f"read {path.stem}")
        self._writer = threading.Thread(target=self._write_jobs, name=f"write {path.stem}", daemon=True)
        self._writer.start()

    @property
    def path(self) -> Path:
        return self._path

    def now(self) -> Millis:
        """By the clock this file's jobs are given."""
        return self._clock()

    def after_commit(self, listener: Listener) -> Callable[[], None]:
        """`listener` hears of each commit that touched something, in the writer thread: it must not block. It hears no
        more once what this returns was called."""
        self._listeners = (*self._listeners, listener)
        return lambda: self._forget(listener)

    def on_damage(self, listener: Callable[[str], None]) -> None:
        """`listener` hears, in any thread, that SQLite met damage in this file. It must not block."""
        self._on_damage = listener

    def _translated(self, error: sqlite3.Error) -> StorageError:
        said = translate(error, str(self._path))
        if isinstance(said, DataDamaged):
            self._on_damage(str(said))
        return said

    def _forget(self, listener: Listener) -> None:
        self._listeners = tuple(other for other in self._listeners if other != listener)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in the writer thread and returns once it is on the disk. Not from the event loop."""
        return self._submit(work).result()

    async def awrite(self, work: Callable[[Transaction], T]) -> T:
        """As `write`. Cancelling the wait does not take the work back."""
        return await asyncio.wrap_future(self._submit(work))

    def read(self, work: Callable[[Reading], T]) -> T:
        """Runs `work` in this thread on a connection that cannot write, over one consistent view."""
        if not SAFE_WITH_READERS:
            return self.write(work)
        with self._reading() as db:
            return work(Reading(db, self._clock(), self._vault))

    async def aread(self, work: Callable[[Reading], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read, work)

    def close(self) -> None:
        """Finishes what is queued, refuses the rest. May be called twice."""
        with self._gate:
            if self._closed.is_set():
                return
            self._closed.set()
            self._jobs.put(None)
        self._writer.join()
        self._readers.shutdown()
        while not self._idle.empty():
            self._idle.get_nowait().close()
        self._db.close()
        self.mark.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _prepare(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists():
            self._make_whole()
        self._bring_up_to_date(self._connect())

    def _make_whole(self) -> None:
        """Makes a new file beside its place, then renames it: so a file without its tables is always a damaged one."""
        new = self._path.with_name(f"{self._path.name}.new")
        for part in ("", "-wal", "-shm", "-journal"):
            new.with_name(new.name + part).unlink(missing_ok=True)
        os.close(os.open(new, os.O_CREAT | os.O_RDWR, 0o600))
        self._bring_up_to_date(sqlite3.connect(new, isolation_level=None))
        new.replace(self._path)
        renaming.settle(self._path.parent)

    def _bring_up_to_date(self, db: Connection) -> None:
        try:
            bring_up_to_date(db, self.schema, str(self._path))
        except sqlite3.Error as error:
            raise translate(error, str(self._path)) from error
        finally:
            db.close()

    def _connect(self) -> Connection:
        try:
            db = sqlite3.connect(
                self._path,
                timeout=_BUSY_S,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=_STATEMENTS,
            )
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA foreign_keys=ON")
        except sqlite3.Error as error:
            raise translate(error, str(self._path)) from error
        return db

    def _submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        answer: Future[T] = Future()
        job = _Job(work, answer)
        with self._gate:  # a job behind the last one would wait for ever
            if self._closed.is_set():
                raise FileClosed(f"{self._path} is closed")
            self._jobs.put(job)
        return answer

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            db = self._idle.get_nowait()
        except queue.Empty:
            db = self._connect_reader()
        try:
            db.execute("BEGIN")
            yield db
        except sqlite3.Error as error:
            raise self._translated(error) from error
        finally:
            db.rollback()
            self._idle.put(db)

    def _connect_reader(self) -> Connection:
        if self._closed.is_set():
            raise FileClosed(f"{self._path} is closed")
        db = self._connect()
        db.execute("PRAGMA query_only=ON")
        return db

    def _write_jobs(self) -> None:
        going_on = True
        while going_on:
            batch, going_on = self._drain()
            running = [job for job in batch if job.answer.set_running_or_notify_cancel()]
            if running:
                self._commit(running)

    def _drain(self) -> tuple[list[_Job[object]], bool]:
        """Waits for one job and takes those that queued up meanwhile; False once the file is being closed."""
        batch: list[_Job[object]] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == MOST_AT_ONCE or self._jobs.empty():
                return batch, True
            job = self._jobs.get()
        return batch, False

    def _commit(self, jobs: list[_Job[object]]) -> None:
        transaction = Transaction(self._db, self._clock(), self._vault, self._randomness, self.mark)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            answers = [_attempt(transaction, job.work) for job in jobs]
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(jobs, self._translated(error))
            return
        self.trouble = next((error for _, error in answers if isinstance(error, _TROUBLE)), None)
        if isinstance(self.trouble, DataDamaged):
            self._on_damage(str(self.trouble))
        if transaction.touched:
            self._tell(frozenset(transaction.touched))  # first: a printer may be waiting
        for job, (result, failure) in zip(jobs, answers, strict=True):
            if failure is None:
                job.answer.set_result(result)
            else:
                job.answer.set_exception(failure)
        if self.noted:
            for note in transaction.notes:  # last: nobody waits for the log
                note.write()

    def _give_up(self, jobs: list[_Job[object]], failure: StorageError) -> None:
        """After a failed commit none of the jobs happened. The connection is not to be trusted any more: it is renewed,
        and the file is marked to be checked (facts/sync.md §2.4)."""
        log.error("nothing of %d jobs was kept: %s", len(jobs), failure)
        self.trouble, self.unverified = failure, True
        with suppress(sqlite3.Error):
            self._db.close()
        try:
            self._db = self._connect()
        except AgentError as error:
            log.error("the data file cannot be opened again yet: %s", error)
        for job in jobs:
            job.answer.set_exception(failure)

    def _tell(self, topics: frozenset[Topic]) -> None:
        for listener in self._listeners:
            try:
                listener(topics)
            except Exception:  # what is committed stays so, and the writer writes on, whatever a listener does
                log.exception("a listener of %s failed", self._path.name)


def _attempt(transaction: Transaction, work: Callable[[Transaction], object]) -> tuple[object, BaseException | None]:
    """Runs one job, all of it or nothing; returns its result and its failure. A failure goes to the job's caller; it is
    raised only where SQLite rolled the whole transaction back."""
    transaction.forget()
    try:
        with transaction.savepoint():
            return work(transaction), None
    except sqlite3.Error as error:
        if not transaction.db.in_transaction:
            raise
        return None, translate(error, "data file")
    except BaseException as error:  # raised where its caller waits; the other jobs of the batch are kept
        return None, error


class WorkFile(DataFile):
    """Orders, picks, slips, stock, outbox, personal data. The master key seals what is known of people."""

    schema = work.SCHEMA

    def __init__(
        self, path: Path, *, master_key: bytes, clock: Clock = system_clock, randomness: Randomness = os.urandom
    ) -> None:
        super().__init__(path, master_key=master_key, clock=clock, randomness=randomness)


class CacheFile(DataFile):
    """The chain's catalogue. May be deleted at any time: it is pulled again."""

    schema = cache.SCHEMA

    def __init__(self, path: Path, *, clock: Clock = system_clock, randomness: Randomness = os.urandom) -> None:
        super().__init__(path, master_key=None, clock=clock, randomness=randomness)
