"""The hub's one writer without its thread: what was put within one instant of the loop is one commit, as in production,
and the hub may die on either side of it."""

import asyncio
from collections.abc import Callable
from random import Random

from sqlalchemy import Connection, event

from cloud.database import Database
from cloud.embedded_writing import EmbeddedWriting
from cloud.jobs import Job, Workplace
from cloud.vault import Vault
from cloud.writer import Writer
from domain.times import Clock
from tests.simulation.process import Process

Dies = Callable[[str], bool]
"""Asked with "before" or "after": does the hub die at this commit?"""


class Died(BaseException):
    """In the middle of a transaction: nothing catches it on the way out."""


class VirtualWriting(EmbeddedWriting):
    process: Process
    dies: Dies
    _waits = False

    def start(self) -> None:
        event.listen(self._place.database.writing, "commit", self._committing)

    def put(self, job: Job) -> None:
        self._jobs.put(job)
        if not self._waits:
            self._waits = True
            asyncio.get_running_loop().call_soon(self._drain)

    def stop(self) -> None:
        """Everything that was put is carried at the end of this instant."""

    def _drain(self) -> None:
        with self.process.program:
            self._drain_all()

    def _drain_all(self) -> None:
        self._waits = False
        while self.process.alive and not self._jobs.empty():
            group = self._next_group()
            try:
                committed = self._carry(group)
            except Died:
                return
            if self.dies("after"):
                self.process.die()
                return
            self._done([committed])

    def _committing(self, connection: Connection) -> None:
        if self.dies("before"):
            self.process.die()
            raise Died


class VirtualWriter(Writer):
    """`read` runs in the loop: its executor is the virtual loop's."""

    def __init__(
        self, database: Database, chain: str, clock: Clock, random: Random, vault: Vault, process: Process, dies: Dies
    ) -> None:
        super().__init__(database, chain, clock, random.randbytes, vault)
        place = Workplace(database, chain, clock, random.randbytes, vault)
        self._writing = writing = VirtualWriting(place, self._committed)
        writing.process, writing.dies = process, dies
