"""What the store knows for the prescription gate; `domain.rules` judges it."""

from collections.abc import Sequence
from enum import StrEnum

from agent import orders, policy
from agent.prescriptions import records
from agent.prescriptions.records import Record
from agent.transactions import Reading
from domain import rules
from domain.orders import Order
from domain.prescriptions import Decision, Prescription
from domain.rules import Gate, Reviewed, Rule
from domain.staff import OnDuty
from domain.times import Millis

_BEFORE_ALL: Millis = 0


class Stand(StrEnum):
    """The gate in one word."""

    WAITING = "waiting"
    AGAIN = "again"
    """Approved, and to be looked at again all the same, or the goods put back first."""
    APPROVED = "approved"
    REFUSED = "refused"
    """This order will not be picked."""


_STANDS = {
    Rule.TAKEN: Stand.APPROVED,
    Rule.PRESCRIPTION_CHANGED: Stand.AGAIN,
    Rule.PRESCRIPTION_LATE: Stand.AGAIN,
    Rule.PRESCRIPTION_SELF: Stand.AGAIN,
    Rule.PRESCRIPTION_DUTY: Stand.AGAIN,
    Rule.PRESCRIPTION_REFUSED: Stand.REFUSED,
    Rule.PRESCRIPTION_USED: Stand.REFUSED,
}


def stand(gate: Gate) -> Stand:
    return _STANDS.get(gate.rule, Stand.WAITING)


def stand_of(reading: Reading, order: Order) -> Stand | None:
    """None for an order that needs no prescription."""
    return stand(gate(reading, order.order_id)) if needed(order, records.of_order(reading, order.order_id)) else None


def gate(reading: Reading, order_id: str, picker: str = "") -> Gate:
    """Whether anything of the order may be picked now, by this colleague where one is named. Raises NotFound."""
    return gate_of(reading, orders.get(reading, order_id), picker)


def gate_of(reading: Reading, order: Order, picker: str = "") -> Gate:
    """As `gate`, of an order at hand."""
    order_id = order.order_id
    known = records.of_order(reading, order_id)
    if not needed(order, known):
        return rules.OPEN
    return rules.gate(
        True,
        order.lines,
        _reviewed(reading, known),
        picked_by=pickers(reading, order_id) | ({picker} - {""}),
        started_at=_BEFORE_ALL if too_late(reading, order_id, known) else None,
        policy=policy.in_force(reading),
    )


def needed(order: Order, known: Sequence[Record]) -> bool:
    return order.prescription or bool(known) or any(line.prescription and line.wanted for line in order.lines)


def pickers(reading: Reading, order_id: str) -> frozenset[str]:
    """Whose hands put something into the bag, also what was taken out again."""
    rows = reading.db.execute("SELECT DISTINCT staff_id FROM bindings WHERE order_id = ?", (order_id,))
    return frozenset(row["staff_id"] for row in rows) - {""}


def too_late(reading: Reading, order_id: str, known: Sequence[Record]) -> bool:
    """Something lies in the bag that was put there before any approval. A second review during the pick is not late;
    clocks of two computers are not compared."""
    row = reading.db.execute(
        "SELECT min(bound_at) AS at FROM bindings WHERE order_id = ? AND released_at IS NULL", (order_id,)
    ).fetchone()
    first = min((each.approved_first_at for each in known if each.approved_first_at is not None), default=None)
    return row["at"] is not None and (first is None or first > row["at"])


def _reviewed(reading: Reading, known: Sequence[Record]) -> Reviewed:
    now = tuple(each.now for each in known)
    decisions = [each.decision for each in now if each.decision is not None]
    return Reviewed(
        prescriptions=now,
        duties=tuple(map(_duty, decisions)),
        patient_verified=any(is_verified(reading, each) for each in known),
    )


def is_verified(reading: Reading, record: Record) -> bool:
    return bool(record.verified_by) or records.person(reading, record.told).identity_verified


def _duty(decision: Decision) -> OnDuty:
    """Whoever takes a decision, here or at headquarters, sees that the pharmacist is on duty then. The roster that the
    store has later may know nothing of it any more."""
    return OnDuty(decision.staff_id, decision.name, decision.at, decision.at + 1, decision.store)


def standing(known: Sequence[Record]) -> Prescription | None:
    """The approval by which the order is picked."""
    return next((each.now for each in known if each.now.decision is not None and each.now.decision.approved), None)
