"""Orders that were closed here because headquarters, restored from a backup, had forgotten them, and that it now hears
of again from their channel: the store goes on with them, and with the slips that lie on paper."""

import logging

from agent import orders, slips, trail
from agent.transactions import Topic, Transaction
from domain.orders import OPEN, Order, OrderState
from domain.picks import PickState
from domain.slips import SlipKind, SlipState
from domain.trail import StepKind

log = logging.getLogger(__name__)

FORGOTTEN = "forgotten"
"""`cancelled_by` of an order that was closed because a snapshot did not speak of it."""


def revive(tx: Transaction, known: Order, told: Order) -> Order:
    """Opens a forgotten order again, before what is told of it takes effect. Returns how it reads here then; unchanged
    for an order that was not forgotten."""
    row = tx.db.execute("SELECT cancelled_by FROM orders WHERE order_id = ?", (known.order_id,)).fetchone()
    if row["cancelled_by"] != FORGOTTEN or known.state is not OrderState.CANCELLED:
        return known
    tx.db.execute("UPDATE orders SET cancelled_by = '' WHERE order_id = ?", (known.order_id,))
    if told.state not in OPEN:
        orders.set_state(tx, known.order_id, told.state)
        return orders.get(tx, known.order_id)
    orders.set_problem(tx, known.order_id, "")
    orders.set_state(tx, known.order_id, OrderState.PLACED)
    tx.db.execute(
        "UPDATE picks SET state = ?, resumes = NULL WHERE order_id = ? AND state = ?",
        (PickState.ASSIGNED, known.order_id, PickState.STOPPED),
    )
    trail.record(tx, known.order_id, StepKind.ASSIGNED)
    _print_what_was_withdrawn(tx, known.order_id)
    tx.touch(Topic.ORDERS)
    tx.note(log, "order %s goes on: headquarters knows it again", known.order_id, order=known.order_id)
    return orders.get(tx, known.order_id)


def _print_what_was_withdrawn(tx: Transaction, order_id: str) -> None:
    """A slip that never came out is wanted again; one that did, or may have, is not."""
    picking = slips.of_order(tx, order_id, SlipKind.PICKING)
    never_out = picking and not any(map(slips.may_lie_on_paper, picking))
    if never_out and picking[-1].state is SlipState.WITHDRAWN:
        slips.want(tx, SlipKind.PICKING, order_id, due_at=picking[-1].due_at)
