"""What a person must settle, most urgent first."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, select

from cloud import tables
from cloud.views import twins
from cloud.views.twins import Twin
from domain.exceptions import CHOICES, Choice, ExceptionKind
from domain.modes import Mode
from domain.quantity import Quantity
from domain.times import Millis

MOST = 200

_exceptions, _orders, _stores = tables.exceptions, tables.orders, tables.stores


class LineAbout(msgspec.Struct, frozen=True):
    """One line that an exception is about."""

    line_id: int
    name: str
    spec: str
    unit: str
    wanted: Quantity
    short: Quantity
    known: bool
    """The chain has such a product."""


class RefusedCall(msgspec.Struct, frozen=True):
    kind: str
    said: str
    """In the channel's own words."""


class ExceptionRow(msgspec.Struct, frozen=True):
    """No `lines`: it is about the whole order. `choice` and `closed_by` once it is closed."""

    exception_id: str
    kind: ExceptionKind
    store: str
    on_trial: bool
    """Nothing that the channel would be told of may be chosen (domain.exceptions.TOLD)."""
    order_id: str
    channel: str
    day_number: int
    shown_id: str
    lines: tuple[LineAbout, ...]
    refused: tuple[RefusedCall, ...]
    """What the channel would not take, of a CALL_FAILED."""
    twins: tuple[Twin, ...]
    """Where else its codes went, of a CODE_SOLD_TWICE."""
    choices: tuple[Choice, ...]
    opened_at: Millis
    deadline_at: Millis | None
    closed_at: Millis | None
    choice: str | None
    closed_by: str | None


_SELECT = (
    select(_exceptions, _orders.c.channel, _orders.c.day_number, _orders.c.shown_id, _stores.c.mode)
    .join_from(
        _exceptions,
        _orders,
        (_orders.c.chain == _exceptions.c.chain) & (_orders.c.order_id == _exceptions.c.order_id),
    )
    .join(_stores, (_stores.c.chain == _exceptions.c.chain) & (_stores.c.store == _exceptions.c.store))
)


def open_ones(connection: Connection, chain: str) -> tuple[ExceptionRow, ...]:
    """What has no deadline comes last."""
    c = _exceptions.c
    query = _SELECT.where(c.chain == chain, c.closed_at.is_(None))
    return _rows(connection, chain, query.order_by(c.deadline_at.is_(None), c.deadline_at, c.opened_at).limit(MOST))


def of_order(connection: Connection, chain: str, order_id: str) -> tuple[ExceptionRow, ...]:
    c = _exceptions.c
    query = _SELECT.where(c.chain == chain, c.order_id == order_id)
    return _rows(connection, chain, query.order_by(c.opened_at))


def one(connection: Connection, chain: str, exception_id: str) -> ExceptionRow | None:
    c = _exceptions.c
    return next(iter(_rows(connection, chain, _SELECT.where(c.chain == chain, c.exception_id == exception_id))), None)


def count(connection: Connection, chain: str) -> int:
    c = _exceptions.c
    query = select(func.count()).select_from(_exceptions).where(c.chain == chain, c.closed_at.is_(None))
    found: int = connection.execute(query).scalar_one()
    return found


def _rows(connection: Connection, chain: str, query: Select[Any]) -> tuple[ExceptionRow, ...]:
    rows = connection.execute(query).all()
    lines = _lines(connection, chain, {row.order_id for row in rows})
    refused = _refused(connection, chain, {row.order_id for row in rows if row.kind == ExceptionKind.CALL_FAILED})
    twice = {row.order_id for row in rows if row.kind == ExceptionKind.CODE_SOLD_TWICE}
    known = twins.of_orders(connection, chain, twice) if twice else {}
    return tuple(
        _row(row, lines.get(row.order_id, {}), refused.get(row.order_id, ()), known.get(row.order_id, ()))
        for row in rows
    )


def _lines(connection: Connection, chain: str, order_ids: set[str]) -> dict[str, dict[int, LineAbout]]:
    found: dict[str, dict[int, LineAbout]] = {}
    c = tables.order_lines.c
    query = select(tables.order_lines).where(c.chain == chain, c.order_id.in_(sorted(order_ids)))
    for row in connection.execute(query):
        found.setdefault(row.order_id, {})[row.line_id] = LineAbout(
            line_id=row.line_id,
            name=row.name,
            spec=row.spec,
            unit=row.unit,
            wanted=max(row.quantity - row.struck, 0),
            short=row.short,
            known=row.sku is not None,
        )
    return found


def _refused(connection: Connection, chain: str, order_ids: set[str]) -> dict[str, tuple[RefusedCall, ...]]:
    found: dict[str, tuple[RefusedCall, ...]] = {}
    c = tables.calls.c
    query = select(c.order_id, c.kind, c.said).where(
        c.chain == chain, c.order_id.in_(sorted(order_ids)), c.state == "refused"
    )
    for row in connection.execute(query.order_by(c.created_at)):
        found[row.order_id] = (*found.get(row.order_id, ()), RefusedCall(row.kind, row.said))
    return found


def _row(
    row: Row[Any], lines: dict[int, LineAbout], refused: tuple[RefusedCall, ...], elsewhere: tuple[Twin, ...]
) -> ExceptionRow:
    kind = ExceptionKind(row.kind)
    about = msgspec.json.decode(row.lines, type=tuple[int, ...])
    return ExceptionRow(
        exception_id=row.exception_id,
        kind=kind,
        store=row.store,
        on_trial=row.mode == Mode.SHADOW,
        order_id=row.order_id,
        channel=row.channel,
        day_number=row.day_number,
        shown_id=row.shown_id,
        lines=tuple(lines[line_id] for line_id in about if line_id in lines),
        refused=refused if kind is ExceptionKind.CALL_FAILED else (),
        twins=elsewhere if kind is ExceptionKind.CODE_SOLD_TWICE else (),
        choices=CHOICES[kind],
        opened_at=row.opened_at,
        deadline_at=row.deadline_at,
        closed_at=row.closed_at,
        choice=row.choice,
        closed_by=row.closed_by,
    )
