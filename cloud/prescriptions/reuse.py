"""No prescription is used twice (facts/compliance.md R10): which order was first with a number, or with an image.

An order holds what it is first with until it is cancelled before anything of it left the store.
"""

from cloud.prescriptions.records import Record
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.prescriptions import fingerprint

_CLAIM = Sql(
    """INSERT INTO prescription_uses (chain, content, order_id) VALUES (?, ?, ?)
    ON CONFLICT (chain, content) DO NOTHING"""
)
_OTHERS = Sql("SELECT order_id FROM prescription_uses WHERE chain = ? AND content = ANY(?) AND order_id <> ?")
_LET_GO = Sql("DELETE FROM prescription_uses WHERE chain = ? AND order_id = ?")
_WAITING_FOR = Sql("SELECT order_id FROM prescriptions WHERE chain = ? AND used_by = ? ORDER BY created_at, order_id")


def first_with(tx: Transaction, record: Record) -> str:
    """Claims what this prescription is known by; answers which other order was first with any of it, or nothing."""
    order_id, known_by = record.prescription.order_id, _known_by(record)
    if not known_by:
        return ""
    _CLAIM.run(tx.connection, [(tx.chain, content, order_id) for content in known_by])
    return min((row[0] for row in _OTHERS.rows(tx.connection, tx.chain, known_by, order_id)), default="")


def _known_by(record: Record) -> list[str]:
    """Its number, and each image by itself: one that turns up again beside another is used again."""
    prescription = record.prescription
    numbered = fingerprint((), record.provider, prescription.number)
    images = {fingerprint((image,), "", "") for image in prescription.images}
    return sorted({numbered, *images} - {""})


def let_go(tx: Transaction, order_id: str) -> list[str]:
    """It was cancelled and nothing left the store: the orders that may use the same prescription now, oldest first."""
    if _LET_GO.run(tx.connection, [(tx.chain, order_id)]) == 0:
        return []
    return [row[0] for row in _WAITING_FOR.rows(tx.connection, tx.chain, order_id)]
