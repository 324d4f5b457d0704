"""Orders as the core works on them: loaded under a lock, changed in small steps, each step one statement."""

from collections.abc import Sequence
from functools import cache

import msgspec

from cloud import tables
from cloud.errors import UnknownOrder
from cloud.eventlog import append
from cloud.statements import AnyRow, Sql
from cloud.transaction import Transaction
from domain.events import EventBody, store_log
from domain.orders import OPEN, Order, OrderLine, OrderState, RiderState
from domain.quantity import Quantity
from domain.times import Millis

NEVER_TOLD = -1
"""`placed_seq` of an order that was over before the store could be told."""

_ORDER = Sql("SELECT * FROM orders WHERE chain = ? AND order_id = ? FOR UPDATE")
_BY_CHANNEL = Sql("SELECT order_id FROM orders WHERE chain = ? AND channel = ? AND channel_order_id = ?")
_LINES = Sql("SELECT * FROM order_lines WHERE chain = ? AND order_id = ? ORDER BY line_id")
_PRINTED = Sql("UPDATE orders SET printed_at = coalesce(printed_at, ?) WHERE chain = ? AND order_id = ?")
_SHORT = Sql("UPDATE order_lines SET short = ? WHERE chain = ? AND order_id = ? AND line_id = ?")
_STRUCK = Sql("UPDATE order_lines SET struck = ? WHERE chain = ? AND order_id = ? AND line_id = ?")


class Known(msgspec.Struct, frozen=True):
    """An order with what only the hub knows of it."""

    order: Order
    shop: str
    told: bool
    """Its store has heard of it."""
    there: OrderState
    """Its state as its channel knows it; ours, unless the store was in shadow when it moved."""
    received_at: Millis
    picked_at: Millis | None

    @property
    def gone(self) -> bool:
        """The goods have left the store's hands."""
        left = self.order.state in (OrderState.HANDED_OVER, OrderState.COMPLETED)
        return left or self.order.rider in (RiderState.TAKEN, RiderState.DELIVERED)

    @property
    def open(self) -> bool:
        return self.order.state in OPEN


def find(tx: Transaction, channel: str, channel_order_id: str) -> str | None:
    """Our id of a channel's order."""
    rows = _BY_CHANNEL.rows(tx.connection, tx.chain, channel, channel_order_id)
    return str(rows[0][0]) if rows else None


def load(tx: Transaction, order_id: str) -> Known:
    """The order, locked until COMMIT. Raises `UnknownOrder`."""
    rows = _ORDER.named(tx.connection, tx.chain, order_id)
    if not rows:
        raise UnknownOrder(f"no order {order_id}")
    row = rows[0]
    return Known(
        order=order_of(row, lines(tx, order_id)),
        shop=row.shop,
        told=row.placed_seq != NEVER_TOLD,
        there=OrderState(row.state_there or row.state),
        received_at=row.received_at,
        picked_at=row.picked_at,
    )


def load_of_store(tx: Transaction, store: str, order_id: str) -> Known:
    """As `load`, for an agent: it speaks for its own store only."""
    known = load(tx, order_id)
    if known.order.store != store:
        raise UnknownOrder("本店没有这张订单 / this store has no such order")
    return known


def lines(tx: Transaction, order_id: str) -> tuple[OrderLine, ...]:
    return tuple(line_of(row) for row in _LINES.named(tx.connection, tx.chain, order_id))


def order_of(row: AnyRow, of_order: tuple[OrderLine, ...]) -> Order:
    return Order(
        order_id=row.order_id,
        channel=row.channel,
        channel_order_id=row.channel_order_id,
        shown_id=row.shown_id,
        day_number=row.day_number,
        store=row.store,
        code=row.code,
        state=OrderState(row.state),
        rider=RiderState(row.rider),
        placed_at=row.placed_at,
        promised_at=row.promised_at,
        booked=bool(row.booked),
        prescription=bool(row.prescription),
        pick_up=bool(row.pick_up),
        total=row.total,
        lines=of_order,
        rider_code=row.rider_code,
        insurance=bool(row.insurance),
    )


def line_of(row: AnyRow) -> OrderLine:
    return OrderLine(
        line_id=row.line_id,
        channel_sku=row.channel_sku,
        sku=row.sku,
        name=row.name,
        spec=row.spec,
        unit=row.unit,
        quantity=row.quantity,
        price=row.price,
        gift=bool(row.gift),
        short=row.short,
        struck=row.struck,
        maker=row.maker,
        prescription=bool(row.prescription),
        instead_of=row.instead_of,
    )


def put(tx: Transaction, order_id: str, **columns: str | int | None) -> None:
    """Changes columns of the order's own row."""
    _setting(tuple(columns)).run(tx.connection, [(*columns.values(), tx.chain, order_id)])


@cache
def _setting(columns: tuple[str, ...]) -> Sql:
    """Columns are set together in a dozen ways."""
    names = ", ".join(f"{tables.orders.c[column].name} = ?" for column in columns)
    return Sql(f"UPDATE orders SET {names} WHERE chain = ? AND order_id = ?")


def put_state(
    tx: Transaction, order_id: str, state: OrderState, *, there: OrderState | None = None, **columns: str | int
) -> None:
    """`there`: its channel knows of an earlier state only, because it was not told."""
    put(tx, order_id, state=state.value, state_there=there and there.value, **columns)


def put_printed(tx: Transaction, order_id: str) -> None:
    """Since when its picking slip lies on paper; that may be a reprint, where nobody knows about the first."""
    _PRINTED.run(tx.connection, [(tx.now, tx.chain, order_id)])


def put_short(tx: Transaction, order_id: str, short: dict[int, Quantity]) -> None:
    """What of each line could not be reserved, by line id."""
    _SHORT.run(tx.connection, [(quantity, tx.chain, order_id, line_id) for line_id, quantity in short.items()])


def put_struck(tx: Transaction, order_id: str, struck: dict[int, Quantity]) -> None:
    """What is off each line in sum, by line id."""
    _STRUCK.run(tx.connection, [(quantity, tx.chain, order_id, line_id) for line_id, quantity in struck.items()])


def tell(tx: Transaction, known: Known, *bodies: EventBody, personal_names: Sequence[str] = ()) -> None:
    """Puts events about the order into its store's log, if the store has ever heard of it."""
    if known.told:
        order = known.order
        append(tx, store_log(order.store), *bodies, order_id=order.order_id, personal_names=personal_names)


def with_lines(known: Known, of_order: Sequence[OrderLine]) -> Known:
    return msgspec.structs.replace(known, order=msgspec.structs.replace(known.order, lines=tuple(of_order)))


def in_state(known: Known, state: OrderState) -> Known:
    return msgspec.structs.replace(known, order=msgspec.structs.replace(known.order, state=state))
