"""Loads one order of a snapshot. Its events take effect just as events of the log do. Those effects are idempotent: a
slip that exists is not printed again, and what was announced is not announced again.

The exception is an order that was over before this computer knew of it: it is only written down, since nobody wants to
hear of it or to hold its slip now.
"""

from collections.abc import Sequence

import msgspec

from agent import apply, orders, personal, taking_over
from agent.effects import exceptions, refunds
from agent.prescriptions import records
from agent.snapshots.reading import SnapshotUnusable
from agent.transactions import Transaction
from domain.events import (
    Event,
    EventBody,
    ExceptionOpened,
    OrderCancelled,
    OrderPlaced,
    PrescriptionChanged,
    RefundChanged,
)
from domain.orders import OPEN, Order, OrderState, RiderState


def put_order(tx: Transaction, events: Sequence[tuple[Event, EventBody]]) -> None:
    """Its placing, then everything else that is said of it."""
    (_, placed), *_ = events
    if not isinstance(placed, OrderPlaced):
        raise SnapshotUnusable(f"a snapshot speaks of {placed.kind} before its order")
    known = orders.find(tx, placed.order.order_id)
    over = known is None and placed.order.state not in OPEN
    for event, body in events:
        personal.keep(tx, event.personal)
        if over:
            _write_down(tx, body)
        elif isinstance(body, OrderPlaced):
            apply.take_effect(tx, OrderPlaced(_before_the_rest(known, body.order), body.done))
        else:
            apply.take_effect(tx, body)


def _before_the_rest(known: Order | None, order: Order) -> Order:
    """Where the rider is, and that it was cancelled, is said by events of their own, which are heard."""
    rider = RiderState.NONE if known is None else known.rider
    cancelled = known is not None and order.state is OrderState.CANCELLED
    state = known.state if known is not None and cancelled else order.state
    return msgspec.structs.replace(order, rider=rider, state=state)


def _write_down(tx: Transaction, body: EventBody) -> None:
    match body:
        case OrderPlaced(order=order, done=done):
            orders.save(tx, order)
            tx.db.execute(
                "UPDATE orders SET closed_at = placed_at, applied_at = placed_at WHERE order_id = ?", (order.order_id,)
            )
            taking_over.take_over_ended(tx, order, done)
        case OrderCancelled():
            tx.db.execute(
                "UPDATE orders SET cancelled_by = ?, taken = ? WHERE order_id = ?",
                (body.by, body.taken, body.order_id),
            )
        case RefundChanged(refund=refund):
            refunds.save(tx, refund, None)
        case PrescriptionChanged(prescription=prescription):
            records.put(tx, prescription)
        case ExceptionOpened():
            exceptions.opened(tx, body)
