"""Removes old events: a log's floor is raised, then the events at or below it are deleted in batches. Nothing is ever
taken from the middle, so that a gap in a log always means a loss (facts/sync.md R6).

An event is kept while it is young, or among the last, or not yet applied by an agent that was here lately. Only a log
that grows beyond its bytes loses more; its agents then go on from a snapshot.
"""

import logging
from collections.abc import Mapping
from functools import partial

import msgspec
from sqlalchemy import Connection

from cloud import eventlog
from cloud.presence import Attendance
from cloud.statements import Sql
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.protocol import Head
from domain.times import DAY, Clock, Millis

log = logging.getLogger(__name__)

LATELY: Millis = 30 * DAY
"""An agent that was not seen for so long holds nothing back."""
LARGE = 16 << 10
"""Bytes that few events have."""
BATCH = 2_000
"""Events deleted in one transaction: orders come in between."""

_OLDER = Sql("SELECT seq FROM events WHERE chain = ? AND log = ? AND seq <= ? AND at < ? ORDER BY seq DESC LIMIT 1")
_SIZES = Sql("SELECT seq, length(body) FROM events WHERE chain = ? AND log = ? AND seq <= ? ORDER BY seq DESC LIMIT ?")
_RAISE = Sql("UPDATE log_heads SET floor = ? WHERE chain = ? AND log = ? AND log_id = ? AND floor < ? AND head >= ?")
_LOWEST = Sql("SELECT min(seq) FROM events WHERE chain = ? AND log = ? AND seq <= ?")
_DELETE = Sql("DELETE FROM events WHERE chain = ? AND log = ? AND seq <= ?")


class Keep(msgspec.Struct, frozen=True):
    """How much of each log stays: the larger of `age` and `events`, within `size` bytes."""

    age: Millis = 30 * DAY
    events: int = 20_000
    size: int = 256 << 20


def floor_of(connection: Connection, chain: str, head: Head, keep: Keep, now: Millis, held: int | None) -> int:
    """The new floor: the last event that may be removed. `held`: how far the slowest agent that was here lately has
    come; None where there is none."""
    return max(_by_age(connection, chain, head, keep, now, held), _by_size(connection, chain, head, keep))


def _by_age(connection: Connection, chain: str, head: Head, keep: Keep, now: Millis, held: int | None) -> int:
    wanted = min(head.seq - keep.events, head.seq if held is None else held)
    if wanted <= head.floor:
        return head.floor
    rows = _OLDER.rows(connection, chain, head.log, wanted, now - keep.age)
    return max(rows[0][0], head.floor) if rows else head.floor


def _by_size(connection: Connection, chain: str, head: Head, keep: Keep) -> int:
    """The floor above which the newest events fit into `keep.size`. A log of so few events that it can hardly be as
    large is not counted."""
    if head.seq - head.floor <= keep.size // LARGE:
        return head.floor
    size, seq = 0, head.seq
    while rows := _SIZES.rows(connection, chain, head.log, seq, BATCH):
        for seq, length in rows:
            size += length
            if size > keep.size:
                return int(seq)
        seq -= 1
    return head.floor


def raise_floor(tx: Transaction, head: Head, floor: int) -> None:
    """Does nothing where the log became another incarnation meanwhile. Streams hear of the new floor as of news."""
    row = (floor, tx.chain, head.log, head.log_id, floor, floor)
    if _RAISE.run(tx.connection, [row]):
        tx.news.update((now.log, now) for now in eventlog.heads(tx.connection, tx.chain, [head.log]))


def lowest(connection: Connection, chain: str, log: str, floor: int) -> int | None:
    """The oldest event that is to go; None where all are gone."""
    found = _LOWEST.rows(connection, chain, log, floor)[0][0]
    return None if found is None else int(found)


def delete(tx: Transaction, log: str, upto: int) -> None:
    _DELETE.run(tx.connection, [(tx.chain, log, upto)])


class Compaction:
    def __init__(self, writer: Writer, attendance: Attendance, *, chain: str, keep: Keep, clock: Clock) -> None:
        self._writer, self._attendance, self._chain = writer, attendance, chain
        self._keep, self._clock = keep, clock

    async def run(self) -> None:
        heads = await self._writer.read(partial(eventlog.all_heads, chain=self._chain))
        held = held_by(self._attendance, heads, self._clock() - LATELY)
        for head in heads:
            find = partial(
                floor_of, chain=self._chain, head=head, keep=self._keep, now=self._clock(), held=held.get(head.log)
            )
            floor = await self._writer.read(find)
            if floor > head.floor:
                await self._writer.run(partial(raise_floor, head=head, floor=floor))
                log.info("%s is compacted up to %d of %d", head.log, floor, head.seq)
            await self._delete(head.log, floor)

    async def _delete(self, name: str, floor: int) -> None:
        find = partial(lowest, chain=self._chain, log=name, floor=floor)
        while (oldest := await self._writer.read(find)) is not None:
            await self._writer.run(partial(delete, log=name, upto=min(oldest + BATCH - 1, floor)))


def held_by(attendance: Attendance, heads: list[Head], since: Millis) -> Mapping[str, int]:
    """By log: the lowest cursor of an agent that was here since then and follows this incarnation."""
    incarnations = {head.log: head.log_id for head in heads}
    held: dict[str, int] = {}
    for cursor in attendance.cursors(since):
        if incarnations.get(cursor.log) == cursor.log_id:
            held[cursor.log] = min(held.get(cursor.log, cursor.seq), cursor.seq)
    return held
