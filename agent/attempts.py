"""Counts how often the program died while it applied an event, so that one event cannot kill it for ever (facts/sync.md
R10).

A death is counted at the next start, from the crash mark, in a transaction of its own: what is tried after it may kill
the process again, and the count must outlive that. A new version of the program gets one try at what was given up.
"""

import logging

from agent.crash_mark import Marked
from agent.transactions import Reading, Transaction

log = logging.getLogger(__name__)

MOST = 3
"""Deaths after which an event is not tried any more by the version that died."""


def begin(tx: Transaction, version: str) -> None:
    """Call it first of all at start; call `mark.clear()` once this is on the disk."""
    tx.db.execute(
        "UPDATE attempts SET deaths = min(deaths, ?), version = ? WHERE version <> ?", (MOST - 1, version, version)
    )
    left = tx.mark.left()
    if left is not None:
        _count(tx, left, version)


def spent(reading: Reading, log: str, seq: int) -> bool:
    """Whether this version died at the event so often that it must not try it again."""
    return deaths(reading, log, seq) >= MOST


def deaths(reading: Reading, log: str, seq: int) -> int:
    row = reading.db.execute("SELECT deaths FROM attempts WHERE log = ? AND seq = ?", (log, seq)).fetchone()
    return 0 if row is None else int(row["deaths"])


def forget(tx: Transaction, log: str, seq: int) -> None:
    """It was applied, or a person wants it tried anew."""
    tx.db.execute("DELETE FROM attempts WHERE log = ? AND seq = ?", (log, seq))


def clear(tx: Transaction, log: str) -> None:
    """Call it when a snapshot was loaded: the log's numbers mean other events now. Events of the snapshot itself that
    are set aside keep their count."""
    tx.db.execute(
        "DELETE FROM attempts WHERE log = ?1 AND seq NOT IN (SELECT seq FROM quarantine WHERE log = ?1)", (log,)
    )


def _count(tx: Transaction, left: Marked, version: str) -> None:
    tx.db.execute(
        "INSERT INTO attempts (log, seq, deaths, version) VALUES (?, ?, 1, ?)"
        " ON CONFLICT DO UPDATE SET deaths = deaths + 1, version = excluded.version",
        (left.log, left.seq, version),
    )
    log.error("the program died at event %s %d (%d times)", left.log, left.seq, deaths(tx, left.log, left.seq))
