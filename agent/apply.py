"""Applying what the hub says: `seq == cursor + 1`, its effect and the cursor in one transaction (design.md §4).

The same function serves the store's log in the work file and the chain's in the cache file. An event that fails, is
unknown or killed the program is set aside raw (`agent/quarantine.py`), unless it must be understood: then its log stops
before it.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

import msgspec

from agent import attempts, catalogue, code_lists, cursors, personal, policy, prices, quarantine, redoing, stopped_logs
from agent.carrying_out import Failure, carry_out
from agent.cursors import cursor
from agent.effects import exceptions, kept, orders, prescriptions, refunds, stores
from agent.erp import documents as erp_documents
from agent.errors import PageRefused, SealBroken
from agent.staff import colleagues
from agent.transactions import Transaction
from domain import events
from domain.events import Event, EventBody
from domain.protocol import Cursor, Page

__all__ = ["Applied", "apply_page", "cursor", "retry_quarantined"]

log = logging.getLogger(__name__)


class Applied(msgspec.Struct, frozen=True):
    """What became of one page. With `gap` the agent pulls again from the cursor. `stopped` says why the log stands
    before an event that must be understood; empty where it does not."""

    cursor: Cursor
    applied: int = 0
    duplicates: int = 0
    quarantined: int = 0
    gap: bool = False
    stopped: str = ""


def apply_page(tx: Transaction, page: Page) -> Applied:
    """Applies the events of the page that follow the cursor, and moves it. A page of another incarnation of the log
    changes nothing: that one begins with a snapshot (`agent.snapshots`). Raises PageRefused for a page that mixes
    logs."""
    strangers = {event.log for event in page.events} - {page.head.log}
    if strangers:
        raise PageRefused(f"a page of {page.head.log} holds events of {', '.join(sorted(strangers))}")
    known = cursors.cursor(tx, page.head.log)
    if page.reset or known.log_id not in ("", page.head.log_id):
        return Applied(known, gap=True)
    at = msgspec.structs.replace(known, log_id=page.head.log_id)
    applied = duplicates = set_aside = 0
    gap, stopped = False, ""
    for event in page.events:
        if event.seq <= at.seq:
            duplicates += 1
            continue
        if event.seq != at.seq + 1:
            gap = True
            break
        failure = _apply(tx, event)
        if failure is None:
            applied += 1
        elif events.must_understand(event):
            stopped = failure.why
            break
        else:
            quarantine.put(tx, event, failure.why, holds=failure.holds)
            log.error("event %s %d (%s v%d) is set aside: %s", event.log, event.seq, event.kind, event.v, failure.why)
            set_aside += 1
        at = msgspec.structs.replace(at, seq=event.seq)
    if at != known:
        cursors.move(tx, at)
        stopped_logs.clear(tx, at.log)
    if stopped and stopped_logs.put(tx, event, stopped):
        log.error("%s stops before event %d (%s v%d): %s", event.log, event.seq, event.kind, event.v, stopped)
    return Applied(at, applied, duplicates, set_aside, gap, stopped)


def retry_quarantined(tx: Transaction, forced: tuple[str, int] | None = None) -> int:
    """Applies the set-aside events that this program can apply now, in order: at every start, and when a person wants
    it. An event that killed this version too often is tried only where it is `forced` (log, seq). Returns how many were
    applied.

    One that takes effect only after later events did may have undone what they said. Its log is therefore taken from a
    snapshot again.
    """
    applied, held = 0, set[str]()
    overtaken = quarantine.overtaken(tx)
    for event in quarantine.events(tx):
        if event.order_id in held:
            continue
        if forced == (event.log, event.seq):
            attempts.forget(tx, event.log, event.seq)
        failure = _carry_out(tx, event)
        if failure is None:
            quarantine.take_out(tx, event)
            applied += 1
            if (event.log, event.seq) in overtaken:
                cursors.doubt(tx, event.log)
            continue
        quarantine.still_fails(tx, event, failure.why, holds=failure.holds)
        if failure.holds and event.order_id is not None:
            held.add(event.order_id)
    return applied


def _apply(tx: Transaction, event: Event) -> Failure | None:
    _keep_personal(tx, event)
    if quarantine.waits(tx, event.order_id):
        return Failure(quarantine.BEHIND)
    return _carry_out(tx, event)


def _carry_out(tx: Transaction, event: Event) -> Failure | None:
    return carry_out(tx, event, lambda: take_effect(tx, events.decode_body(event)))


def _keep_personal(tx: Transaction, event: Event) -> None:
    try:
        personal.keep(tx, event.personal)
    except SealBroken as error:
        log.error("personal records of event %s %d cannot be sealed: %s", event.log, event.seq, error)


B = TypeVar("B", bound=EventBody)


def take_effect(tx: Transaction, body: EventBody) -> None:
    """Does what the body says, whether it came by the log or by a snapshot."""
    _EFFECTS[type(body)](tx, body)


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
_on(events.StockSet, redoing.put)
_on(events.StoreConfigured, stores.configured)
_on(events.SlipTemplatesSet, stores.templates_set)
_on(events.ErpDocumentKept, erp_documents.keep)
_on(events.OperationKept, kept.kept)
_on(events.DiagnosisWanted, stores.diagnosis_wanted)
_on(events.PolicySet, policy.put)
_on(events.PrescriptionChanged, prescriptions.changed)
_on(events.StaffSet, colleagues.put)
_on(events.RosterSet, colleagues.put_roster)
_on(events.ProductPut, lambda tx, event: catalogue.put(tx, event.product))
_on(events.PricePut, prices.put)
_on(events.CodesListed, code_lists.put)
_on(events.CodesUnlisted, code_lists.drop)
_on(events.RecallPut, lambda tx, event: catalogue.put_recall(tx, event.recall))
