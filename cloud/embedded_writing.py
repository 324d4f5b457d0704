"""SQLite's one writer: a thread that takes all waiting jobs into one transaction (facts/sync.md §2.3)."""

import logging
import queue
import threading
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from cloud import commit, intake
from cloud.errors import DatabaseUnusable
from cloud.jobs import Accept, Committed, Done, Job, Run, Settle, Workplace
from cloud.statements import Sql
from cloud.transaction import AllTakenBack, Transaction

log = logging.getLogger(__name__)

GROUP = 128
"""Jobs in one commit at most: bounds how long the first of them waits."""

_DATA_VERSION = Sql("PRAGMA data_version")

Answer = tuple[Settle, Any, BaseException | None]


class EmbeddedWriting:
    def __init__(self, place: Workplace, done: Done) -> None:
        self._place, self._done = place, done
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="hub-writer", daemon=True)
        self._data_version = -1

    def start(self) -> None:
        self._thread.start()

    def put(self, job: Job) -> None:
        self._jobs.put(job)

    def stop(self) -> None:
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while group := self._next_group():
            self._done([self._carry(group)])

    def _next_group(self) -> list[Job]:
        """Waits for one job, then takes what else is there. Empty when asked to stop; jobs before that are carried."""
        group: list[Job] = []
        while len(group) < GROUP:
            try:
                job = self._jobs.get(block=not group)
            except queue.Empty:
                break
            if job is None:
                if group:
                    self._jobs.put(None)
                break
            group.append(job)
        return group

    def _carry(self, group: Sequence[Job]) -> Committed:
        """Whatever fails here, every waiter hears of it: nothing was committed."""
        try:
            with self._place.database.writing.connect() as connection:
                return self._transaction(connection, group)
        except DBAPIError as error:
            log.exception("a group of %d jobs was not committed", len(group))
            return self._failed(group, DatabaseUnusable(f"nothing was written: {error.orig}", hint="Is the disk full?"))
        except Exception as error:
            log.exception("a group of %d jobs was not committed", len(group))
            return self._failed(group, error)

    def _failed(self, group: Sequence[Job], error: Exception) -> Committed:
        self._place.memory.forget()
        return Committed([(job.settle, None, error) for job in group])

    def _transaction(self, connection: Connection, group: Sequence[Job]) -> Committed:
        place = self._place
        try:
            with connection.begin():
                self._remember_only_our_own(connection)
                tx = Transaction(connection, place.chain, place.clock(), place.randomness, place.vault, place.memory)
                answers = self._answers(tx, group)
                commit.finish(tx)
        except DBAPIError:
            connection.invalidate()  # after a failed write to disk it is not to be trusted (facts/sync.md §2.4)
            raise
        except AllTakenBack as taken:
            connection.invalidate()
            raise taken.error from taken
        return Committed(answers, tuple(tx.news.values()), tuple(tx.happened), frozenset(tx.stock_news))

    def _answers(self, tx: Transaction, group: Sequence[Job]) -> list[Answer]:
        pushes = [job for job in group if isinstance(job, Accept)]
        answers: list[Answer] = []
        if pushes:
            accepted = intake.accept(tx, [job.received for job in pushes])
            answers += [(job.settle, answer, None) for job, answer in zip(pushes, accepted, strict=True)]
        answers += [self._run(tx, job) for job in group if isinstance(job, Run)]
        return answers

    def _run(self, tx: Transaction, job: Run) -> Answer:
        try:
            with tx.savepoint():
                return job.settle, job.job(tx), None
        except Exception as error:  # whatever a job raises is its caller's to hear; the others of the group go on
            return job.settle, None, error

    def _remember_only_our_own(self, connection: Connection) -> None:
        """`data_version` moves when another connection, such as a command line's, has changed the file."""
        version: int = _DATA_VERSION.rows(connection)[0][0]
        if version != self._data_version:
            self._place.memory.forget()
            self._data_version = version
