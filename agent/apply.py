"""Applying what the hub says: `seq == cursor + 1`, its effect and the cursor in one transaction (design.md §4).

The same function serves the store's log in the work file and the catalogue in the cache file. An event that is
unknown or fails is kept raw in quarantine. Behind one that failed, later events of the same order wait; a kind that
only a newer program knows holds back nothing, least of all a cancellation.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

import msgspec

from agent import catalogue, cursors, personal, policy, stock
from agent.cursors import cursor
from agent.effects import exceptions, orders, prescriptions, refunds, stores
from agent.engine import sqlite3
from agent.errors import PageRefused, SealBroken
from agent.staff import colleagues
from agent.transactions import Reading, Transaction
from domain import events
from domain.events import Event, EventBody
from domain.protocol import Cursor, Page

__all__ = ["Applied", "apply_page", "cursor", "quarantined", "retry_quarantined"]

log = logging.getLogger(__name__)


class Applied(msgspec.Struct, frozen=True):
    """What became of one page. With `gap` the agent pulls again from the cursor; with `reset` the log began anew."""

    cursor: Cursor
    applied: int = 0
    duplicates: int = 0
    quarantined: int = 0
    gap: bool = False
    reset: bool = False


def apply_page(tx: Transaction, page: Page) -> Applied:
    """All of the page that follows the cursor. A page that mixes logs changes nothing and raises PageRefused."""
    strangers = {event.log for event in page.events} - {page.head.log}
    if strangers:
        raise PageRefused(f"a page of {page.head.log} holds events of {', '.join(sorted(strangers))}")
    at, reset = _start(tx, page)
    applied = duplicates = set_aside = 0
    gap = False
    for event in page.events:
        if event.seq <= at.seq:
            duplicates += 1
            continue
        if event.seq != at.seq + 1:
            gap = True
            break
        if _apply(tx, event):
            applied += 1
        else:
            set_aside += 1
        at = msgspec.structs.replace(at, seq=event.seq)
    if at != cursors.cursor(tx, at.log):
        cursors.move(tx, at)
    return Applied(at, applied, duplicates, set_aside, gap, reset)


def quarantined(reading: Reading) -> int:
    return int(reading.db.execute("SELECT count(*) FROM quarantine").fetchone()[0])


def retry_quarantined(tx: Transaction) -> int:
    """After an update, and at every start: what this program now understands is applied, in order. Returns how many."""
    rows = tx.db.execute("SELECT * FROM quarantine ORDER BY log, seq").fetchall()
    tx.db.execute("DELETE FROM quarantine")
    return sum(_apply(tx, _kept(row)) for row in rows)


def _start(tx: Transaction, page: Page) -> tuple[Cursor, bool]:
    """Another incarnation of the log is read from its floor. What is in the outbox stays there."""
    known = cursors.cursor(tx, page.head.log)
    if not known.log_id and not page.reset:
        return msgspec.structs.replace(known, log_id=page.head.log_id), False
    if not page.reset and known.log_id == page.head.log_id:
        return known, False
    log.warning("%s begins anew (%s, was %s at %d)", known.log, page.head.log_id, known.log_id or "new", known.seq)
    return Cursor(page.head.log, page.head.log_id, page.head.floor), True


def _apply(tx: Transaction, event: Event) -> bool:
    """False when it was set aside. A file that fails is no fault of the event and stops the page."""
    _keep_personal(tx, event)
    if _waits(tx, event):
        _set_aside(tx, event, "an earlier event of this order failed", holds=True)
        return False
    try:
        with tx.savepoint():
            body = events.decode_body(event)
            _EFFECTS[type(body)](tx, body)
    except (sqlite3.OperationalError, MemoryError):
        raise
    except events.UnknownKind as unknown:
        log.error("event %s %d is set aside: %s is unknown to this version", event.log, event.seq, unknown)
        _set_aside(tx, event, f"unknown kind: {unknown}", holds=False)
        return False
    except Exception as error:
        log.exception("event %s %d (%s v%d) is set aside", event.log, event.seq, event.kind, event.v)
        _set_aside(tx, event, f"{type(error).__name__}: {error}", holds=True)
        return False
    return True


def _keep_personal(tx: Transaction, event: Event) -> None:
    try:
        personal.keep(tx, event.personal)
    except SealBroken as error:
        log.error("personal records of event %s %d cannot be sealed: %s", event.log, event.seq, error)


def _waits(tx: Transaction, event: Event) -> bool:
    """The order of events within one order is kept."""
    if event.order_id is None:
        return False
    return (
        tx.db.execute("SELECT 1 FROM quarantine WHERE order_id = ? AND holds", (event.order_id,)).fetchone() is not None
    )


def _set_aside(tx: Transaction, event: Event, why: str, *, holds: bool) -> None:
    tx.db.execute(
        "INSERT INTO quarantine (log, seq, kind, v, at, body, order_id, holds, why, set_aside_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " body = excluded.body, holds = excluded.holds, why = excluded.why",
        (event.log, event.seq, event.kind, event.v, event.at, bytes(event.body), event.order_id, holds, why, tx.now),
    )


def _kept(row: sqlite3.Row) -> Event:
    return Event(
        log=row["log"],
        seq=row["seq"],
        kind=row["kind"],
        v=row["v"],
        at=row["at"],
        body=msgspec.Raw(row["body"]),
        order_id=row["order_id"],
    )


B = TypeVar("B", bound=EventBody)
_EFFECTS: dict[type[EventBody], Callable[[Transaction, EventBody], None]] = {}


def _on(kind: type[B], effect: Callable[[Transaction, B], None]) -> None:
    def run(tx: Transaction, body: EventBody) -> None:
        if isinstance(body, kind):
            effect(tx, body)

    _EFFECTS[kind] = run


_on(events.OrderPlaced, orders.placed)
_on(events.OrderChanged, orders.changed)
_on(events.OrderAdvanced, orders.advanced)
_on(events.OrderCancelled, orders.cancelled)
_on(events.OrderUrged, orders.urged)
_on(events.RiderMoved, orders.rider_moved)
_on(events.RefundChanged, refunds.changed)
_on(events.ExceptionOpened, exceptions.opened)
_on(events.ExceptionClosed, exceptions.closed)
_on(events.StockSet, stock.put)
_on(events.StoreConfigured, stores.configured)
_on(events.SlipTemplatesSet, stores.templates_set)
_on(events.PolicySet, policy.put)
_on(events.PrescriptionChanged, prescriptions.changed)
_on(events.StaffSet, colleagues.put)
_on(events.RosterSet, colleagues.put_roster)
_on(events.ProductPut, lambda tx, event: catalogue.put(tx, event.product))
_on(events.RecallPut, lambda tx, event: catalogue.put_recall(tx, event.recall))
