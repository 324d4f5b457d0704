"""Where else the codes of an order went: what a person compares who finds a trace code sold twice."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, select

from cloud import tables
from domain.times import Millis

MOST = 5
"""Of one order; more says that a code is no code of one pack."""


class Twin(msgspec.Struct, frozen=True):
    """The same code in another order."""

    code: str
    order_id: str
    store: str
    channel: str
    day_number: int
    shown_id: str
    at: Millis


def of_orders(connection: Connection, chain: str, order_ids: Iterable[str]) -> dict[str, tuple[Twin, ...]]:
    """By order, the oldest first. Packs that were opened for several orders are meant to be in all of them."""
    ours, theirs, o = tables.bindings.alias("ours"), tables.bindings.alias("theirs"), tables.orders.c
    query = (
        select(ours.c.order_id.label("of"), theirs.c.code, theirs.c.order_id, theirs.c.store, theirs.c.at,
               o.channel, o.day_number, o.shown_id)
        .join_from(ours, theirs, (theirs.c.chain == ours.c.chain) & (theirs.c.code == ours.c.code)
                   & (theirs.c.order_id != ours.c.order_id))
        .join(tables.orders, (o.chain == theirs.c.chain) & (o.order_id == theirs.c.order_id))
        .where(ours.c.chain == chain, ours.c.order_id.in_(sorted(order_ids)), theirs.c.released_at.is_(None),
               (ours.c.opened == 0) | (theirs.c.opened == 0))
        .order_by(theirs.c.at)
        .distinct()
    )  # fmt: skip
    found: dict[str, tuple[Twin, ...]] = {}
    for row in connection.execute(query):
        twin = Twin(row.code, row.order_id, row.store, row.channel, row.day_number, row.shown_id, row.at)
        found[row.of] = (*found.get(row.of, ()), twin)[:MOST]
    return found
