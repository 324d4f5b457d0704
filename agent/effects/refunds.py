"""Refunds: asked pauses the pick, answered lets it go on, granted strikes lines or ends it."""

import logging

import msgspec

from agent import announcements, order_slips, orders, picks, prescriptions, stopping, trail
from agent.announcements import Kind
from agent.documents.wanting import want_refund_slip
from agent.picking import reported
from agent.transactions import Reading, Topic, Transaction
from domain.events import RefundChanged
from domain.orders import OPEN, Order
from domain.quantity import Quantity
from domain.refunds import GRANTED, WAITING, Refund, RefundState, progress
from domain.trail import StepKind

log = logging.getLogger(__name__)


def changed(tx: Transaction, event: RefundChanged) -> None:
    order = orders.get(tx, event.refund.order_id)
    before = _state_of(tx, event.refund)
    refund = save(tx, event.refund, before)
    if before is not refund.state:
        trail.record(
            tx, order.order_id, StepKind.REFUND, refund_id=refund.refund_id, state=refund.state, full=refund.full
        )
    _strike(tx, order, event.struck)
    _follow(tx, order, refund)
    if refund.state in GRANTED and before not in GRANTED:
        want_refund_slip(tx, refund)


def _follow(tx: Transaction, order: Order, refund: Refund) -> None:
    """What it means for the work."""
    if refund.state in WAITING:
        announcements.raise_(tx, order.order_id, Kind.REFUND_ASKED, occasion=f"{refund.refund_id}:{refund.state}")
    if order.state not in OPEN:
        return  # the goods are gone, or the work has ended already
    if refund.full and refund.state in GRANTED:
        _announce_the_end(tx, refund)
        stopping.stop_work(tx, order.order_id, taken=False)
    elif any(state in WAITING for state in states(tx, order.order_id)):
        picks.pause(tx, order.order_id)
    else:
        picks.resume(tx, order.order_id)


def _announce_the_end(tx: Transaction, refund: Refund) -> None:
    """The platform agreed by itself; where the clerk did, he knows."""
    row = tx.db.execute(
        "SELECT answer FROM refunds WHERE order_id = ? AND refund_id = ?", (refund.order_id, refund.refund_id)
    ).fetchone()
    if row["answer"] is None:
        announcements.raise_cancelled(tx, refund.order_id)


def _strike(tx: Transaction, order: Order, struck: dict[int, Quantity]) -> None:
    """A line on paper that is no longer wanted makes the slip wrong: a new one follows."""
    fresh = {line.line_id: struck[line.line_id] for line in order.lines if struck.get(line.line_id, 0) > line.struck}
    if fresh:
        orders.set_lines(tx, order.order_id, "struck", fresh)
        for line_id in fresh:
            reported.settled(tx, order.order_id, line_id)
        order_slips.want_changed(tx, orders.get(tx, order.order_id))
        prescriptions.follow(tx, order.order_id)


def states(reading: Reading, order_id: str) -> tuple[RefundState, ...]:
    rows = reading.db.execute("SELECT state FROM refunds WHERE order_id = ?", (order_id,))
    return tuple(RefundState(row["state"]) for row in rows)


def _state_of(tx: Transaction, refund: Refund) -> RefundState | None:
    """As it was known here; None for a new one."""
    row = tx.db.execute(
        "SELECT state FROM refunds WHERE order_id = ? AND refund_id = ?", (refund.order_id, refund.refund_id)
    ).fetchone()
    return None if row is None else RefundState(row["state"])


def save(tx: Transaction, refund: Refund, before: RefundState | None) -> Refund:
    """Its state goes forward only: a late repeat of an earlier one changes nothing."""
    if before is not None:
        refund = msgspec.structs.replace(refund, state=progress(before, refund.state))
    tx.db.execute(
        'INSERT INTO refunds (order_id, refund_id, "full", state, amount, asked_at, answer_by, lines)'
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        ' "full" = excluded."full", state = excluded.state, amount = excluded.amount, asked_at = excluded.asked_at,'
        " answer_by = excluded.answer_by, lines = excluded.lines",
        (
            refund.order_id,
            refund.refund_id,
            refund.full,
            refund.state,
            refund.amount,
            refund.asked_at,
            refund.answer_by,
            msgspec.json.encode(refund.lines).decode(),
        ),
    )
    tx.touch(Topic.ORDERS)
    tx.note(log, "refund %s of order %s is %s", refund.refund_id, refund.order_id, refund.state, order=refund.order_id)
    return refund
