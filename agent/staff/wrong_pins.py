"""How often each PIN was tried in vain, kept over restarts."""

import logging

from agent.errors import LockedOut
from agent.transactions import Reading, Transaction
from domain.proofs import MOST_WRONG, Tries
from domain.times import DAY, MINUTE

log = logging.getLogger(__name__)


def begin(tx: Transaction, staff_id: str) -> Tries:
    """One more try, counted as wrong until `forgive`. Raises LockedOut."""
    tx.db.execute("DELETE FROM wrong_pins WHERE last_at < ?", (tx.now - DAY,))
    tries = _of(tx, staff_id)
    if left := tries.locked_for(tx.now):
        minutes = -(-left // MINUTE)
        raise LockedOut(f"密码连续输错 {MOST_WRONG} 次，已锁定", hint=f"请 {minutes} 分钟后再试，或刷工牌")
    tries = tries.another(tx.now)
    tx.db.execute(
        "INSERT INTO wrong_pins (staff_id, wrong, last_at) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET wrong = excluded.wrong, last_at = excluded.last_at",
        (staff_id, tries.wrong, tries.last_at),
    )
    return tries


def forgive(tx: Transaction, staff_id: str) -> None:
    tx.db.execute("DELETE FROM wrong_pins WHERE staff_id = ?", (staff_id,))


def _of(reading: Reading, staff_id: str) -> Tries:
    row = reading.db.execute("SELECT wrong, last_at FROM wrong_pins WHERE staff_id = ?", (staff_id,)).fetchone()
    return Tries() if row is None else Tries(row["wrong"], row["last_at"])
