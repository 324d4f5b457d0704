"""Logs that stopped before an event that must be understood (a recall) and that this program cannot apply: to go on
without it might mean to sell what may not be sold. They go on by themselves once a program that understands it runs.
"""

import msgspec

from agent.errors import AgentError
from agent.transactions import Reading, Topic, Transaction
from domain.events import Event
from domain.times import Millis


class LogStopped(AgentError):
    """A log stands before an event that must be understood. Everything before that event was applied and is kept."""


class Stopped(msgspec.Struct, frozen=True):
    log: str
    seq: int
    kind: str
    v: int
    why: str
    at: Millis
    """Since when."""


def put(tx: Transaction, event: Event, why: str) -> bool:
    """Notes where the log stands. False where it stood at this event already."""
    if stands_before(tx, event):
        tx.db.execute("UPDATE stopped SET why = ? WHERE log = ?", (why, event.log))
        return False
    tx.db.execute(
        "INSERT OR REPLACE INTO stopped (log, seq, kind, v, body, why, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (event.log, event.seq, event.kind, event.v, bytes(event.body), why, tx.now),
    )
    tx.touch(Topic.SET_ASIDE)
    return True


def stands_before(reading: Reading, event: Event) -> bool:
    """The log stopped at it before."""
    known = of(reading, event.log)
    return known is not None and known.seq == event.seq


def clear(tx: Transaction, log: str) -> None:
    """It goes on."""
    if tx.db.execute("DELETE FROM stopped WHERE log = ?", (log,)).rowcount:
        tx.touch(Topic.SET_ASIDE)


def of(reading: Reading, log: str) -> Stopped | None:
    return next((each for each in all_of(reading) if each.log == log), None)


def all_of(reading: Reading) -> tuple[Stopped, ...]:
    rows = reading.db.execute(f"SELECT {', '.join(Stopped.__struct_fields__)} FROM stopped ORDER BY at, log")
    return tuple(msgspec.convert(dict(row), Stopped) for row in rows)
