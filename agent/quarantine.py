"""Events that could not be applied, kept as they came.

Later events of the same order wait behind one that failed, until it is applied after all or a person gives it up. An
event of a kind that only a newer program knows holds back nothing, least of all a cancellation.
"""

from collections.abc import Iterator

import msgspec

from agent.engine import sqlite3
from agent.errors import NotFound
from agent.transactions import Reading, Topic, Transaction
from domain.events import Event
from domain.times import Millis

_OPEN = "settled_at IS NULL"
BEHIND = "an earlier event of this order failed"
"""The reason of an event with which nothing else is wrong."""


class Kept(msgspec.Struct, frozen=True):
    """One event that was set aside. `holds`: later events of its order wait behind it."""

    log: str
    seq: int
    kind: str
    v: int
    at: Millis
    order_id: str | None
    holds: bool
    why: str
    set_aside_at: Millis


def put(tx: Transaction, event: Event, why: str, *, holds: bool) -> None:
    tx.db.execute(
        "INSERT INTO quarantine (log, seq, kind, v, at, body, order_id, holds, why, set_aside_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " kind = excluded.kind, v = excluded.v, at = excluded.at, body = excluded.body, order_id = excluded.order_id,"
        " holds = excluded.holds, why = excluded.why, settled_at = NULL, settled_by = '', settled_why = ''",
        (event.log, event.seq, event.kind, event.v, event.at, bytes(event.body), event.order_id, holds, why, tx.now),
    )
    tx.touch(Topic.SET_ASIDE)


def still_fails(tx: Transaction, event: Event, why: str, *, holds: bool) -> None:
    tx.db.execute(
        "UPDATE quarantine SET why = ?, holds = ? WHERE log = ? AND seq = ?", (why, holds, event.log, event.seq)
    )
    tx.touch(Topic.SET_ASIDE)


def take_out(tx: Transaction, event: Event) -> None:
    """Call it once the event was applied after all."""
    tx.db.execute("DELETE FROM quarantine WHERE log = ? AND seq = ?", (event.log, event.seq))
    tx.touch(Topic.SET_ASIDE)


def clear(tx: Transaction, log: str) -> None:
    """Removes all of a log: a snapshot of it was loaded, which includes what these events would have done."""
    tx.db.execute("DELETE FROM quarantine WHERE log = ?", (log,))
    tx.touch(Topic.SET_ASIDE)


def give_up(tx: Transaction, log: str, seq: int, *, by: str, why: str) -> None:
    """A person dealt with it in another way: it is kept, and nothing waits behind it any more. Raises NotFound."""
    done = tx.db.execute(
        f"UPDATE quarantine SET settled_at = ?, settled_by = ?, settled_why = ? WHERE log = ? AND seq = ? AND {_OPEN}",
        (tx.now, by, why, log, seq),
    )
    if done.rowcount == 0:
        raise NotFound(f"没有这条搁置的消息：{log} {seq}")
    tx.touch(Topic.SET_ASIDE)


def waits(reading: Reading, order_id: str | None) -> bool:
    """Whether an event of this order must wait, because an earlier one failed."""
    query = f"SELECT 1 FROM quarantine WHERE order_id = ? AND holds AND {_OPEN}"
    return order_id is not None and reading.db.execute(query, (order_id,)).fetchone() is not None


def count(reading: Reading) -> int:
    return int(reading.db.execute(f"SELECT count(*) FROM quarantine WHERE {_OPEN}").fetchone()[0])


def listed(reading: Reading, limit: int) -> tuple[Kept, ...]:
    """The oldest first."""
    rows = reading.db.execute(
        f"SELECT {', '.join(Kept.__struct_fields__)} FROM quarantine WHERE {_OPEN}"
        " ORDER BY set_aside_at, log, seq LIMIT ?",
        (limit,),
    )
    return tuple(msgspec.convert(dict(row), Kept, strict=False) for row in rows)


def events(reading: Reading) -> Iterator[Event]:
    """All events that may be tried again, by log and number."""
    rows = reading.db.execute(f"SELECT * FROM quarantine WHERE {_OPEN} ORDER BY log, seq").fetchall()
    return map(_event, rows)


def overtaken(reading: Reading) -> frozenset[tuple[str, int]]:
    """(log, seq) of the events that later events did not wait for, as they are of no order or of an unknown kind."""
    rows = reading.db.execute(
        "SELECT q.log, q.seq FROM quarantine q JOIN cursors c ON c.log = q.log AND c.seq > q.seq"
        " WHERE (q.order_id IS NULL OR NOT q.holds) AND q.settled_at IS NULL"
    )
    return frozenset((row["log"], row["seq"]) for row in rows)


def raw(reading: Reading, log: str, seq: int) -> bytes:
    """The body as it came. Raises NotFound."""
    row = reading.db.execute("SELECT body FROM quarantine WHERE log = ? AND seq = ?", (log, seq)).fetchone()
    if row is None:
        raise NotFound(f"没有这条搁置的消息：{log} {seq}")
    return bytes(row["body"])


def _event(row: sqlite3.Row) -> Event:
    return Event(
        log=row["log"],
        seq=row["seq"],
        kind=row["kind"],
        v=row["v"],
        at=row["at"],
        body=msgspec.Raw(row["body"]),
        order_id=row["order_id"],
    )
