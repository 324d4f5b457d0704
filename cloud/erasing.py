"""Destroying what is known of an order's buyer, for good. The order, its events and the audit stay as they are."""

from cloud import audit, orders, personal
from cloud.errors import MustBeKept
from cloud.prescriptions import retention
from cloud.transaction import Transaction

ERASED = "order.erased"
"""In the audit."""


def erase(tx: Transaction, order_id: str, *, by: str) -> None:
    """Raises `UnknownOrder`, and `MustBeKept` while the law wants the prescription kept."""
    known = orders.load(tx, order_id)
    until = retention.kept_until(tx, known)
    if until is not None and not retention.is_over(until, tx.now):
        raise MustBeKept(
            f"处方须保存至 {until} / the prescription must be kept until {until}",
            hint="PIPL §47: a term set by law goes before erasure",
        )
    personal.erase(tx, order_id)
    audit.append(tx, known.order.store, by, ERASED, order_id)
