"""How far each log was applied. The cursor stands in the file its effects live in."""

from agent.transactions import Reading, Transaction
from domain.protocol import Cursor


def cursor(reading: Reading, log: str) -> Cursor:
    """Before the first contact: no incarnation, nothing applied."""
    row = reading.db.execute("SELECT log_id, seq FROM cursors WHERE log = ?", (log,)).fetchone()
    return Cursor(log, "", 0) if row is None else Cursor(log, row["log_id"], row["seq"])


def move(tx: Transaction, cursor: Cursor) -> None:
    tx.db.execute(
        "INSERT INTO cursors (log, log_id, seq) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET log_id = excluded.log_id, seq = excluded.seq",
        (cursor.log, cursor.log_id, cursor.seq),
    )
