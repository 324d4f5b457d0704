"""Orders that their store's agent has not applied in time: an exception, closed by itself when it catches up."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from cloud import audit, exceptions, tables
from cloud.transaction import Transaction
from domain.exceptions import ExceptionKind
from domain.orders import OPEN
from domain.times import SECOND, Millis

PATIENCE: Millis = 60 * SECOND

_orders, _exceptions = tables.orders, tables.exceptions
_NOT_APPLIED = (_exceptions.c.kind == ExceptionKind.NOT_APPLIED.value, _exceptions.c.closed_at.is_(None))
_SAME_ORDER = (_orders.c.chain == _exceptions.c.chain) & (_orders.c.order_id == _exceptions.c.order_id)


def check(tx: Transaction, applied: Mapping[str, int], patience: Millis = PATIENCE) -> None:
    """`applied`: how far each store's agent has come in its store's log; a store that is not in it has applied nothing.

    Changes nothing where nothing changed.
    """
    over = frozenset(no_more(tx.connection, tx.chain, applied))
    for store, present in exceptions.open_of_kind(tx, ExceptionKind.NOT_APPLIED) if over else ():
        if present.order_id in over:
            exceptions.close(tx, store, present, by="hub")
    for order_id, store in late(tx.connection, tx.chain, tx.now, applied, patience):
        exceptions.open_or_widen(tx, store, order_id, ExceptionKind.NOT_APPLIED)
        audit.append(tx, store, "hub", "order.not_applied", order_id, f"for {patience // SECOND} s")


def is_due(connection: Connection, chain: str, now: Millis, applied: Mapping[str, int], patience: Millis) -> bool:
    """Whether `check` would change anything: asked every few seconds, beside the writer."""
    return bool(late(connection, chain, now, applied, patience) or no_more(connection, chain, applied))


def late(
    connection: Connection, chain: str, now: Millis, applied: Mapping[str, int], patience: Millis
) -> list[tuple[str, str]]:
    """(order id, store) of each order that nobody was told of yet."""
    o, e = _orders.c, _exceptions.c
    query = select(o.order_id, o.store, o.placed_seq).where(
        o.chain == chain,
        tables.order_is_open,
        o.received_at <= now - patience,
        o.placed_seq > 0,
        o.order_id.not_in(select(e.order_id).where(e.chain == chain, *_NOT_APPLIED)),
    )
    rows = connection.execute(query)
    return [(order_id, store) for order_id, store, placed_seq in rows if placed_seq > applied.get(store, 0)]


def no_more(connection: Connection, chain: str, applied: Mapping[str, int]) -> list[str]:
    """Orders with an open exception that were applied since, or are over."""
    o = _orders.c
    query = select(o.order_id, o.store, o.placed_seq, o.state).join_from(_exceptions, _orders, _SAME_ORDER)
    rows = connection.execute(query.where(_exceptions.c.chain == chain, *_NOT_APPLIED))
    return [row.order_id for row in rows if row.placed_seq <= applied.get(row.store, 0) or row.state not in OPEN]
