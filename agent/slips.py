"""The durable queue of slips. A slip is born in the transaction of the event that wants it, and every step of its life
is a row; `domain.slips` says which steps there are.

Only a slip proven not printed is ever sent again by itself. One that was in flight when the program died is unknown,
and a person is asked (design.md §7).
"""

import logging

import msgspec

from agent import announcements, orders, outbox, picks, store
from agent.announcements import Kind
from agent.engine import sqlite3
from agent.errors import NotFound, NotNow
from agent.transactions import Reading, Topic, Transaction
from domain.ids import uuid7
from domain.operations import SlipChanged
from domain.orders import Order
from domain.picks import PickState
from domain.slips import IN_FLIGHT, MOVES, Evidence, SlipKind, SlipState
from domain.times import Millis

log = logging.getLogger(__name__)

AT_ONCE: Millis = 0
"""Due whatever the clock says: one that is set back must not hold up a slip."""
CHANGED = "changed"
"""The cause of a picking slip that replaces one on which the order read differently."""
_REPORTED = frozenset({SlipState.PRINTED, SlipState.UNKNOWN, SlipState.HELD})
UNSENT = (SlipState.ACCEPTED, SlipState.HELD, SlipState.NOT_PRINTED)


class Slip(msgspec.Struct, frozen=True):
    """`issue` counts the slips of one kind, order and subject, from 1; `copy` the reprints of one issue (补打), 0 for
    the first print. `cause` says why it is in its state. `order_id` is empty for a slip of no order."""

    slip_id: str
    number: int
    order_id: str
    kind: SlipKind
    issue: int
    copy: int
    subject: str
    """What of the order it is about, such as a refund's id; for a shift report its span."""
    pinned: str
    """The only printer that may print it; empty: any that prints its kind."""
    state: SlipState
    cause: str
    evidence: Evidence | None
    printer: str
    """Which has, or had it last."""
    sends: int
    """How often its sending began."""
    due_at: Millis
    """`AT_ONCE`, or the moment from which a booked order's slip may be sent."""
    expires_at: Millis | None
    """From then on nobody needs it, if it has not been sent."""
    created_at: Millis
    changed_at: Millis


class IllegalSlipMove(NotNow):
    """Somebody asked for a step that the table does not have."""

    def __init__(self, slip: Slip, wanted: SlipState) -> None:
        super().__init__(f"小票状态是 {slip.state}，不能变为 {wanted}")


def get(reading: Reading, slip_id: str) -> Slip:
    row = reading.db.execute("SELECT * FROM slips WHERE slip_id = ?", (slip_id,)).fetchone()
    if row is None:
        raise NotFound(f"没有这张小票：{slip_id}")
    return from_row(row)


def from_row(row: sqlite3.Row) -> Slip:
    return msgspec.convert({**dict(row), "order_id": row["order_id"] or ""}, Slip)


def of_order(reading: Reading, order_id: str, kind: SlipKind | None = None) -> tuple[Slip, ...]:
    rows = reading.db.execute(
        "SELECT * FROM slips WHERE order_id = ? AND kind = coalesce(?, kind) ORDER BY number", (order_id, kind)
    )
    return tuple(map(from_row, rows))


def due(reading: Reading, now: Millis) -> tuple[Slip, ...]:
    """Slips that may be sent now, the oldest first."""
    rows = reading.db.execute(
        "SELECT * FROM slips WHERE state IN ('accepted', 'held', 'not_printed') AND due_at <= ?"
        " ORDER BY due_at, number LIMIT 20",
        (now,),
    )
    return tuple(map(from_row, rows))


def next_due_at(reading: Reading) -> Millis | None:
    """When the next slip not yet sent may be; a moment in the past means now."""
    row = reading.db.execute(
        "SELECT min(due_at) FROM slips WHERE state IN ('accepted', 'held', 'not_printed')"
    ).fetchone()
    return None if row[0] is None else int(row[0])


