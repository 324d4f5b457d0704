"""PostgreSQL's writers: a few threads, one transaction a job, run again when another transaction was in the way."""

import logging
import queue
import random
import threading
import time
from typing import Any

from sqlalchemy.exc import DBAPIError

from cloud import commit, intake
from cloud.database import is_conflict
from cloud.errors import Conflict, DatabaseUnusable
from cloud.jobs import Accept, Committed, Done, Job, Workplace
from cloud.transaction import Transaction

log = logging.getLogger(__name__)

THREADS = 4
ATTEMPTS = 6


class PooledWriting:
    def __init__(self, place: Workplace, done: Done) -> None:
        self._place, self._done = place, done
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"hub-writer-{number}", daemon=True) for number in range(THREADS)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def put(self, job: Job) -> None:
        self._jobs.put(job)

    def stop(self) -> None:
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._done([self._carry(job)])

    def _carry(self, job: Job) -> Committed:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._transaction(job, may_retry=attempt < ATTEMPTS)
            except DBAPIError as error:
                if not is_conflict(error):
                    log.exception("a job was not committed")
                    return Committed([(job.settle, None, DatabaseUnusable(f"nothing was written: {error.orig}"))])
                log.info("attempt %d met another transaction: %s", attempt, type(error.orig).__name__)
                time.sleep(random.uniform(0, 0.002 * 2**attempt))
            except Exception as error:  # whatever a job raises is its caller's to hear
                return Committed([(job.settle, None, error)])
        return Committed([(job.settle, None, Conflict("too many transactions at once", hint="Try again."))])

    def _transaction(self, job: Job, *, may_retry: bool) -> Committed:
        place = self._place
        with place.database.write() as connection:
            # No memory is shared here: other processes may have changed the chain's shape.
            tx = Transaction(connection, place.chain, place.clock(), place.randomness, place.vault, may_retry=may_retry)
            answer: Any = intake.accept(tx, [job.received])[0] if isinstance(job, Accept) else job.job(tx)
            commit.finish(tx)
        return Committed(
            [(job.settle, answer, None)], tuple(tx.news.values()), tuple(tx.happened), frozenset(tx.stock_news)
        )
