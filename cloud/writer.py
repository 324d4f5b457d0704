"""The one door to the database for the hub's asyncio side: jobs in, answers out after COMMIT, never before.

On SQLite one thread drains all queued jobs into one commit, each in its own savepoint (facts/sync.md D10);
on PostgreSQL a few threads carry one job per transaction. A waiter that is cancelled leaves its job running: every
job is idempotent by its own key, so that is safe.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from cloud.database import Database, is_passing
from cloud.embedded_writing import EmbeddedWriting
from cloud.errors import DatabaseUnusable, WriterStopped
from cloud.jobs import Accept, Committed, Job, Run, Workplace
from cloud.pooled_writing import PooledWriting
from cloud.received import Accepted, Received
from cloud.transaction import AuditEntry, StockKey, Transaction
from cloud.vault import Vault
from domain.ids import Randomness
from domain.protocol import Head
from domain.structs import build_all
from domain.times import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")
AfterCommit = Callable[[Sequence[Head], Sequence[AuditEntry]], None]
READERS = 4


class Writing(Protocol):
    """What carries the jobs: threads of its own, which call `done` after each commit or failure."""

    def start(self) -> None: ...

    def put(self, job: Job) -> None: ...

    def stop(self) -> None:
        """Blocks until every job that was put is answered."""
        ...


class Writer:
    """Made once per hub process; `start` and the rest are called in the event loop."""

    def __init__(self, database: Database, chain: str, clock: Clock, randomness: Randomness, vault: Vault) -> None:
        place = Workplace(database, chain, clock, randomness, vault)
        self._database = database
        self._writing: Writing = (
            EmbeddedWriting(place, self._committed) if database.embedded else PooledWriting(place, self._committed)
        )
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="hub-reader")
        self._callbacks: list[AfterCommit] = []
        self._stock_news: set[StockKey] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = False

    @property
    def embedded(self) -> bool:
        """One thread writes, and many small jobs share its commits."""
        return self._database.embedded

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        build_all()
        self._writing.start()

    async def stop(self) -> None:
        """Takes no more jobs, answers those it has, and ends its threads."""
        if self._stopped:
            return
        self._stopped = True
        await asyncio.to_thread(self._writing.stop)
        await asyncio.to_thread(self._readers.shutdown)

    async def run(self, job: Callable[[Transaction], T]) -> T:
        """The job's answer, after its transaction was committed. Its exception, after only it was rolled back.

        On PostgreSQL a job that met another transaction is run again: it must have no effect but through `tx`.
        """
        answer: asyncio.Future[T] = self._future()
        self._writing.put(Run(job, partial(self._settle, answer)))
        return await answer

    async def accept(self, received: Received) -> Accepted:
        """Takes in one push, together with all others that wait at this moment."""
        answer: asyncio.Future[Accepted] = self._future()
        self._writing.put(Accept(received, partial(self._settle, answer)))
        return await answer

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Runs the query on a connection that only reads, beside the writer. Raises `DatabaseUnusable`."""
        if self._stopped:
            raise WriterStopped("the hub is stopping", hint="Ask again in a moment.")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, query)

    def after_commit(self, callback: AfterCommit) -> None:
        """Called in the loop's thread with where the logs with news stand now, and what was written to the audit."""
        self._callbacks.append(callback)

    def take_stock_news(self) -> set[StockKey]:
        """The keys whose sellable stock changed since this was asked last; call it in the loop's thread."""
        taken, self._stock_news = self._stock_news, set()
        return taken

    def _read(self, query: Callable[[Connection], T]) -> T:
        try:
            with self._database.read() as connection:
                return query(connection)
        except DBAPIError as error:
            if is_passing(error, may_retry=False):
                raise DatabaseUnusable(f"nothing was read: {error.orig}") from error
            raise

    def _future(self) -> "asyncio.Future[Any]":
        if self._loop is None or self._stopped:
            raise WriterStopped("the hub takes no more work", hint="It is starting or stopping: try again in a moment.")
        return self._loop.create_future()

    @staticmethod
    def _settle(answer: "asyncio.Future[Any]", value: object, error: BaseException | None) -> None:
        if answer.done():
            return  # whoever asked was cancelled
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(value)

    def _committed(self, commits: Iterable[Committed]) -> None:
        """Called in a writing thread; one wake-up of the loop for all answers of a group."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._tell, commits)

    def _tell(self, commits: Iterable[Committed]) -> None:
        for committed in commits:
            self._stock_news |= committed.stock_news
            for settle, value, error in committed.answers:
                settle(value, error)
            if not committed.news and not committed.happened:
                continue
            for callback in self._callbacks:
                callback(committed.news, committed.happened)