def want(
    tx: Transaction,
    kind: SlipKind,
    order_id: str = "",
    *,
    subject: str = "",
    pinned: str = "",
    due_at: Millis = AT_ONCE,
    expires_at: Millis | None = None,
    cause: str = "",
) -> str:
    """One more slip of this kind; returns its id."""
    slip_id = uuid7(tx.now, tx.randomness)
    row = tx.db.execute(
        "SELECT count(*) FROM slips WHERE order_id IS ? AND kind = ? AND subject = ? AND copy = 0",
        (order_id or None, kind, subject),
    ).fetchone()
    issue = int(row[0]) + 1
    tx.db.execute(
        "INSERT INTO slips (slip_id, order_id, kind, issue, subject, pinned, state, cause, due_at, expires_at,"
        " created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            slip_id, order_id or None, kind, issue, subject, pinned, SlipState.ACCEPTED, cause, due_at, expires_at,
            tx.now, tx.now,
        ),
    )  # fmt: skip
    _write_down(tx, slip_id, SlipState.ACCEPTED, cause=cause, evidence=None, printer="")
    of = {"slip": slip_id, "order": order_id}
    tx.note(log, "slip %s (%s %d) of order %s is accepted", slip_id, kind, issue, order_id, **of)
    tx.touch(Topic.SLIPS)
    return slip_id


def want_picking(tx: Transaction, order: Order) -> None:
    """The picking slip, once per order, as soon as the order may be worked; a booked order's waits for its time."""
    identity = store.identity(tx)
    if orders.workable(order, identity.accept) and not of_order(tx, order.order_id, SlipKind.PICKING):
        due_at = _due_at(tx, order, identity.lead)
        want(tx, SlipKind.PICKING, order.order_id, due_at=due_at)
        if due_at != AT_ONCE:
            announcements.raise_(tx, order.order_id, Kind.NEW_ORDER, occasion="due")


def want_changed(tx: Transaction, order: Order) -> None:
    """The order reads differently: what was not sent yet is rendered anew and on its new time, what was is replaced.
    Of an order whose work was stopped nothing is printed any more."""
    if picks.load(tx, order.order_id).state is PickState.STOPPED:
        return
    picking = of_order(tx, order.order_id, SlipKind.PICKING)
    if not picking:
        want_picking(tx, order)
    elif picking[-1].state in UNSENT:
        due_at = _due_at(tx, order, store.identity(tx).lead)
        tx.db.execute("UPDATE slips SET due_at = ? WHERE slip_id = ?", (due_at, picking[-1].slip_id))
        tx.touch(Topic.SLIPS)
    elif orders.workable(order, store.identity(tx).accept):
        want(tx, SlipKind.PICKING, order.order_id, cause=CHANGED)


def stop(tx: Transaction, order_id: str) -> None:
    """The order is over: an unsent picking slip is withdrawn; if one may lie on paper, a stop slip follows it."""
    picking = of_order(tx, order_id, SlipKind.PICKING)
    withdraw(tx, order_id)
    on_paper = any(slip.state not in (*UNSENT, SlipState.WITHDRAWN) for slip in picking)
    if on_paper and not of_order(tx, order_id, SlipKind.STOP):
        want(tx, SlipKind.STOP, order_id)


def withdraw(tx: Transaction, order_id: str) -> None:
    """Nobody needs the picking slip any more, and it was not sent."""
    for slip in of_order(tx, order_id, SlipKind.PICKING):
        if slip.state in UNSENT:
            change(tx, slip, SlipState.WITHDRAWN)


def reschedule(tx: Transaction, lead: Millis) -> None:
    """The store's lead changed: booked orders not yet printed follow it."""
    for row in tx.db.execute(
        "SELECT slip_id, order_id FROM slips WHERE kind = 'picking' AND state = 'accepted' AND due_at > ?", (tx.now,)
    ).fetchall():
        due_at = _due_at(tx, orders.get(tx, row["order_id"]), lead)
        tx.db.execute("UPDATE slips SET due_at = ? WHERE slip_id = ?", (due_at, row["slip_id"]))
    tx.touch(Topic.SLIPS)


