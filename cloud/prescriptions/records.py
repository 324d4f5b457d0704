"""The rows of prescriptions, and the one event that tells a store how one reads now."""

from typing import Any

import msgspec

from cloud import orders, personal
from cloud.errors import UnknownPrescription
from cloud.orders import Known
from cloud.statements import AnyRow, Sql, insert
from cloud.tables import prescriptions
from cloud.transaction import Transaction
from domain.blobs import Blob
from domain.events import PrescriptionChanged
from domain.ids import prescription_identity
from domain.orders import Order
from domain.prescriptions import (
    Decision,
    Prescription,
    PrescriptionPerson,
    PrescriptionState,
    prescription_record,
)
from domain.times import Millis

_OF_ORDER = Sql("SELECT * FROM prescriptions WHERE chain = ? AND order_id = ?")
_ORDER_OF = Sql("SELECT order_id FROM prescriptions WHERE chain = ? AND prescription_id = ?")
_NEW = insert(
    prescriptions,
    "chain", "prescription_id", "order_id", "store", "state", "number", "provider", "issued_at", "content",
    "created_at",
)  # fmt: skip
_STANDS = Sql(
    """UPDATE prescriptions SET state = ?, content = ?, decision = ?, used_by = ?
    WHERE chain = ? AND prescription_id = ?"""
)
_TOLD = Sql("UPDATE prescriptions SET number = ?, provider = ?, issued_at = ? WHERE chain = ? AND prescription_id = ?")
_HERE = Sql(
    """SELECT digest, size, media_type FROM prescription_images
    WHERE chain = ? AND prescription_id = ? AND state = 'here' ORDER BY place"""
)
_DISCOUNT = Sql("UPDATE prescription_decisions SET counts = 0 WHERE chain = ? AND prescription_id = ?")
_DECISIONS = Sql("SELECT * FROM prescription_decisions WHERE chain = ? AND prescription_id = ? ORDER BY place")


class Given(msgspec.Struct, frozen=True):
    """One decision as it is kept. One that no longer `counts` is history: somebody asked to look again."""

    place: int
    decision: Decision
    counts: bool


class Record(msgspec.Struct, frozen=True):
    """A prescription with what only the hub knows of it."""

    prescription: Prescription
    store: str
    provider: str
    decisions: tuple[Given, ...]
    created_at: Millis

    @property
    def prescription_id(self) -> str:
        return self.prescription.prescription_id

    @property
    def counted(self) -> list[Given]:
        return [given for given in self.decisions if given.counts]


def new(tx: Transaction, order: Order, number: str, provider: str, issued_at: Millis | None) -> Record:
    """It waits."""
    made = prescription_identity(order.order_id, order.placed_at)
    waiting = Prescription(made, order.order_id, PrescriptionState.WAITING, number=number, issued_at=issued_at)
    row = (
        tx.chain, made, order.order_id, order.store, waiting.state.value, number, provider, issued_at, "", tx.now,
    )  # fmt: skip
    _NEW.run(tx.connection, [row])
    return Record(waiting, order.store, provider, (), tx.now)


def of_order(tx: Transaction, order_id: str) -> Record | None:
    """The order's row is locked by whoever means to change anything: `cloud.orders.load`."""
    rows = _OF_ORDER.named(tx.connection, tx.chain, order_id)
    return _record(tx, rows[0]) if rows else None


def locked(tx: Transaction, prescription_id: str) -> tuple[Known, Record]:
    """With its order, both locked until COMMIT. Raises `UnknownPrescription`."""
    rows = _ORDER_OF.rows(tx.connection, tx.chain, prescription_id)
    known = orders.load(tx, rows[0][0]) if rows else None
    record = of_order(tx, known.order.order_id) if known is not None else None
    if known is None or record is None:
        raise UnknownPrescription(f"no prescription {prescription_id}")
    return known, record


def _record(tx: Transaction, row: AnyRow) -> Record:
    decisions = tuple(given_of(one) for one in _DECISIONS.named(tx.connection, tx.chain, row.prescription_id))
    images = tuple(Blob(*one) for one in _HERE.rows(tx.connection, tx.chain, row.prescription_id))
    return Record(
        prescription=prescription_of(row, images, decisions),
        store=row.store,
        provider=row.provider,
        decisions=decisions,
        created_at=row.created_at,
    )


def prescription_of(row: Any, images: tuple[Blob, ...], decisions: tuple[Given, ...]) -> Prescription:
    return Prescription(
        prescription_id=row.prescription_id,
        order_id=row.order_id,
        state=PrescriptionState(row.state),
        images=images,
        number=row.number,
        issued_at=row.issued_at,
        content=row.content,
        decision=next((given.decision for given in decisions if given.place == row.decision), None),
        used_by=row.used_by,
    )


def given_of(row: Any) -> Given:
    decision = Decision(
        approved=bool(row.approved),
        staff_id=row.staff_id,
        name=row.name,
        licence=row.licence,
        at=row.at,
        covers=row.covers,
        store=row.store,
        reason=row.reason,
    )
    return Given(row.place, decision, bool(row.counts))


def put_standing(tx: Transaction, now: Prescription, decision: Given | None) -> None:
    place = decision.place if decision is not None else None
    row = (now.state.value, now.content, place, now.used_by, tx.chain, now.prescription_id)
    _STANDS.run(tx.connection, [row])


def put_told(tx: Transaction, prescription_id: str, number: str, provider: str, issued_at: Millis | None) -> None:
    """What a channel says of it, where it says so after the order."""
    _TOLD.run(tx.connection, [(number, provider, issued_at, tx.chain, prescription_id)])


def put_person(tx: Transaction, record: Record, person: PrescriptionPerson) -> None:
    body = msgspec.json.encode(person)
    personal.put(tx, record.prescription.order_id, prescription_record(record.prescription_id), body)


def discount(tx: Transaction, prescription_id: str) -> None:
    """What was decided until now is history: it is to be looked at again."""
    _DISCOUNT.run(tx.connection, [(tx.chain, prescription_id)])


def tell(tx: Transaction, known: Known, prescription: Prescription) -> None:
    names = (prescription_record(prescription.prescription_id),)
    orders.tell(tx, known, PrescriptionChanged(prescription), personal_names=names)
