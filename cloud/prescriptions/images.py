"""The images of a prescription: wanted, asked for, fetched again and again, here at last.

Place 0 is the question to the channel which images there are; it says nothing about images that come by themselves.
Where an image lies may tell of its patient: that is sealed under the order.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from cloud import audit, blobs, personal
from cloud.errors import BlobRefused
from cloud.patience import wait
from cloud.prescriptions import records, standing
from cloud.prescriptions.records import Record
from cloud.statements import AnyRow, Sql
from cloud.transaction import Transaction
from domain.blobs import Blob
from domain.orders import OrderState
from domain.prescriptions import PrescriptionState
from domain.times import MINUTE, SECOND, Millis

LEASE: Millis = 2 * MINUTE
"""An image that is being fetched and did not come by then is due again: another hub process, or this one, died."""
FIRST_WAIT: Millis = 5 * SECOND
LONGEST_WAIT: Millis = 5 * MINUTE
MOST_ATTEMPTS = 1000
"""Some three days."""
PLAIN_WORDS = 200
QUESTION = 0
NOTHING = Blob("", 0, "")


class ImageState(StrEnum):
    WAITING = "waiting"
    HERE = "here"
    FAILED = "failed"
    """Asking again would not help; a person may."""
    ANSWERED = "answered"
    """Of the question: the channel told, or it never tells."""


class Wanted(msgspec.Struct, frozen=True):
    """What is to be asked or fetched now. `reference` is empty for the question, and for an image nobody may know of
    any more."""

    prescription_id: str
    place: int
    attempts: int
    order_id: str
    store: str
    channel: str
    channel_order_id: str
    shop: str
    cancelled: bool
    reference: str


_NEW = Sql(
    """INSERT INTO prescription_images (chain, prescription_id, place, state, digest, size, media_type, next_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
)
_PLACES = Sql("SELECT place, digest, state FROM prescription_images WHERE chain = ? AND prescription_id = ?")
_DUE = Sql(
    """SELECT prescription_id, place, attempts FROM prescription_images
    WHERE chain = ? AND state = 'waiting' AND next_at <= ? ORDER BY next_at LIMIT ? FOR UPDATE SKIP LOCKED"""
)
_WHOSE = Sql(
    """SELECT p.prescription_id, p.order_id, p.store, o.channel, o.channel_order_id, o.shop, o.state
    FROM prescriptions p JOIN orders o ON o.chain = p.chain AND o.order_id = p.order_id
    WHERE p.chain = ? AND p.prescription_id = ANY(?)"""
)
_LEASE = Sql("UPDATE prescription_images SET next_at = ? WHERE chain = ? AND prescription_id = ? AND place = ?")
_LATER = Sql(
    """UPDATE prescription_images SET attempts = attempts + 1, next_at = ?, why = ?
    WHERE chain = ? AND prescription_id = ? AND place = ? AND state = 'waiting'"""
)
_END = Sql(
    """UPDATE prescription_images SET state = ?, digest = ?, size = ?, media_type = ?, why = ?, attempts = attempts + 1
    WHERE chain = ? AND prescription_id = ? AND place = ?"""
)
_AGAIN = Sql(
    """UPDATE prescription_images SET state = 'waiting', attempts = 0, next_at = ?
    WHERE chain = ? AND prescription_id = ? AND (state IN ('waiting', 'failed') OR place = 0)"""
)


def ask(tx: Transaction, prescription_id: str) -> None:
    """Its channel is to be asked which images there are."""
    _insert(tx, prescription_id, QUESTION, ImageState.WAITING)


def again(tx: Transaction, prescription_id: str) -> None:
    """A person wants them now: everything that is not here, and the question."""
    _AGAIN.run(tx.connection, [(tx.now, tx.chain, prescription_id)])


def add(tx: Transaction, record: Record, content: bytes) -> None:
    """An image that came by itself; the same again is no second one. Raises `BlobRefused`. To be reviewed after."""
    places = _places(tx, record.prescription_id)
    blob = blobs.keep(tx, record.prescription.order_id, record.store, content)
    if blob is not None and blob.digest not in {digest for _, digest, _ in places}:
        _insert(tx, record.prescription_id, _following(places), ImageState.HERE, blob)
        if record.prescription.state is PrescriptionState.REFUSED:
            records.discount(tx, record.prescription_id)  # it is another prescription now: to be looked at afresh


