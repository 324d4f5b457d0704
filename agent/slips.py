"""The durable queue of slips. A slip is born in the transaction of the event that wants it, and every step of its life
is a row; `domain.slips` says which steps there are.

Only a slip proven not printed is ever sent again by itself. One that was in flight when the program died is unknown,
and a person is asked (design.md §7).
"""

import logging

import msgspec

from agent import picks, slip_reports, trail
from agent.engine import sqlite3
from agent.errors import NotFound, NotNow
from agent.transactions import Reading, Topic, Transaction
from domain.ids import uuid7
from domain.picks import PickState
from domain.slips import IN_FLIGHT, MOVES, Evidence, SlipKind, SlipState
from domain.times import HOUR, MINUTE, Millis
from domain.trail import StepKind

log = logging.getLogger(__name__)

AT_ONCE: Millis = 0
"""Due whatever the clock says: one that is set back must not hold up a slip."""
REPRINTED = "reprinted"
"""The cause of a slip of unknown fate that a marked reprint (补打) replaces."""
EXPIRED, SUPERSEDED, STOPPED = "expired", "superseded", "stopped"
"""The causes of slips withdrawn unsent: too old to help, replaced by a newer issue, of an order whose work ended."""
UNSENT = (SlipState.ACCEPTED, SlipState.HELD, SlipState.NOT_PRINTED)
_OTHERS_CARE = frozenset({SlipState.NOT_PRINTED, SlipState.WITHDRAWN})
"""News for printers with nothing to do; the other steps a printer makes with a slip it has."""
_MAY_LIE_ON_PAPER = frozenset({*IN_FLIGHT, SlipState.PRINTED, SlipState.UNKNOWN})
_BEAR_THE_CODE = frozenset({SlipKind.PICKING, SlipKind.CUSTOMER})
"""Kinds that carry the order's code, which opens its pick when it is scanned."""
_HELPS_FOR = {SlipKind.TEST: 2 * MINUTE, SlipKind.STOP: 2 * HOUR, SlipKind.SHIFT: 12 * HOUR}
"""How long a slip of this kind is worth printing. The others are worth it as long as their order wants them."""


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
    told: int
    """Its last change that headquarters has been told."""
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


class Waiting(msgspec.Struct, frozen=True):
    """As much of an unsent slip as says who may take it."""

    slip_id: str
    kind: SlipKind
    pinned: str
    state: SlipState
    cause: str


def waiting(reading: Reading) -> tuple[Waiting, ...]:
    """Slips that may be sent now, the oldest first."""
    rows = reading.db.execute(
        "SELECT slip_id, kind, pinned, state, cause FROM slips WHERE state IN ('accepted', 'held', 'not_printed')"
        " AND due_at <= :now AND (expires_at IS NULL OR expires_at > :now) ORDER BY due_at, number",
        {"now": reading.now},
    )
    return tuple(Waiting(row[0], SlipKind(row[1]), row[2], SlipState(row[3]), row[4]) for row in rows)


