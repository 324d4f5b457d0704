"""Notices that the hub's database was restored from a backup, without anybody saying so. Then all logs begin anew
(`cloud.restoring`).

How far each log went is written to a file beside the database: a database that is behind these marks was restored. So
was one of which an agent has applied an event that it never wrote, or shows other evidence (`cloud.evidence`).
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from cloud import eventlog, evidence, restoring, sessions
from cloud.agents import Agent
from cloud.heads import Heads
from cloud.private_file import write_private
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.protocol import Cursor, Head, Report
from domain.times import HOUR, Clock, Millis

log = logging.getLogger(__name__)

MARKS = "heads.json"
ONCE_IN: Millis = HOUR
"""Evidence from agents is believed once in so long: a broken agent must not send the whole chain to its snapshots again
and again."""

Marks = dict[str, tuple[str, int]]
"""By log: its log id, and the number of its last event."""


def marks_of(heads: list[Head]) -> Marks:
    return {head.log: (head.log_id, head.seq) for head in heads}


def fallen_behind(marks: Marks, now: Marks) -> str:
    """Says which log is gone or behind its mark; empty where none is. Another log id above the mark is well: this hub,
    or another process of it, began the logs anew, and the marks were not written since."""
    for name, (_, head) in sorted(marks.items()):
        known = now.get(name)
        if known is None:
            return f"{name} is gone"
        if known[1] < head:
            return f"{name} stands at {known[1]}, and was at {head}"
    return ""


class HighWater:
    """In the event loop's thread."""

    def __init__(self, writer: Writer, heads: Heads, folder: Path, *, chain: str, clock: Clock) -> None:
        self._writer, self._path, self._chain, self._clock = writer, folder / MARKS, chain, clock
        self._heads = heads
        self._written: Marks | None = None
        self._believed_at: Millis | None = None
        self._reported: set[str] = set()
        """Devices whose first report to this process was looked at."""
        self._one_at_a_time = asyncio.Lock()

    async def begin(self) -> None:
        """Call it before any agent is answered and before anything is written."""
        marks = read_marks(self._path)
        if why := fallen_behind(marks, await self._now()):
            await self._writer.run(partial(restoring.begin_anew, why=why))
        await self.write_marks()

    async def write_marks(self) -> None:
        now = await self._now()
        if self._written is not None and fallen_behind(self._written, now):
            known = {name: seq for name, (_, seq) in self._written.items()}
            await self._writer.run(partial(restoring.went_back, known=known))
            now = await self._now()
        if now != self._written:
            await asyncio.to_thread(write_private, self._path, msgspec.json.encode(now))
            self._written = now

    async def heard(self, cursors: Iterable[Cursor]) -> None:
        """Looks at cursors that an agent sent. The heads in memory may be behind, so the database is asked before
        anything is done."""
        for cursor in cursors:
            if any(restoring.is_ahead(head, cursor) for head in self._heads.of([cursor.log])):
                await self.shown(partial(restoring.believe, cursor=cursor))

    async def shown(self, evidence: Callable[[Transaction], bool]) -> bool:
        """Judges evidence that this hub was restored (`cloud.evidence`). True: the logs began anew. Evidence of several
        agents is judged one after the other, as after the first the others prove nothing."""
        async with self._one_at_a_time:
            now = self._clock()
            if self._believed_at is not None and 0 <= now - self._believed_at < ONCE_IN:
                return False
            if begins_anew := await self._writer.run(evidence):
                self._believed_at = now
                await self.write_marks()
            return begins_anew

    async def confirmed(self, agent: Agent, number: int, cursors: Sequence[Cursor]) -> bool:
        """The agent says that this hub has confirmed its operations up to `number`. True: the logs began anew."""
        return await self.shown(partial(evidence.of_operations, agent=agent, confirmed=number, cursors=cursors))

    async def reported(self, agent: Agent, report: Report) -> None:
        """Looks at each agent's first report to this process: a restored hub always begins as a new process, and a
        store with nothing new to send would otherwise show its evidence much later."""
        if not report.confirmed or report.incarnation != agent.incarnation or agent.device in self._reported:
            return
        self._reported.add(agent.device)
        number, _ = await self._writer.read(partial(sessions.newest_operation, agent=agent))
        if number < report.confirmed:
            await self.confirmed(agent, report.confirmed, report.cursors)

    async def _now(self) -> Marks:
        return marks_of(await self._writer.read(partial(eventlog.all_heads, chain=self._chain)))


def read_marks(path: Path) -> Marks:
    """Without the file, or with one that cannot be read, there is nothing to compare."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Marks)
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("the high-water marks at %s cannot be read: %s", path, error)
        return {}
