"""What another computer of this store did with an order before this one knew of it: its slip lies on paper, its trail
goes on, its packs are in the bag."""

from agent import picks
from agent.slips import AT_ONCE
from agent.transactions import Topic, Transaction
from domain.events import DoneInStore
from domain.ids import uuid7
from domain.orders import Order, OrderState
from domain.picks import PickState
from domain.slips import SlipKind, SlipState
from domain.times import Millis

BEFORE = "before"
"""The cause of a slip that was printed by the computer before this one."""


def take_over(tx: Transaction, order: Order, done: DoneInStore) -> None:
    """Of an order that is still open, after it was saved and its pick begun."""
    if done.printed_at is not None:
        _put_slip(tx, order.order_id, done.printed_at)
    _put_packs(tx, order.order_id, done)
    if order.state is OrderState.PICKED:
        _put_pick(tx, order.order_id, PickState.PACKED)


def take_over_ended(tx: Transaction, order: Order, done: DoneInStore | None) -> None:
    """Of an order that was over before: nothing of it is begun here."""
    if done is not None:
        continue_trail(tx, order.order_id, done)
    state = PickState.STOPPED if order.state is OrderState.CANCELLED else PickState.HANDED_OVER
    tx.db.execute("INSERT INTO picks (order_id, state) VALUES (?, ?)", (order.order_id, state))
    if done is not None:
        _put_packs(tx, order.order_id, done)


def continue_trail(tx: Transaction, order_id: str, done: DoneInStore) -> None:
    """Before the first step that is recorded here: headquarters has those before it."""
    if done.trail_seq:
        tx.db.execute(
            "INSERT INTO trail_heads (order_id, seq, hash, told) VALUES (?1, ?2, ?3, ?2) ON CONFLICT DO NOTHING",
            (order_id, done.trail_seq, done.trail_hash),
        )


def _put_slip(tx: Transaction, order_id: str, printed_at: Millis) -> None:
    """Headquarters knows of it under its own id, so it is not told of this row."""
    tx.db.execute(
        "INSERT INTO slips (slip_id, order_id, kind, issue, state, cause, due_at, created_at, changed_at)"
        " VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?)",
        (
            uuid7(tx.now, tx.randomness),
            order_id,
            SlipKind.PICKING,
            SlipState.PRINTED,
            BEFORE,
            AT_ONCE,
            printed_at,
            printed_at,
        ),
    )
    tx.touch(Topic.SLIPS)


def _put_packs(tx: Transaction, order_id: str, done: DoneInStore) -> None:
    for binding in done.bindings:
        picks.bind(tx, order_id, binding, scan_id=None)
    codes = [each.code for each in done.bindings if each.code is not None and not each.opened]
    picks.mark_sold(tx, codes, order_id)


def _put_pick(tx: Transaction, order_id: str, state: PickState) -> None:
    tx.db.execute(
        "UPDATE picks SET state = ?, started_at = coalesce(started_at, ?), completed_at = ? WHERE order_id = ?",
        (state, tx.now, tx.now, order_id),
    )
    tx.touch(Topic.ORDERS)
