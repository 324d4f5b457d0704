"""Orders that their store's agent has not applied in time: an exception, closed by itself when it catches up."""

from collections.abc import Mapping

from sqlalchemy import select

from cloud import audit, exceptions, tables
from cloud.transaction import Transaction
from domain.exceptions import ExceptionKind
from domain.orders import OPEN
from domain.times import SECOND, Millis

PATIENCE: Millis = 60 * SECOND


def check(tx: Transaction, applied: Mapping[str, int], patience: Millis = PATIENCE) -> None:
    """`applied`: how far each store's agent has come in its store's log; a store that is not in it has applied nothing.

    Called every few seconds; changes nothing where nothing changed.
    """
    _close(tx, applied)
    _open(tx, applied, patience)


def _open(tx: Transaction, applied: Mapping[str, int], patience: Millis) -> None:
    o, e = tables.orders.c, tables.exceptions.c
    present = select(e.order_id).where(
        e.chain == tx.chain, e.kind == ExceptionKind.NOT_APPLIED.value, e.closed_at.is_(None)
    )
    query = select(o.order_id, o.store, o.placed_seq).where(
        o.chain == tx.chain,
        o.state.in_([state.value for state in OPEN]),
        o.received_at <= tx.now - patience,
        o.placed_seq > 0,
        o.order_id.not_in(present),
    )
    for order_id, store, placed_seq in tx.connection.execute(query).all():
        if placed_seq > applied.get(store, 0):
            exceptions.open_or_widen(tx, store, order_id, ExceptionKind.NOT_APPLIED)
            audit.append(tx, store, "hub", "order.not_applied", order_id, f"for {patience // SECOND} s")


def _close(tx: Transaction, applied: Mapping[str, int]) -> None:
    o = tables.orders.c
    for store, present in exceptions.open_of_kind(tx, ExceptionKind.NOT_APPLIED):
        query = select(o.placed_seq, o.state).where(o.chain == tx.chain, o.order_id == present.order_id)
        row = tx.connection.execute(query).one()
        if row.placed_seq <= applied.get(store, 0) or row.state not in OPEN:
            exceptions.close(tx, store, present, by="hub")
