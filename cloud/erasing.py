"""Destroying what is known of an order's buyer, for good. The order, its events and the audit stay as they are."""

from cloud import audit, orders, personal
from cloud.transaction import Transaction


def erase(tx: Transaction, order_id: str, *, by: str) -> None:
    """Raises `UnknownOrder`."""
    order = orders.load(tx, order_id).order
    personal.erase(tx, order_id)
    audit.append(tx, order.store, by, "order.erased", order_id)
