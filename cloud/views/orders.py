"""The board: orders of every channel, newest first."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, select

from cloud import tables
from domain.money import Fen
from domain.orders import OrderState, RiderState
from domain.refunds import WAITING
from domain.times import Millis

PAGE = 50
MOST = 200

_orders, _lines = tables.orders, tables.order_lines


class Wanted(msgspec.Struct, frozen=True):
    """What the board is asked for; what is None is not asked. `day_number` is what riders shout."""

    store: str | None = None
    state: OrderState | None = None
    channel: str | None = None
    day_number: int | None = None
    open: bool = False
    before: str | None = None
    """The last order id of the page before."""
    limit: int = PAGE


class OrderRow(msgspec.Struct, frozen=True):
    """`applied`: its store's agent has it; None while the hub has not heard how far that agent is."""

    order_id: str
    channel: str
    shown_id: str
    day_number: int
    store: str
    store_name: str
    state: OrderState
    rider: RiderState
    placed_at: Millis
    promised_at: Millis | None
    received_at: Millis
    booked: bool
    prescription: bool
    pick_up: bool
    total: Fen
    lines: int
    in_doubt: bool
    refund_waits: bool
    exceptions: int
    urged_at: Millis | None
    printed_at: Millis | None
    picked_at: Millis | None
    placed_seq: int
    applied: bool | None = None


class Board(msgspec.Struct, frozen=True):
    """`next` asks for the page after this one; None on the last."""

    orders: tuple[OrderRow, ...]
    next: str | None


def _count(table: Any, *conditions: Any) -> Any:
    """How many rows of a table belong to the order of the outer query."""
    same = (table.c.chain == _orders.c.chain, table.c.order_id == _orders.c.order_id)
    return select(func.count()).select_from(table).where(*same, *conditions).scalar_subquery()


_SELECT: Select[Any] = select(
    _orders,
    tables.stores.c.name.label("store_name"),
    _count(_lines).label("lines"),
    _count(_lines, (_lines.c.short > 0) | _lines.c.sku.is_(None)).label("doubts"),
    _count(tables.refunds, tables.refunds.c.state.in_([state.value for state in WAITING])).label("refunds_waiting"),
    _count(tables.exceptions, tables.exceptions.c.closed_at.is_(None)).label("exceptions"),
).join_from(
    _orders,
    tables.stores,
    (tables.stores.c.chain == _orders.c.chain) & (tables.stores.c.store == _orders.c.store),
)


def board(connection: Connection, chain: str, wanted: Wanted) -> Board:
    limit = min(max(wanted.limit, 1), MOST)
    rows = connection.execute(_filtered(chain, wanted).limit(limit + 1)).all()
    orders = tuple(row_of(row) for row in rows[:limit])
    return Board(orders, orders[-1].order_id if len(rows) > limit else None)


def _filtered(chain: str, wanted: Wanted) -> Select[Any]:
    """Order ids are UUIDv7: their order is that of arrival."""
    column = _orders.c
    query = _SELECT.where(column.chain == chain).order_by(column.order_id.desc())
    equal = {
        column.store: wanted.store,
        column.state: wanted.state.value if wanted.state else None,
        column.channel: wanted.channel,
        column.day_number: wanted.day_number,
    }
    query = query.where(*[name == value for name, value in equal.items() if value is not None])
    if wanted.open:
        query = query.where(tables.order_is_open)
    return query if wanted.before is None else query.where(column.order_id < wanted.before)


def one(connection: Connection, chain: str, order_id: str) -> OrderRow | None:
    row = connection.execute(_SELECT.where(_orders.c.chain == chain, _orders.c.order_id == order_id)).one_or_none()
    return None if row is None else row_of(row)


def row_of(row: Row[Any]) -> OrderRow:
    return OrderRow(
        order_id=row.order_id,
        channel=row.channel,
        shown_id=row.shown_id,
        day_number=row.day_number,
        store=row.store,
        store_name=row.store_name,
        state=OrderState(row.state),
        rider=RiderState(row.rider),
        placed_at=row.placed_at,
        promised_at=row.promised_at,
        received_at=row.received_at,
        booked=bool(row.booked),
        prescription=bool(row.prescription),
        pick_up=bool(row.pick_up),
        total=row.total,
        lines=row.lines,
        in_doubt=row.doubts > 0,
        refund_waits=row.refunds_waiting > 0,
        exceptions=row.exceptions,
        urged_at=row.urged_at,
        printed_at=row.printed_at,
        picked_at=row.picked_at,
        placed_seq=row.placed_seq,
    )


def with_applied(found: Sequence[OrderRow], applied: Mapping[str, int]) -> tuple[OrderRow, ...]:
    """`applied`: how far each store's agent has come in its store's log."""
    return tuple(
        msgspec.structs.replace(row, applied=applied[row.store] >= row.placed_seq) if row.store in applied else row
        for row in found
    )
