"""What a store on trial would have told its channels, and nobody did."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection, func, select

from cloud import tables
from cloud.columns import written
from domain.orders import OrderState
from domain.times import Millis

MOST = 200

_calls, _orders = tables.calls, tables.orders
_OF_SHADOW = _calls.c.state == written("shadow")


class Untold(msgspec.Struct, frozen=True):
    """`state` is the order's here, `state_there` its channel's. Stock has no order."""

    store: str
    store_name: str
    channel: str
    kind: str
    order_id: str | None
    day_number: int | None
    shown_id: str | None
    state: OrderState | None
    state_there: OrderState | None
    created_at: Millis


def newest(connection: Connection, chain: str, store: str | None = None) -> tuple[Untold, ...]:
    """None: of every store. Newest first."""
    c, o, s = _calls.c, _orders.c, tables.stores.c
    query = (
        select(
            c.store, s.name, c.channel, c.kind, c.order_id, o.day_number, o.shown_id, o.state, o.state_there,
            c.created_at,
        )
        .join_from(_calls, tables.stores, (s.chain == c.chain) & (s.store == c.store))
        .outerjoin(_orders, (o.chain == c.chain) & (o.order_id == c.order_id))
        .where(c.chain == chain, _OF_SHADOW)
        .order_by(c.call_id.desc())
        .limit(MOST)
    )  # fmt: skip
    rows = connection.execute(query if store is None else query.where(c.store == store)).all()
    return tuple(
        Untold(
            store=row.store,
            store_name=row.name,
            channel=row.channel,
            kind=row.kind,
            order_id=row.order_id,
            day_number=row.day_number,
            shown_id=row.shown_id,
            state=row.state and OrderState(row.state),
            state_there=row.state and OrderState(row.state_there or row.state),
            created_at=row.created_at,
        )
        for row in rows
    )


def counts(connection: Connection, chain: str) -> Mapping[str, int]:
    """By store; only those that have some."""
    c = _calls.c
    query = select(c.store, func.count()).where(c.chain == chain, _OF_SHADOW).group_by(c.store)
    return {row[0]: row[1] for row in connection.execute(query)}