def next_due_at(reading: Reading) -> Millis | None:
    """When the next booked slip may be sent."""
    row = reading.db.execute(
        "SELECT min(due_at) FROM slips WHERE state IN ('accepted', 'held', 'not_printed') AND due_at > ?",
        (reading.now,),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def next_change_at(reading: Reading) -> Millis | None:
    """When the clock alone will change what waits: a booked slip comes due, or an old one expires."""
    row = reading.db.execute(
        "SELECT min(iif(due_at > ?, due_at, expires_at)) FROM slips"
        " WHERE state IN ('accepted', 'held', 'not_printed') AND (due_at > ? OR expires_at IS NOT NULL)",
        (reading.now, reading.now),
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
    """One more slip of this kind; returns its id. What an earlier one of the same order and subject has not yet said
    need not be said any more. Without `expires_at` it expires as its kind does."""
    if order_id:
        for slip in of_order(tx, order_id, kind):
            if slip.subject == subject:
                withdraw_unsent(tx, slip, SUPERSEDED)
    row = tx.db.execute(
        "SELECT count(*) FROM slips WHERE order_id IS ? AND kind = ? AND subject = ? AND copy = 0",
        (order_id or None, kind, subject),
    ).fetchone()
    return _create(
        tx, kind, order_id, issue=int(row[0]) + 1, copy=0, subject=subject, pinned=pinned, due_at=due_at,
        expires_at=expires_at, cause=cause,
    )  # fmt: skip


def reprint(tx: Transaction, slip_id: str) -> str:
    """One more paper of what this slip says, marked 补打 and numbered; returns its id, or that of one which still
    waits to be printed. Raises NotNow for a slip that is still to come out by itself."""
    slip = get(tx, slip_id)
    if slip.state in UNSENT:
        raise NotNow("这张小票还在等待打印")
    if slip.state in IN_FLIGHT:
        raise NotNow("这张小票正在打印")
    copies = [from_row(row) for row in tx.db.execute(
        "SELECT * FROM slips WHERE order_id IS ? AND kind = ? AND subject = ? AND issue = ? ORDER BY copy",
        (slip.order_id or None, slip.kind, slip.subject, slip.issue),
    )]  # fmt: skip
    if slip.state is SlipState.UNKNOWN:
        change(tx, slip, SlipState.WITHDRAWN, cause=REPRINTED)
    if copies[-1].state in UNSENT:
        return copies[-1].slip_id
    return _create(
        tx, slip.kind, slip.order_id, issue=slip.issue, copy=copies[-1].copy + 1, subject=slip.subject,
        pinned=slip.pinned, due_at=AT_ONCE, expires_at=None, cause="",
    )  # fmt: skip


def revision_of(reading: Reading, order_id: str) -> int:
    """Of what a slip is rendered from; 0 for a slip of no order."""
    row = reading.db.execute("SELECT revision FROM orders WHERE order_id = ?", (order_id,)).fetchone()
    return 0 if row is None else int(row["revision"])


def begin_sending(tx: Transaction, slip_id: str, printer: str, revision: int) -> Slip | None:
    """The last look before the bytes leave; returns the slip as it is sent. None: the order changed since the slip was
    rendered, or the slip is no longer to be sent (withdrawn, expired, or another printer has it)."""
    slip = get(tx, slip_id)
    expired = slip.expires_at is not None and slip.expires_at <= tx.now
    if slip.state not in UNSENT or expired or revision_of(tx, slip.order_id) != revision:
        return None
    change(tx, slip, SlipState.SENDING, printer=printer)
    return get(tx, slip_id)


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
        "UPDATE slips SET state = ?, cause = ?, evidence = ?, printer = ?, sends = sends + ?, changed_at = ?"
        " WHERE slip_id = ?",
        (state, cause, evidence, printer, state is SlipState.SENDING, tx.now, slip.slip_id),
    )
    _write_down(tx, slip.slip_id, state, cause=cause, evidence=evidence, printer=printer)
    told = ", ".join(said for said in (cause, evidence and f"evidence {evidence}", printer) if said)
    of = {"slip": slip.slip_id, "order": slip.order_id}
    tx.note(log, "slip %s is %s%s", slip.slip_id, state, told and f" ({told})", **of)
    slip_reports.tell(tx, slip.slip_id)
    if slip.order_id and state in (SlipState.PRINTED, SlipState.UNKNOWN):
        _record(tx, slip, state, cause, evidence, printer)
    tx.touch(Topic.SLIPS, Topic.ORDERS, *((Topic.WAITING,) if state in _OTHERS_CARE else ()))


def _record(tx: Transaction, slip: Slip, state: SlipState, cause: str, evidence: Evidence | None, printer: str) -> None:
    """What became of the paper, in the order's trail."""
    trail.record(
        tx, slip.order_id, StepKind.SLIP, slip_id=slip.slip_id, slip=slip.kind, copy=slip.copy, state=state,
        cause=cause, evidence=evidence or "", printer=printer,
    )  # fmt: skip


def resolve(tx: Transaction, slip_id: str, printed: bool) -> None:
    """A person looked: it did print (已打印), or a marked reprint shall (重新打印). Of an order whose work was stopped
    nothing is printed again."""
    slip = get(tx, slip_id)
    if slip.state is not SlipState.UNKNOWN:
        raise NotNow("这张小票不需要确认")
    if printed:
        change(tx, slip, SlipState.PRINTED, cause="clerk")
    elif slip.kind is SlipKind.PICKING and picks.load(tx, slip.order_id).state is PickState.STOPPED:
        change(tx, slip, SlipState.WITHDRAWN, cause=STOPPED)
    else:
        reprint(tx, slip_id)


def seen(tx: Transaction, order_id: str) -> None:
    """Somebody scanned the order's code off a slip. That proves one of unknown fate only where no other paper of this
    order may carry the code."""
    papers = [slip for slip in of_order(tx, order_id) if slip.kind in _BEAR_THE_CODE and may_lie_on_paper(slip)]
    if len(papers) == 1 and papers[0].state is SlipState.UNKNOWN:
        change(tx, papers[0], SlipState.PRINTED, cause="scanned")


def expire(tx: Transaction) -> None:
    """Slips that nobody needs any more by the clock, and that were not sent."""
    for row in tx.db.execute(
        "SELECT * FROM slips WHERE state IN ('accepted', 'held', 'not_printed') AND expires_at <= ?", (tx.now,)
    ).fetchall():
        withdraw_unsent(tx, from_row(row), EXPIRED)


def recover(tx: Transaction) -> int:
    """Once at start, before any printer runs: what was in flight when the program ended is unknown. Nothing proves
    that no byte left: `sending` is committed before the first one, and only the printer saw what came after."""
    rows = tx.db.execute("SELECT * FROM slips WHERE state IN (?, ?)", tuple(IN_FLIGHT)).fetchall()
    for row in rows:
        change(tx, from_row(row), SlipState.UNKNOWN, cause="restart")
    return len(rows)


def doubt(tx: Transaction, slip_id: str) -> None:
    """It may have been printed before the records of it were lost: a person is asked."""
    change(tx, get(tx, slip_id), SlipState.SENDING, cause="lost")
    change(tx, get(tx, slip_id), SlipState.UNKNOWN, cause="lost")


def _create(
    tx: Transaction,
    kind: SlipKind,
    order_id: str,
    *,
    issue: int,
    copy: int,
    subject: str,
    pinned: str,
    due_at: Millis,
    expires_at: Millis | None,
    cause: str,
) -> str:
    slip_id = uuid7(tx.now, tx.randomness)
    if expires_at is None and kind in _HELPS_FOR:
        expires_at = tx.now + _HELPS_FOR[kind]
    tx.db.execute(
        "INSERT INTO slips (slip_id, order_id, kind, issue, copy, subject, pinned, state, cause, due_at, expires_at,"
        " created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            slip_id, order_id or None, kind, issue, copy, subject, pinned, SlipState.ACCEPTED, cause, due_at,
            expires_at, tx.now, tx.now,
        ),
    )  # fmt: skip
    _write_down(tx, slip_id, SlipState.ACCEPTED, cause=cause, evidence=None, printer="")
    of = {"slip": slip_id, "order": order_id}
    which = f"{kind} {issue}" if not copy else f"{kind} {issue}, reprint {copy}"
    tx.note(log, "slip %s (%s) of order %s is accepted", slip_id, which, order_id or "none", **of)
    tx.touch(Topic.SLIPS, Topic.WAITING)
    return slip_id


def withdraw_unsent(tx: Transaction, slip: Slip, cause: str) -> None:
    if slip.state in UNSENT:
        change(tx, slip, SlipState.WITHDRAWN, cause=cause)


def may_lie_on_paper(slip: Slip) -> bool:
    return slip.state in _MAY_LIE_ON_PAPER or (slip.state is SlipState.WITHDRAWN and slip.cause == REPRINTED)


def _write_down(
    tx: Transaction, slip_id: str, state: SlipState, *, cause: str, evidence: Evidence | None, printer: str
) -> None:
    tx.db.execute(
        "INSERT INTO slip_changes (slip_id, state, cause, evidence, printer, at) VALUES (?, ?, ?, ?, ?, ?)",
        (slip_id, state, cause, evidence, printer, tx.now),
    )
