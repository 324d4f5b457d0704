"""Orders: placed, changed, advanced, cancelled, urged, and where the rider is."""

import logging

import msgspec

from agent import announcements, order_slips, orders, picks, prescriptions, revival, stopping, taking_over
from agent.announcements import Kind
from agent.erp import writing
from agent.picking import reported
from agent.transactions import Topic, Transaction
from domain.events import (
    DoneInStore,
    OrderAdvanced,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    OrderUrged,
    RiderMoved,
)
from domain.orders import OPEN, Order, OrderLine, OrderState, RiderState, progress
from domain.picks import TO_BE_PACKED

log = logging.getLogger(__name__)


def placed(tx: Transaction, event: OrderPlaced) -> None:
    _take(tx, event.order, event.done)


def changed(tx: Transaction, event: OrderChanged) -> None:
    """It carries the whole order, so that one whose placing was compacted away is taken too."""
    _take(tx, event.order)


def advanced(tx: Transaction, event: OrderAdvanced) -> None:
    order = orders.get(tx, event.order_id)
    state = progress(order.state, event.state)
    if state is not order.state:
        orders.set_state(tx, order.order_id, state)
        _follow(tx, msgspec.structs.replace(order, state=state))


def cancelled(tx: Transaction, event: OrderCancelled) -> None:
    order = orders.get(tx, event.order_id)
    state = progress(order.state, OrderState.CANCELLED)
    if state is not OrderState.CANCELLED or order.state is OrderState.CANCELLED:
        return
    taken = event.taken or order.state is OrderState.HANDED_OVER
    tx.db.execute("UPDATE orders SET cancelled_by = ?, taken = ? WHERE order_id = ?", (event.by, taken, event.order_id))
    if order.state in OPEN and not taken:
        announcements.raise_cancelled(tx, order.order_id)
    orders.set_state(tx, order.order_id, state)
    stopping.stop_work(tx, order.order_id, taken=taken)


def urged(tx: Transaction, event: OrderUrged) -> None:
    tx.note(log, "order %s is urged", event.order_id, order=event.order_id)
    tx.db.execute(
        "UPDATE orders SET urged_at = ? WHERE order_id = ?", (event.urged_at, orders.get(tx, event.order_id).order_id)
    )
    announcements.raise_(tx, event.order_id, Kind.URGED, occasion=str(event.urged_at))
    tx.touch(Topic.ORDERS)


def rider_moved(tx: Transaction, event: RiderMoved) -> None:
    """No step of the slip: where the rider is, the paper does not say."""
    order = orders.get(tx, event.order_id)
    if order.rider is not event.rider:
        tx.db.execute(
            "UPDATE orders SET rider = ?, rider_at = iif(?, ?, rider_at) WHERE order_id = ?",
            (event.rider, event.rider is RiderState.AT_STORE, tx.now, event.order_id),
        )
        if event.rider is RiderState.AT_STORE:
            announcements.raise_(tx, event.order_id, Kind.RIDER_HERE)
        elif event.rider is RiderState.LEFT:
            announcements.rearm(tx, event.order_id, Kind.RIDER_HERE)
        tx.note(log, "the rider of order %s is %s", event.order_id, event.rider, order=event.order_id)
        tx.touch(Topic.ORDERS)


def _take(tx: Transaction, order: Order, done: DoneInStore | None = None) -> None:
    known = orders.find(tx, order.order_id)
    if known is None:
        _take_new(tx, order, done)
        return
    known = revival.revive(tx, known, order)
    if done is not None:
        taking_over.continue_trail(tx, order.order_id, done)
        if taking_over.was_packed(tx, order.order_id, done):
            _take_packed(tx, known, order, done)
            return
    order = _with_what_is_here(tx, known, order)
    if order != known:
        orders.save(tx, order)
        _clear_replaced(tx, known, order)
        if _reads_differently(known, order):
            order_slips.want_changed(tx, order)
        _follow(tx, order)
        prescriptions.follow(tx, order.order_id)


def _take_new(tx: Transaction, order: Order, done: DoneInStore | None) -> None:
    orders.save(tx, order)
    if done is not None:
        taking_over.continue_trail(tx, order.order_id, done)
    picks.begin(tx, order.order_id)
    if done is not None:
        taking_over.take_over(tx, order, done)
    if done is None or done.printed_at is None:
        announcements.raise_(tx, order.order_id, Kind.NEW_ORDER)
    _follow(tx, order)
    prescriptions.follow(tx, order.order_id)


def _take_packed(tx: Transaction, known: Order, order: Order, done: DoneInStore) -> None:
    """Headquarters knows better what lies in its bag: it reads as it does there."""
    order = msgspec.structs.replace(order, state=progress(known.state, order.state))
    orders.save(tx, order)
    taking_over.take_packed(tx, order.order_id, done)
    _follow(tx, order)
    prescriptions.follow(tx, order.order_id)


def _clear_replaced(tx: Transaction, known: Order, order: Order) -> None:
    """A line that is another product now: what lies in the bag for it goes back to the shelf."""
    before = {line.line_id: line.sku for line in known.lines}
    for line in order.lines:
        if before.get(line.line_id, line.sku) != line.sku:
            picks.release_line(tx, order.order_id, line.line_id)
            reported.settled(tx, order.order_id, line.line_id)


def _follow(tx: Transaction, order: Order) -> None:
    """What a state that came from elsewhere means for slip and pick."""
    if order.state is OrderState.CANCELLED:
        stopping.stop_work(tx, order.order_id, taken=False)
    elif order.state in OPEN:
        order_slips.want_picking(tx, order)
    else:
        _finished_elsewhere(tx, order.order_id)


def _finished_elsewhere(tx: Transaction, order_id: str) -> None:
    """Handed over in the platform's own app: packs already scanned went with it and stay taken."""
    pick = picks.load(tx, order_id)
    if pick.state in TO_BE_PACKED:
        picks.sell(tx, pick)
        writing.finished_elsewhere(tx, orders.get(tx, order_id), pick)
        stopping.finished_elsewhere(tx, order_id)
    order_slips.withdraw(tx, order_id)


def _with_what_is_here(tx: Transaction, known: Order, order: Order) -> Order:
    """A line that the platform took off but whose packs lie in the bag stays, wanting none: they must go back."""
    pick = picks.load(tx, order.order_id)
    kept = {line.line_id for line in order.lines}
    gone = tuple(
        msgspec.structs.replace(line, struck=line.quantity)
        for line in known.lines
        if line.line_id not in kept and pick.picked(line.line_id) > 0
    )
    return msgspec.structs.replace(
        order, state=progress(known.state, order.state), lines=tuple(sorted((*order.lines, *gone), key=_line_id))
    )


def _reads_differently(known: Order, order: Order) -> bool:
    """Would its picking slip look different? It does not say who makes a product, nor who pays."""
    return _as_picked(msgspec.structs.replace(known, state=order.state, rider=order.rider)) != _as_picked(order)


def _as_picked(order: Order) -> Order:
    lines = tuple(msgspec.structs.replace(line, maker="", prescription=False) for line in order.lines)
    return msgspec.structs.replace(order, lines=lines, rider_code="", insurance=False)


def _line_id(line: OrderLine) -> int:
    return line.line_id
