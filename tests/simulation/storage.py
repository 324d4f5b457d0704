"""The agent's data files without threads, and the instants at which its process may die.

The commits are the product's own (`DataFile._commit`), on real SQLite files. A process that dies before a commit leaves
the file as it was; one that dies after it has told nobody. A file that is not `synchronous=FULL` loses its last
commits when the power goes: that is what the mutant of that name is caught by.
"""

import shutil
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from agent.engine import Connection
from agent.errors import FileClosed
from agent.files import CacheFile, DataFile, WorkFile, _Job
from agent.transactions import Transaction
from domain.ids import Randomness
from domain.times import Clock
from tests.simulation.process import Process

T = TypeVar("T")
Dies = Callable[[str, str], bool]
"""Asked with "before" or "after" and what is committed, such as `FileLog.apply`: does the process die here?"""
FULL = 2
LOST_COMMITS = 3
_MADE: dict[str, bytes] = {}
"""New files, by the name of their schema."""


def _unseen(answer: "Future[Any]") -> None:
    """Nobody writes the history."""


def never(when: str, what: str) -> bool:
    return False


class _Synchronous(DataFile):
    """Runs each job where it is asked for, in a commit of its own."""

    process: Process
    dies: Dies
    watch: Callable[["Future[Any]"], None]
    commits: int

    def live_in(self, process: Process, dies: Dies) -> None:
        self.process, self.dies, self.commits, self.watch = process, dies, 0, _unseen
        process.at_death(self._lose_power)

    @property
    def connection(self) -> Connection:
        """The writer's own, to look through."""
        return self._db

    def _make_whole(self) -> None:
        """The product makes the first of each kind; every other is a copy of it."""
        if (made := _MADE.get(self.schema.name)) is None:
            super()._make_whole()
            _MADE[self.schema.name] = self._path.read_bytes()
        else:
            self._path.write_bytes(made)

    def _write_jobs(self) -> None:
        """There is no writer thread."""

    def _submit(self, work: Callable[[Transaction], T]) -> "Future[T]":
        what = work.__qualname__.partition(".<locals>")[0] if hasattr(work, "__qualname__") else "?"
        answer: Future[T] = Future()
        if self._closed.is_set() or not self.process.alive:
            raise FileClosed(f"{self._path} belongs to a dead process")
        if self.dies("before", what):
            self.process.die()
            return answer
        self._keep_image()
        job: Any = _Job(work, answer)  # DataFile queues jobs whatever they answer
        self._commit([job])
        self.commits += 1
        self.watch(answer)
        if self.dies("after", what):
            self.process.die()
        return answer

    def _keep_image(self) -> None:
        """Only a file that may lose commits needs its past."""
        if self._db.execute("PRAGMA synchronous").fetchone()[0] >= FULL:
            return
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self._path, self._image(self.commits % LOST_COMMITS))

    def _image(self, number: int) -> Path:
        return self._path.with_suffix(f".{number}.image")

    def _lose_power(self) -> None:
        unsynced = self._db.execute("PRAGMA synchronous").fetchone()[0] < FULL
        self.close()
        if unsynced and self.commits:
            oldest = self._image(self.commits % LOST_COMMITS)
            shutil.copyfile(oldest if oldest.exists() else self._image(0), self._path)


class VirtualWork(_Synchronous, WorkFile):
    def __init__(
        self, path: Path, process: Process, dies: Dies, *, master_key: bytes, clock: Clock, randomness: Randomness
    ):
        super().__init__(path, master_key=master_key, clock=clock, randomness=randomness)
        self.live_in(process, dies)


class VirtualCache(_Synchronous, CacheFile):
    def __init__(self, path: Path, process: Process, dies: Dies, *, clock: Clock, randomness: Randomness):
        super().__init__(path, clock=clock, randomness=randomness)
        self.live_in(process, dies)
