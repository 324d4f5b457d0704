"""How far each log was applied. The cursor stands in the file its effects live in."""

from agent.transactions import Reading, Transaction
from domain.protocol import Cursor

DOUBTED = "doubted"
"""Stands in place of a log id; no incarnation of a log is called so, and the hub answers it with a reset."""


def cursor(reading: Reading, log: str) -> Cursor:
    """Before the first contact: no incarnation, nothing applied."""
    row = reading.db.execute("SELECT log_id, seq FROM cursors WHERE log = ?", (log,)).fetchone()
    return Cursor(log, "", 0) if row is None else Cursor(log, row["log_id"], row["seq"])


def doubt(tx: Transaction, log: str | None = None) -> None:
    """Asks for a snapshot of this log, or of all: these data may not hold what their cursors say was applied. The hub
    answers such a cursor with a reset."""
    tx.db.execute("UPDATE cursors SET log_id = ?1 WHERE log_id != '' AND (?2 IS NULL OR log = ?2)", (DOUBTED, log))


def is_another(cursor: Cursor, log_id: str) -> bool:
    """Whether the log was followed here as another incarnation: then the hub was restored since."""
    return cursor.log_id not in ("", DOUBTED, log_id)


def move(tx: Transaction, cursor: Cursor) -> None:
    tx.db.execute(
        "INSERT INTO cursors (log, log_id, seq) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET log_id = excluded.log_id, seq = excluded.seq",
        (cursor.log, cursor.log_id, cursor.seq),
    )
