"""Placing new orders, a whole group at once: each table is written once, whatever the number of orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cloud import audit, calls, catalogue, exceptions, orders, personal, reservations, restoring, tables
from cloud.channels.base import Call, CallKind, ChannelLine, ChannelOrder
from cloud.eventlog import append
from cloud.memory import Store
from cloud.orders import NEVER_TOLD
from cloud.prescriptions import beginning as prescriptions
from cloud.statements import insert
from cloud.stock import Sheet
from cloud.transaction import StockKey, Transaction
from domain.events import OrderPlaced, store_log
from domain.exceptions import ExceptionKind
from domain.ids import order_identity
from domain.modes import Mode
from domain.orders import OPEN, AcceptRule, Order, OrderLine, OrderState, RiderState
from domain.personal import PersonalName
from domain.quantity import Quantity

_ORDER = insert(
    tables.orders,
    "chain", "order_id", "channel", "channel_order_id", "shown_id", "shop", "store", "day_number", "code", "state",
    "rider", "placed_at", "promised_at", "booked", "prescription", "pick_up", "total", "received_at", "placed_seq",
    "rider_code", "insurance",
)  # fmt: skip
_LINE = insert(
    tables.order_lines,
    "chain", "order_id", "line_id", "channel_sku", "sku", "name", "spec", "unit", "quantity", "price", "gift", "short",
    "struck", "maker", "prescription", "instead_of",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrival:
    """An order nobody here has heard of, with the store it is for and the id it gets."""

    order_id: str
    channel: str
    store: Store
    heard: ChannelOrder
    received_at: int


@dataclass(frozen=True, slots=True)
class _Placed:
    arrival: Arrival
    order: Order
    granted: dict[int, Quantity]
    told: bool
    """Its store hears of it."""


def place(tx: Transaction, arrivals: Sequence[Arrival]) -> None:
    """Reserves, writes, tells: in the order of arrival, so that the first gets the last box."""
    catalogue.learn(tx, [line for arrival in arrivals for line in arrival.heard.lines])
    lined = [(arrival, lines_of(tx, arrival.heard)) for arrival in arrivals]
    sheet = Sheet(tx, _keys(lined))
    placed = [_grant(tx, sheet, arrival, lines) for arrival, lines in lined]
    sheet.write()
    _write(tx, placed)
    calls.enqueue_all(tx, [_accept_call(one) for one in placed if _ours_to_accept(one.arrival)])
    for one in placed:
        _tell(tx, one)


def lines_of(tx: Transaction, heard: ChannelOrder) -> tuple[OrderLine, ...]:
    """The order's lines in our words, numbered from 1; `catalogue.learn` was called for them."""
    return tuple(_line_of(tx, place, line) for place, line in enumerate(heard.lines, 1))


def _line_of(tx: Transaction, place: int, line: ChannelLine) -> OrderLine:
    sku = catalogue.sku_of(tx, line)
    listed = catalogue.listed(tx, sku)
    return OrderLine(
        line_id=place,
        channel_sku=line.channel_sku,
        sku=sku,
        name=line.name,
        spec=line.spec,
        unit=line.unit,
        quantity=line.quantity,
        price=line.price,
        gift=line.gift,
        maker=listed.maker,
        prescription=listed.prescription,
    )


def needs_prescription(heard: ChannelOrder, lines: Sequence[OrderLine]) -> bool:
    """Its channel says so, or the chain's own catalogue does of something in it."""
    return heard.prescription or any(line.prescription for line in lines)


def _keys(lined: Sequence[tuple[Arrival, tuple[OrderLine, ...]]]) -> set[StockKey]:
    return {(arrival.store.store, line.sku) for arrival, lines in lined for line in lines if line.sku is not None}


def _ours_to_accept(arrival: Arrival) -> bool:
    return arrival.store.accept is AcceptRule.HUB and arrival.heard.state is OrderState.PLACED


def _accepted_by_us(arrival: Arrival) -> bool:
    """In shadow somebody else accepts it, and the platform will say so."""
    return _ours_to_accept(arrival) and arrival.store.mode is Mode.LIVE


