"""What the messages of a channel do to a known order. Late and repeated ones change nothing (facts/channels.md §7)."""

import msgspec

from cloud import audit, catalogue, exceptions, moves, orders, personal, placing, refunding, reservations, tables
from cloud.channels.base import (
    Advanced,
    Cancelled,
    Changed,
    ChannelOrder,
    Message,
    Placed,
    Refunded,
    RiderCame,
    Urged,
)
from cloud.orders import Known
from cloud.prescriptions import beginning
from cloud.transaction import Transaction
from domain.events import OrderChanged, OrderUrged, RiderMoved
from domain.orders import Order, OrderLine, OrderState, RiderState, progress
from domain.personal import PersonalName

RIDER_STAGE = {
    RiderState.NONE: 0,
    RiderState.LEFT: 0,
    RiderState.ASSIGNED: 1,
    RiderState.AT_STORE: 2,
    RiderState.TAKEN: 3,
    RiderState.DELIVERED: 4,
}
"""A rider comes nearer; one who leaves before taking the goods makes room for another."""


def apply(tx: Transaction, order_id: str, message: Message) -> None:
    """One message of the order's channel. Raises nothing that is the channel's fault, but `UnknownOrder`."""
    known = orders.load(tx, order_id)
    match message:
        case Placed(order=heard):
            _advance(tx, known, heard.state)
        case Advanced(state=state):
            _advance(tx, known, state)
        case Changed(order=heard):
            _change(tx, known, heard)
        case Cancelled(by=by):
            moves.cancel(tx, known, by)
        case Urged():
            _urge(tx, known)
        case RiderCame():
            _rider(tx, known, message)
        case Refunded():
            refunding.apply(tx, known, message)


def _advance(tx: Transaction, known: Known, reported: OrderState) -> None:
    """What the platform reports as done is progress, whatever we thought (design.md §5)."""
    if reported is OrderState.CANCELLED:
        moves.cancel(tx, known, "system")
        return
    order = known.order
    state = progress(order.state, reported)
    if state is order.state:
        return
    moves.advance(tx, known, state, actor=order.channel)


def _urge(tx: Transaction, known: Known) -> None:
    order = known.order
    orders.put(tx, order.order_id, urged_at=tx.now)
    orders.tell(tx, known, OrderUrged(order.order_id, tx.now))
    audit.append(tx, order.store, order.channel, "order.urged", order.order_id)


def _rider(tx: Transaction, known: Known, came: RiderCame) -> None:
    order = known.order
    personal.put(tx, order.order_id, PersonalName.RIDER.value, msgspec.json.encode(came.rider))
    taken = RIDER_STAGE[order.rider] >= RIDER_STAGE[RiderState.TAKEN]
    back = RIDER_STAGE[came.state] <= RIDER_STAGE[order.rider]
    if came.state is order.rider or (back and (taken or came.state is not RiderState.LEFT)):
        return
    orders.put(tx, order.order_id, rider=came.state.value)
    orders.tell(tx, known, RiderMoved(order.order_id, came.state), personal_names=(PersonalName.RIDER.value,))
    audit.append(tx, order.store, order.channel, f"rider.{came.state}", order.order_id)


def _change(tx: Transaction, known: Known, heard: ChannelOrder | None) -> None:
    """The order as it reads now. Without a detail there is nothing to do yet: the shell asks for it."""
    order = known.order
    if heard is None or not known.open:
        return
    lines = _changed_lines(tx, order, heard) if known.picked_at is None else order.lines
    changed = msgspec.structs.replace(
        order,
        promised_at=heard.promised_at,
        booked=heard.booked,
        total=heard.total,
        lines=lines,
        prescription=placing.needs_prescription(heard, lines),
        insurance=heard.insurance,
    )
    personal.put(tx, order.order_id, PersonalName.RECIPIENT.value, msgspec.json.encode(heard.recipient))
    _write_changed(tx, changed)
    orders.tell(tx, known, OrderChanged(changed), personal_names=(PersonalName.RECIPIENT.value,))
    audit.append(tx, order.store, order.channel, "order.changed", order.order_id, f"{len(lines)} lines")
    after = msgspec.structs.replace(known, order=changed)
    exceptions.review(tx, after)
    placing.doubt(tx, changed)
    beginning.follow(tx, after, heard.heard_prescription)
    _advance(tx, after, heard.state)


def _write_changed(tx: Transaction, order: Order) -> None:
    orders.put(
        tx,
        order.order_id,
        promised_at=order.promised_at,
        booked=int(order.booked),
        total=order.total,
        prescription=int(order.prescription),
        insurance=int(order.insurance),
    )


def _changed_lines(tx: Transaction, order: Order, heard: ChannelOrder) -> tuple[OrderLine, ...]:
    """Re-reserved by difference. A line keeps its number by its channel's sku, so that picks and refunds find it."""
    catalogue.learn(tx, heard.lines)
    lines = _numbered_as_before(order.lines, placing.lines_of(tx, heard))
    if lines == order.lines:
        return lines
    of_lines = tables.order_lines.c
    tx.connection.execute(
        tables.order_lines.delete().where(of_lines.chain == tx.chain, of_lines.order_id == order.order_id)
    )
    placing.write_lines(tx, order.order_id, lines)
    return reservations.adjust(tx, order, lines, growing=[line.line_id for line in lines])


def _numbered_as_before(before: tuple[OrderLine, ...], now: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    left = list(before)
    following = max((line.line_id for line in before), default=0) + 1
    numbered = []
    for line in now:
        same = next((old for old in left if (old.channel_sku, old.gift) == (line.channel_sku, line.gift)), None)
        if same is not None:
            left.remove(same)
            line = _still_substituted(same, line)
            line = msgspec.structs.replace(line, line_id=same.line_id, struck=same.struck, short=same.short)
        else:
            line = msgspec.structs.replace(line, line_id=following)
            following += 1
        numbered.append(line)
    return tuple(numbered)


def _still_substituted(before: OrderLine, now: OrderLine) -> OrderLine:
    """The channel goes on naming what was ordered; what the customer agreed to instead stays."""
    if not before.instead_of or before.instead_of != now.sku:
        return now
    return msgspec.structs.replace(before, quantity=now.quantity, price=now.price)
