"""Prescriptions as pharmacists and archivists at headquarters see them: those that wait, and every one there was."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, exists, func, select

from cloud import orders, personal, tables
from cloud.prescriptions import deciding, records
from cloud.prescriptions.images import QUESTION
from cloud.prescriptions.records import Given
from cloud.vault import Vault
from domain.blobs import Blob
from domain.orders import OrderLine, OrderState
from domain.prescriptions import Prescription, PrescriptionPerson, prescription_record
from domain.times import CHINA, DAY, SECOND, Millis

MOST = 200
PAGE = 50

_rx, _orders, _stores = tables.prescriptions, tables.orders, tables.stores


class Sought(msgspec.Struct, frozen=True):
    """What the archive is asked for; what is empty is not asked. `order` is our id, the channel's, or its last digits
    as people say them; `day` in China, as 2026-11-23; `staff` whoever decided."""

    order: str = ""
    store: str = ""
    staff: str = ""
    day: str = ""
    before: str = ""
    """The last prescription id of the page before."""


class Beside(msgspec.Struct, frozen=True):
    """The order that a prescription is of, as people call it."""

    order_id: str
    channel: str
    day_number: int
    shown_id: str
    store: str
    store_name: str
    state: OrderState
    promised_at: Millis | None
    received_at: Millis


class Coming(msgspec.Struct, frozen=True):
    """An image that is not here. `place` 0: which images there are is still asked for."""

    place: int
    state: str
    attempts: int
    next_at: Millis
    why: str


class Row(msgspec.Struct, frozen=True):
    prescription: Prescription
    order: Beside
    created_at: Millis
    coming: tuple[Coming, ...]


class View(msgspec.Struct, frozen=True):
    """`person` is None once it was erased; `seen` is handed back with a decision; `also` are orders whose prescription
    is this one too."""

    row: Row
    lines: tuple[OrderLine, ...]
    person: PrescriptionPerson | None
    decisions: tuple[Given, ...]
    seen: str
    used_by: Beside | None
    also: tuple[Beside, ...]


_SELECT: Select[Any] = (
    select(
        _rx,
        *(
            _orders.c[name].label(f"order_{name}")
            for name in ("channel", "day_number", "shown_id", "state", "promised_at", "received_at")
        ),
        _stores.c.name.label("store_name"),
    )
    .join_from(_rx, _orders, (_orders.c.chain == _rx.c.chain) & (_orders.c.order_id == _rx.c.order_id))
    .join(_stores, (_stores.c.chain == _rx.c.chain) & (_stores.c.store == _rx.c.store))
)


def waiting(connection: Connection, chain: str) -> tuple[Row, ...]:
    """Oldest first: those of open orders."""
    oldest = _of_open_orders(chain, _orders.c.order_id).order_by(_orders.c.order_id).limit(MOST)
    ids = connection.execute(oldest).scalars().all()
    query = _SELECT.where(_rx.c.chain == chain, _rx.c.order_id.in_(ids))
    return _rows(connection, chain, query.order_by(_rx.c.created_at, _rx.c.prescription_id))


def count(connection: Connection, chain: str) -> int:
    found: int = connection.execute(_of_open_orders(chain, func.count())).scalar_one()
    return found


def _of_open_orders(chain: str, what: Any) -> Select[Any]:
    """From the open orders on: prescriptions of orders that ended undecided wait for ever, and nobody for them."""
    waits = exists().where(
        _rx.c.chain == _orders.c.chain, _rx.c.order_id == _orders.c.order_id, tables.prescription_waits
    )
    return select(what).where(_orders.c.chain == chain, tables.order_is_open, waits)


def archive(connection: Connection, chain: str, sought: Sought) -> tuple[Row, ...]:
    """Newest first, a page at a time."""
    query = _SELECT.where(_rx.c.chain == chain)
    if sought.order:
        said = sought.order.lstrip("#")
        number = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else -1
        o = _orders.c
        query = query.where(
            (o.order_id == said) | (o.channel_order_id == said) | (o.shown_id == said) | (o.day_number == number)
        )
    if sought.store:
        query = query.where(_rx.c.store == sought.store)
    if sought.staff:
        d = tables.prescription_decisions.c
        theirs = select(d.prescription_id).where(d.chain == chain, d.staff_id == sought.staff)
        query = query.where(_rx.c.prescription_id.in_(theirs))
    if (begins_at := _day(sought.day)) is not None:
        query = query.where(_rx.c.created_at >= begins_at, _rx.c.created_at < begins_at + DAY)
    if sought.before:
        query = query.where(_rx.c.prescription_id < sought.before)
    return _rows(connection, chain, query.order_by(_rx.c.prescription_id.desc()).limit(PAGE))


def _day(text: str) -> Millis | None:
    try:
        return int(datetime.combine(date.fromisoformat(text), datetime.min.time(), CHINA).timestamp()) * SECOND
    except ValueError:
        return None


def one(connection: Connection, chain: str, vault: Vault, prescription_id: str) -> View | None:
    query = _SELECT.where(_rx.c.chain == chain, _rx.c.prescription_id == prescription_id)
    row = next(iter(_rows(connection, chain, query)), None)
    if row is None:
        return None
    now, order_id = row.prescription, row.prescription.order_id
    name = prescription_record(now.prescription_id)
    body = personal.get(connection, chain, vault, order_id, name)
    of_lines = tables.order_lines.c
    query = select(tables.order_lines).where(of_lines.chain == chain, of_lines.order_id == order_id)
    lines = tuple(orders.line_of(each) for each in connection.execute(query.order_by(of_lines.line_id)))
    others = _rows(connection, chain, _SELECT.where(_rx.c.chain == chain, _rx.c.used_by == order_id))
    first = _rows(connection, chain, _SELECT.where(_rx.c.chain == chain, _rx.c.order_id == now.used_by))
    return View(
        row=row,
        lines=lines,
        person=None if body is None else msgspec.json.decode(body, type=PrescriptionPerson),
        decisions=_decisions(connection, chain, [now.prescription_id]).get(now.prescription_id, ()),
        seen=deciding.as_seen(now, lines),
        used_by=first[0].order if first else None,
        also=tuple(other.order for other in others),
    )


def _rows(connection: Connection, chain: str, query: Select[Any]) -> tuple[Row, ...]:
    rows = connection.execute(query).all()
    ids = [row.prescription_id for row in rows]
    decisions = _decisions(connection, chain, ids)
    here, coming = _images(connection, chain, ids)
    return tuple(
        Row(
            prescription=records.prescription_of(
                row, tuple(here.get(row.prescription_id, ())), decisions.get(row.prescription_id, ())
            ),
            order=_beside(row),
            created_at=row.created_at,
            coming=tuple(coming.get(row.prescription_id, ())),
        )
        for row in rows
    )


def _beside(row: Any) -> Beside:
    return Beside(
        order_id=row.order_id,
        channel=row.order_channel,
        day_number=row.order_day_number,
        shown_id=row.order_shown_id,
        store=row.store,
        store_name=row.store_name,
        state=OrderState(row.order_state),
        promised_at=row.order_promised_at,
        received_at=row.order_received_at,
    )


def _decisions(connection: Connection, chain: str, ids: Sequence[str]) -> dict[str, tuple[Given, ...]]:
    d = tables.prescription_decisions.c
    query = select(tables.prescription_decisions).where(d.chain == chain, d.prescription_id.in_(ids))
    found: dict[str, tuple[Given, ...]] = {}
    for row in connection.execute(query.order_by(d.prescription_id, d.place)):
        found[row.prescription_id] = (*found.get(row.prescription_id, ()), records.given_of(row))
    return found


def _images(
    connection: Connection, chain: str, ids: Sequence[str]
) -> tuple[dict[str, list[Blob]], dict[str, list[Coming]]]:
    """What is here, and what is not."""
    i = tables.prescription_images.c
    query = select(tables.prescription_images).where(i.chain == chain, i.prescription_id.in_(ids))
    here: dict[str, list[Blob]] = {}
    coming: dict[str, list[Coming]] = {}
    for row in connection.execute(query.order_by(i.prescription_id, i.place)):
        if row.state == "here":
            here.setdefault(row.prescription_id, []).append(Blob(row.digest, row.size, row.media_type))
        elif row.place != QUESTION or row.state != "answered":
            missing = Coming(row.place, row.state, row.attempts, row.next_at, row.why)
            coming.setdefault(row.prescription_id, []).append(missing)
    return here, coming