def due(tx: Transaction, limit: int) -> list[Wanted]:
    """Leases what is due; each must come to one of `answered`, `arrived`, `later` and `failed`."""
    rows = _DUE.named(tx.connection, tx.chain, tx.now, limit)
    _LEASE.run(tx.connection, [(tx.now + LEASE, tx.chain, row.prescription_id, row.place) for row in rows])
    ids = sorted({row.prescription_id for row in rows})
    whose = {row.prescription_id: row for row in _WHOSE.named(tx.connection, tx.chain, ids)} if ids else {}
    return [_wanted(tx, row, whose[row.prescription_id]) for row in rows]


def _wanted(tx: Transaction, row: AnyRow, whose: AnyRow) -> Wanted:
    sealed = personal.get(tx.connection, tx.chain, tx.vault, whose.order_id, _name(row.prescription_id, row.place))
    return Wanted(
        prescription_id=row.prescription_id,
        place=row.place,
        attempts=row.attempts,
        order_id=whose.order_id,
        store=whose.store,
        channel=whose.channel,
        channel_order_id=whose.channel_order_id,
        shop=whose.shop,
        cancelled=whose.state == OrderState.CANCELLED,
        reference=sealed.decode() if sealed is not None else "",
    )


def answered(tx: Transaction, wanted: Wanted, references: Sequence[str]) -> None:
    """The channel told which images there are; those that are not known yet are fetched at once."""
    places = _places(tx, wanted.prescription_id)
    names = {_name(wanted.prescription_id, place) for place, _, _ in places}
    sealed = personal.get_all(tx.connection, tx.chain, tx.vault, [wanted.order_id])
    known = {body.decode() for (_, name), body in sealed.items() if name in names}
    new = [reference for reference in dict.fromkeys(references) if reference not in known]
    for place, reference in enumerate(new, _following(places)):
        personal.put(tx, wanted.order_id, _name(wanted.prescription_id, place), reference.encode())
        _insert(tx, wanted.prescription_id, place, ImageState.WAITING)
    _end(tx, wanted, ImageState.ANSWERED)


def arrived(tx: Transaction, wanted: Wanted, content: bytes) -> None:
    known, record = records.locked(tx, wanted.prescription_id)
    try:
        blob = blobs.keep(tx, wanted.order_id, record.store, content)
    except BlobRefused as error:
        failed(tx, wanted, str(error))
        return
    if blob is None:
        failed(tx, wanted, "the order's person was erased")
        return
    _end(tx, wanted, ImageState.HERE, blob)
    audit.append(
        tx, record.store, wanted.channel, "prescription.image", wanted.order_id, f"{blob.digest}, {blob.size} bytes"
    )
    standing.review(tx, known)


def later(tx: Transaction, wanted: Wanted, why: str, retry_after: float | None = None) -> None:
    """Not this time; after some days, not at all."""
    if wanted.attempts >= MOST_ATTEMPTS:
        failed(tx, wanted, why)
        return
    at = tx.now + wait(tx, wanted.attempts, FIRST_WAIT, LONGEST_WAIT, retry_after)
    _LATER.run(tx.connection, [(at, why[:PLAIN_WORDS], tx.chain, wanted.prescription_id, wanted.place)])


def failed(tx: Transaction, wanted: Wanted, why: str) -> None:
    """Asking again would not help."""
    _end(tx, wanted, ImageState.FAILED, why=why)
    audit.append(tx, wanted.store, wanted.channel, "prescription.image_failed", wanted.order_id, why[:PLAIN_WORDS])


def _places(tx: Transaction, prescription_id: str) -> Sequence[tuple[int, str, str]]:
    return [(row[0], row[1], row[2]) for row in _PLACES.rows(tx.connection, tx.chain, prescription_id)]


def _following(places: Sequence[tuple[int, str, str]]) -> int:
    return max((place for place, _, _ in places), default=QUESTION) + 1


def _insert(tx: Transaction, prescription_id: str, place: int, state: ImageState, blob: Blob = NOTHING) -> None:
    row = (tx.chain, prescription_id, place, state.value, blob.digest, blob.size, blob.media_type, tx.now)
    _NEW.run(tx.connection, [row])


def _end(tx: Transaction, wanted: Wanted, state: ImageState, blob: Blob = NOTHING, why: str = "") -> None:
    row = (
        state.value, blob.digest, blob.size, blob.media_type, why[:PLAIN_WORDS], tx.chain, wanted.prescription_id,
        wanted.place,
    )  # fmt: skip
    _END.run(tx.connection, [row])


def _name(prescription_id: str, place: int) -> str:
    """Of the personal record that says where the image lies."""
    return f"picture:{prescription_id}:{place}"
