"""The prescriptions of this store's orders: headquarters' word, and beside it the store's own until both are one."""

import msgspec

from agent import personal
from agent.engine import sqlite3
from agent.errors import NotFound
from agent.transactions import Reading, Topic, Transaction
from domain.prescriptions import Decision, Prescription, PrescriptionPerson, PrescriptionState
from domain.times import Millis


class Record(msgspec.Struct, frozen=True):
    """`own` was decided here and is not yet part of headquarters' word; `heard` once headquarters answered it.
    `approved_first_at` is when the first approval of it was known here, by this clock; `verified_by` names the
    colleague who saw who the patient is."""

    told: Prescription
    own: Decision | None
    heard: bool
    approved_first_at: Millis | None
    verified_by: str

    @property
    def now(self) -> Prescription:
        """As it stands, both words taken together."""
        decision = _standing(self._told_decision, self.own, self.heard)
        if decision is None:
            return msgspec.structs.replace(self.told, decision=None)
        state = PrescriptionState.APPROVED if decision.approved else PrescriptionState.REFUSED
        return msgspec.structs.replace(self.told, state=state, decision=decision)

    @property
    def _told_decision(self) -> Decision | None:
        """Headquarters waits again: what was decided before counts no more."""
        return None if self.told.state is PrescriptionState.WAITING else self.told.decision


def _standing(told: Decision | None, own: Decision | None, heard: bool) -> Decision | None:
    """Two pharmacists may decide without knowing of each other: a refusal holds until headquarters has heard both."""
    if told is None or own is None:
        return own or told
    return told if heard or not told.approved else own


def find(reading: Reading, prescription_id: str) -> Record | None:
    row = reading.db.execute(f"{_SELECT} WHERE prescription_id = ?", (prescription_id,)).fetchone()
    return None if row is None else _record(row)


def get(reading: Reading, prescription_id: str) -> Record:
    """Raises NotFound."""
    record = find(reading, prescription_id)
    if record is None:
        raise NotFound(f"本店没有这张处方：{prescription_id}")
    return record


def of_order(reading: Reading, order_id: str) -> tuple[Record, ...]:
    rows = reading.db.execute(f"{_SELECT} WHERE order_id = ? ORDER BY came_at, prescription_id", (order_id,))
    return tuple(map(_record, rows))


def with_content(reading: Reading, content: str) -> tuple[Record, ...]:
    """All that are the same prescription."""
    rows = reading.db.execute(f"{_SELECT} WHERE content = ? ORDER BY came_at", (content,)) if content else ()
    return tuple(map(_record, rows))


def put(tx: Transaction, told: Prescription) -> None:
    tx.db.execute(
        "INSERT INTO prescriptions (prescription_id, order_id, told, content, came_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET told = excluded.told, content = excluded.content",
        (told.prescription_id, told.order_id, msgspec.json.encode(told), told.content, tx.now),
    )
    tx.touch(Topic.ORDERS)


def put_own(tx: Transaction, prescription_id: str, decision: Decision | None, key: str = "") -> None:
    """`key` is that of the operation that tells headquarters."""
    body = None if decision is None else msgspec.json.encode(decision)
    tx.db.execute(
        "UPDATE prescriptions SET own = ?, own_key = ? WHERE prescription_id = ?", (body, key, prescription_id)
    )
    tx.touch(Topic.ORDERS)


def note_approval(tx: Transaction, prescription_id: str) -> None:
    tx.db.execute(
        "UPDATE prescriptions SET approved_first_at = coalesce(approved_first_at, ?) WHERE prescription_id = ?",
        (tx.now, prescription_id),
    )


def put_verified(tx: Transaction, prescription_id: str, staff_id: str) -> None:
    tx.db.execute("UPDATE prescriptions SET verified_by = ? WHERE prescription_id = ?", (staff_id, prescription_id))
    tx.touch(Topic.ORDERS)


def person(reading: Reading, prescription: Prescription) -> PrescriptionPerson:
    """Unmasked: for the pharmacist who looks at this very prescription, and for nobody else. Empty once erased."""
    return personal.patient(reading, prescription.order_id, prescription.prescription_id)


_SELECT = """SELECT p.*, coalesce((SELECT o.state <> 'pending' FROM outbox o WHERE o.key = p.own_key), 0) AS heard
    FROM prescriptions p"""
_told = msgspec.json.Decoder(Prescription)
_own = msgspec.json.Decoder(Decision)


def _record(row: sqlite3.Row) -> Record:
    return Record(
        told=_told.decode(row["told"]),
        own=None if row["own"] is None else _own.decode(row["own"]),
        heard=bool(row["heard"]),
        approved_first_at=row["approved_first_at"],
        verified_by=row["verified_by"],
    )
