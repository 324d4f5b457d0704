"""What headquarters hears of a slip: one word each time it comes to rest, or is held for a cause not yet told, with
all its changes since the last word."""

from agent import outbox
from agent.transactions import Transaction
from domain.operations import SlipChanged
from domain.slips import Evidence, SlipKind, SlipState, SlipStep

_AT_REST = frozenset({SlipState.PRINTED, SlipState.NOT_PRINTED, SlipState.UNKNOWN, SlipState.WITHDRAWN})


def tell(tx: Transaction, slip_id: str) -> None:
    """After each change. A printer that goes from empty to open to empty again is told once per trouble and wait."""
    slip = tx.db.execute("SELECT * FROM slips WHERE slip_id = ?", (slip_id,)).fetchone()
    held = slip["state"] == SlipState.HELD
    if not held and slip["state"] not in _AT_REST:
        return
    if held and _told_of(tx, slip_id, slip["cause"], slip["told"]):
        return
    changes = tx.db.execute(
        "SELECT change, state, at, cause, printer FROM slip_changes WHERE slip_id = ? AND change > ? ORDER BY change",
        (slip_id, slip["told"]),
    ).fetchall()
    said = SlipChanged(
        order_id=slip["order_id"] or "",
        slip_id=slip_id,
        slip=SlipKind(slip["kind"]),
        state=SlipState(slip["state"]),
        evidence=None if slip["evidence"] is None else Evidence(slip["evidence"]),
        cause=slip["cause"],
        printer=slip["printer"],
        copy=slip["copy"],
        steps=tuple(SlipStep(SlipState(row["state"]), row["at"], row["cause"], row["printer"]) for row in changes),
    )
    outbox.put(tx, said, slip["order_id"])
    tx.db.execute("UPDATE slips SET told = ? WHERE slip_id = ?", (changes[-1]["change"], slip_id))


def _told_of(tx: Transaction, slip_id: str, cause: str, told: int) -> bool:
    """Since the slip last moved it was held for this before."""
    row = tx.db.execute(
        "SELECT 1 FROM slip_changes WHERE slip_id = :slip AND state = 'held' AND cause = :cause AND change <= :told"
        " AND change > (SELECT max(change) FROM slip_changes WHERE slip_id = :slip AND state <> 'held') LIMIT 1",
        {"slip": slip_id, "cause": cause, "told": told},
    ).fetchone()
    return row is not None
