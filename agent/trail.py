"""The trail of an order in this store: each step is chained and written in the transaction that did it."""

import msgspec

from agent import outbox
from agent.transactions import Reading, Transaction
from domain.operations import TrailGrown
from domain.staff import Actor
from domain.trail import BEGINNING, Step, StepKind, link

NOBODY = Actor("")
"""The program itself, or headquarters: no hand did it here."""
_RESTS = frozenset(
    {
        StepKind.GIVEN_BACK,
        StepKind.PACKED,
        StepKind.HANDED_OVER,
        StepKind.STOPPED,
        StepKind.PUT_BACK,
        StepKind.RETURNED,
        StepKind.PRESCRIPTION,
        StepKind.SHORT,
    }
)
"""Where work comes to rest headquarters is told all steps so far, in one word."""

_encoder = msgspec.json.Encoder(order="deterministic")


def record(
    tx: Transaction, order_id: str, kind: StepKind, actor: Actor = NOBODY, *, rules: str = "", **detail: object
) -> None:
    """`detail` holds ids, codes, numbers and hashes; nothing about the customer, and so no words that somebody typed:
    the trail is never erased."""
    head = tx.db.execute("SELECT seq, hash FROM trail_heads WHERE order_id = ?", (order_id,)).fetchone()
    seq, before = (0, BEGINNING) if head is None else (head["seq"], head["hash"])
    said = _encoder.encode(detail).decode()
    step = Step(order_id, seq + 1, tx.now, kind, actor.staff_id, actor.name, actor.station, rules, said, "")
    step = msgspec.structs.replace(step, hash=link(before, step))
    tx.db.execute("INSERT INTO trail VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", msgspec.structs.astuple(step))
    tx.db.execute(
        "INSERT INTO trail_heads (order_id, seq, hash) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
        (order_id, step.seq, step.hash),
    )
    if kind in _RESTS:
        tell(tx, order_id)


def steps(reading: Reading, order_id: str, after: int = 0) -> tuple[Step, ...]:
    rows = reading.db.execute("SELECT * FROM trail WHERE order_id = ? AND seq > ? ORDER BY seq", (order_id, after))
    return tuple(msgspec.convert(dict(row), Step) for row in rows)


def tell(tx: Transaction, order_id: str) -> None:
    """Headquarters, all that it has not heard of yet."""
    told = tx.db.execute("SELECT told FROM trail_heads WHERE order_id = ?", (order_id,)).fetchone()["told"]
    grown = steps(tx, order_id, told)
    outbox.put(tx, TrailGrown(order_id, grown), order_id)
    tx.db.execute("UPDATE trail_heads SET told = ? WHERE order_id = ?", (grown[-1].seq, order_id))
