"""Takes over what was done with an order by another computer of this store, or by this one before its disk was put back
to an older copy: its slip lies on paper, its trail goes on, its packs are in the bag."""

import logging

from agent import order_slips, picks
from agent.picking import asks, desks
from agent.slips import AT_ONCE
from agent.transactions import Reading, Topic, Transaction
from domain.events import DoneInStore
from domain.ids import uuid7
from domain.orders import Order, OrderState
from domain.picks import TO_BE_PACKED, PickState
from domain.slips import SlipKind, SlipState
from domain.times import Millis

log = logging.getLogger(__name__)

BEFORE = "before"
"""The cause of a slip that was printed by the computer before this one."""


def take_over(tx: Transaction, order: Order, done: DoneInStore) -> None:
    """For an order that is new here and still open. It must be saved, and its pick begun."""
    if done.printed_at is not None:
        _put_slip(tx, order.order_id, done.printed_at)
    _put_packs(tx, order.order_id, done)
    if order.state is OrderState.PICKED:
        _put_pick(tx, order.order_id, PickState.PACKED)


def take_over_ended(tx: Transaction, order: Order, done: DoneInStore | None) -> None:
    """For an order that was over before this computer knew of it: no work is begun on it."""
    if done is not None:
        continue_trail(tx, order.order_id, done)
    state = PickState.STOPPED if order.state is OrderState.CANCELLED else PickState.HANDED_OVER
    tx.db.execute("INSERT INTO picks (order_id, state) VALUES (?, ?)", (order.order_id, state))
    if done is not None:
        _put_packs(tx, order.order_id, done)


def was_packed(reading: Reading, order_id: str, done: DoneInStore) -> bool:
    """Whether headquarters was told of a packed bag for an order that, by these data, is still to be packed."""
    return bool(done.bindings) and picks.load(reading, order_id).state in TO_BE_PACKED


def take_packed(tx: Transaction, order_id: str, done: DoneInStore) -> None:
    """For an order that `was_packed`: takes the bag that headquarters was told of, so that nobody picks or prints it
    again."""
    _put_packs(tx, order_id, done)
    _put_pick(tx, order_id, PickState.PACKED)
    asks.drop_of_order(tx, order_id)
    desks.clear(tx, order_id)
    order_slips.withdraw(tx, order_id)
    tx.note(log, "order %s was packed before: headquarters was told", order_id, order=order_id)


def continue_trail(tx: Transaction, order_id: str, done: DoneInStore) -> None:
    """The trail goes on behind the last step that headquarters has, where that is later than the last one here."""
    if done.trail_seq:
        tx.db.execute(
            "INSERT INTO trail_heads (order_id, seq, hash, told) VALUES (?1, ?2, ?3, ?2) ON CONFLICT DO UPDATE"
            " SET seq = excluded.seq, hash = excluded.hash, told = excluded.told WHERE excluded.seq > seq",
            (order_id, done.trail_seq, done.trail_hash),
        )


def _put_slip(tx: Transaction, order_id: str, printed_at: Millis) -> None:
    """Writes down a printed slip. Headquarters is not told of this row: it knows the slip under another id."""
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
    picks.put_bag(tx, order_id, done.bindings)
    codes = [each.code for each in done.bindings if each.code is not None and not each.opened]
    picks.mark_sold(tx, codes, order_id)


def _put_pick(tx: Transaction, order_id: str, state: PickState) -> None:
    tx.db.execute(
        "UPDATE picks SET state = ?, started_at = coalesce(started_at, ?), completed_at = ? WHERE order_id = ?",
        (state, tx.now, tx.now, order_id),
    )
    tx.touch(Topic.ORDERS)