def _grant(tx: Transaction, sheet: Sheet, arrival: Arrival, lines: tuple[OrderLine, ...]) -> _Placed:
    heard, granted = arrival.heard, {}
    if heard.state in OPEN:  # an order that was over when we first heard of it holds nothing
        reserved = []
        for line in lines:
            line, taken = reservations.grant(sheet, arrival.store.store, line)
            reserved.append(line)
            if taken:
                granted[line.line_id] = taken
        lines = tuple(reserved)
    order = Order(
        order_id=arrival.order_id,
        channel=arrival.channel,
        channel_order_id=heard.channel_order_id,
        shown_id=heard.shown_id,
        day_number=heard.day_number,
        store=arrival.store.store,
        code=order_identity(tx.chain, arrival.channel, heard.channel_order_id, heard.placed_at)[1],
        state=OrderState.ACCEPTED if _accepted_by_us(arrival) else heard.state,
        rider=RiderState.NONE,
        placed_at=heard.placed_at,
        promised_at=heard.promised_at,
        booked=heard.booked,
        prescription=needs_prescription(heard, lines),
        pick_up=heard.pick_up,
        total=heard.total,
        lines=lines,
        rider_code=heard.rider_code,
        insurance=heard.insurance,
    )
    return _Placed(arrival, order, granted, order.state in OPEN or _may_be_known(tx, order))


def _may_be_known(tx: Transaction, order: Order) -> bool:
    """An order that was over when we first heard of it means nothing to its store, unless this hub was restored since
    it was placed: then the store may have it open."""
    return order.placed_at <= restoring.restored_at(tx, store_log(order.store))


def _write(tx: Transaction, placed: Sequence[_Placed]) -> None:
    _ORDER.run(tx.connection, [_order_row(tx, one) for one in placed])
    _LINE.run(
        tx.connection, [line_row(tx.chain, one.order.order_id, line) for one in placed for line in one.order.lines]
    )
    reservations.hold(
        tx,
        [
            (one.order.order_id, line.line_id, (one.order.store, line.sku), one.granted[line.line_id])
            for one in placed
            for line in one.order.lines
            if line.sku is not None and line.line_id in one.granted
        ],
    )
    personal.put_all(
        tx,
        [
            (one.order.order_id, PersonalName.RECIPIENT.value, msgspec.json.encode(one.arrival.heard.recipient))
            for one in placed
        ],
    )


def _order_row(tx: Transaction, one: _Placed) -> tuple[Any, ...]:
    order = one.order
    return (
        tx.chain, order.order_id, order.channel, order.channel_order_id, order.shown_id, one.arrival.heard.shop,
        order.store, order.day_number, order.code, order.state.value, order.rider.value, order.placed_at,
        order.promised_at, int(order.booked), int(order.prescription), int(order.pick_up), order.total,
        one.arrival.received_at, 0 if one.told else NEVER_TOLD,
        order.rider_code, int(order.insurance),
    )  # fmt: skip


def line_row(chain: str, order_id: str, line: OrderLine) -> tuple[Any, ...]:
    return (
        chain, order_id, line.line_id, line.channel_sku, line.sku, line.name, line.spec, line.unit, line.quantity,
        line.price, int(line.gift), line.short, line.struck, line.maker, int(line.prescription),
        line.instead_of,
    )  # fmt: skip


def write_lines(tx: Transaction, order_id: str, lines: Sequence[OrderLine]) -> None:
    _LINE.run(tx.connection, [line_row(tx.chain, order_id, line) for line in lines])


def _accept_call(one: _Placed) -> tuple[str, str, Call, str]:
    call = Call(CallKind.ACCEPT, one.arrival.heard.shop, one.order.channel_order_id)
    return one.order.store, one.order.channel, call, one.order.order_id


def _tell(tx: Transaction, one: _Placed) -> None:
    order = one.order
    audit.append(
        tx, order.store, order.channel, "order.placed", order.order_id,
        f"#{order.day_number} {order.shown_id} {order.state}, {len(order.lines)} lines, {order.total} fen",
    )  # fmt: skip
    if not one.told:
        return
    append(
        tx,
        store_log(order.store),
        OrderPlaced(order),
        order_id=order.order_id,
        personal_names=(PersonalName.RECIPIENT.value,),
    )
    if order.state not in OPEN:
        return
    doubt(tx, order)
    if order.prescription:
        prescriptions.begin(tx, orders.load(tx, order.order_id), one.arrival.heard.heard_prescription)


def doubt(tx: Transaction, order: Order) -> None:
    """Opens what a person must settle before the order can be picked whole."""
    if not order.in_doubt:
        return
    short = [line.line_id for line in order.lines if line.short]
    unknown = [line.line_id for line in order.lines if line.sku is None and line.wanted]
    for kind, lines in ((ExceptionKind.SHORT, short), (ExceptionKind.UNKNOWN_PRODUCT, unknown)):
        if lines:
            exceptions.open_or_widen(tx, order.store, order.order_id, kind, lines, order.promised_at)