def read_anew(tx: Transaction) -> None:
    """All slips say something else from now on: one that was rendered and not sent yet is rendered again."""
    for row in tx.db.execute("SELECT DISTINCT order_id FROM slips WHERE state IN (?, ?, ?)", UNSENT).fetchall():
        orders.changed(tx, row["order_id"])


def begin_sending(tx: Transaction, slip_id: str, printer: str, revision: int) -> bool:
    """The last look before the bytes leave. False: the order changed since the slip was rendered, or the slip is
    no longer to be sent (withdrawn, or another printer has it)."""
    slip = get(tx, slip_id)
    row = tx.db.execute("SELECT revision FROM orders WHERE order_id = ?", (slip.order_id,)).fetchone()
    if slip.state not in UNSENT or row["revision"] != revision:
        return False
    change(tx, slip, SlipState.SENDING, printer=printer)
    return True


def change(
    tx: Transaction,
    slip: Slip,
    state: SlipState,
    *,
    cause: str = "",
    evidence: Evidence | None = None,
    printer: str | None = None,
) -> None:
    """One legal step with its row and, where the slip came to rest or is held, its word to the hub."""
    if state not in MOVES[slip.state]:
        raise IllegalSlipMove(slip, state)
    if state is slip.state and cause == slip.cause:
        return
    printer = slip.printer if printer is None else printer
    tx.db.execute(
        "UPDATE slips SET state = ?, cause = ?, evidence = ?, printer = ?, changed_at = ? WHERE slip_id = ?",
        (state, cause, evidence, printer, tx.now, slip.slip_id),
    )
    _write_down(tx, slip.slip_id, state, cause=cause, evidence=evidence, printer=printer)
    told = ", ".join(said for said in (cause, evidence and f"evidence {evidence}", printer) if said)
    of = {"slip": slip.slip_id, "order": slip.order_id}
    tx.note(log, "slip %s is %s%s", slip.slip_id, state, told and f" ({told})", **of)
    if state in _REPORTED:
        said = SlipChanged(slip.order_id, slip.slip_id, slip.kind, state, evidence, cause)
        outbox.put(tx, said, slip.order_id)
    tx.touch(Topic.SLIPS, Topic.ORDERS)


def resolve(tx: Transaction, slip_id: str, printed: bool) -> None:
    """A person looked. A slip that did not come out is sent again."""
    slip = get(tx, slip_id)
    if slip.state is not SlipState.UNKNOWN:
        raise NotNow("这张小票不需要确认")
    change(tx, slip, SlipState.PRINTED if printed else SlipState.NOT_PRINTED, cause="clerk")


def seen(tx: Transaction, order_id: str) -> None:
    """Somebody scanned the code of the slip: it did print."""
    for slip in of_order(tx, order_id, SlipKind.PICKING):
        if slip.state is SlipState.UNKNOWN:
            change(tx, slip, SlipState.PRINTED, cause="scanned")


def recover(tx: Transaction) -> int:
    """Once at start, before any printer runs: what was in flight when the program ended is unknown."""
    rows = tx.db.execute("SELECT slip_id FROM slips WHERE state IN (?, ?)", tuple(IN_FLIGHT)).fetchall()
    for row in rows:
        change(tx, get(tx, row["slip_id"]), SlipState.UNKNOWN, cause="restart")
    return len(rows)


def _due_at(tx: Transaction, order: Order, lead: Millis) -> Millis:
    if not order.booked or order.promised_at is None or order.promised_at - lead <= tx.now:
        return AT_ONCE
    return order.promised_at - lead


def _write_down(
    tx: Transaction, slip_id: str, state: SlipState, *, cause: str, evidence: Evidence | None, printer: str
) -> None:
    tx.db.execute(
        "INSERT INTO slip_changes (slip_id, state, cause, evidence, printer, at) VALUES (?, ?, ?, ?, ?, ?)",
        (slip_id, state, cause, evidence, printer, tx.now),
    )
