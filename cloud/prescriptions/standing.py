"""How a prescription stands: one answer from all that is known of it, in whatever order it came in."""

import msgspec

from cloud import audit, exceptions, orders
from cloud.orders import Known
from cloud.prescriptions import records, reuse
from cloud.prescriptions.records import Given, Record
from cloud.transaction import Transaction
from domain.exceptions import ExceptionKind
from domain.orders import Order, OrderState
from domain.prescriptions import Prescription, PrescriptionState, coverage, covered, fingerprint


def review(tx: Transaction, known: Known, *, new: bool = False, believed: Prescription | None = None) -> None:
    """To be called when anything changed that it depends on. `believed` is how the store has it, where that differs
    from what it was told."""
    record = records.of_order(tx, known.order.order_id)
    if record is None:
        return
    before = record.prescription
    given, now = _as_it_stands(tx, known, record)
    if now != before or new:
        records.put_standing(tx, now, given)
        audit.append(tx, record.store, "hub", "prescription.changed", now.order_id, _said(now))
    if now != before or now != (believed or before) or new:
        records.tell(tx, known, now)
    _settle_exceptions(tx, known, before, now)


def _as_it_stands(tx: Transaction, known: Known, record: Record) -> tuple[Given | None, Prescription]:
    before = record.prescription
    over = known.order.state is OrderState.CANCELLED
    given = stands(record.counted, known.order)
    used_by = before.used_by if over else reuse.first_with(tx, record)
    if used_by and given is not None and given.decision.approved:
        given = None
    now = msgspec.structs.replace(
        before,
        state=_state(given),
        content=fingerprint(before.images, record.provider, before.number),
        decision=given.decision if given is not None else None,
        used_by=used_by,
    )
    return given, now


def stands(decisions: list[Given], order: Order) -> Given | None:
    """A refusal of these very goods beats every approval; else the earliest approval that covers them."""
    goods = coverage(order.lines)
    refusals = [one for one in decisions if not one.decision.approved and one.decision.covers == goods]
    approvals = [one for one in decisions if one.decision.approved and covered(one.decision.covers, order.lines)]
    return min(refusals or approvals, key=_by_time, default=None)


def _by_time(given: Given) -> tuple[int, str, str]:
    """Clocks order nothing; they only make everybody choose the same of two that say the same."""
    return given.decision.at, given.decision.staff_id, given.decision.store


def _state(given: Given | None) -> PrescriptionState:
    if given is None:
        return PrescriptionState.WAITING
    return PrescriptionState.APPROVED if given.decision.approved else PrescriptionState.REFUSED


def _said(now: Prescription) -> str:
    by = f" by {now.decision.staff_id} {now.decision.licence}".rstrip() if now.decision is not None else ""
    used = f", used by {now.used_by}" if now.used_by else ""
    return f"{now.prescription_id} {now.state}{by}, {len(now.images)} images, content {now.content or '-'}{used}"


def _settle_exceptions(tx: Transaction, known: Known, before: Prescription, now: Prescription) -> None:
    """Opened when it comes to that, however far the order is; closed when its cause is gone, or its order is."""
    over = known.order.state is OrderState.CANCELLED
    for kind, was, holds in (
        (ExceptionKind.PRESCRIPTION_REFUSED, _refused(before), _refused(now)),
        (ExceptionKind.PRESCRIPTION_REUSED, bool(before.used_by), bool(now.used_by)),
    ):
        if over or not holds:
            exceptions.close_kinds(tx, known.order, {kind})
        elif not was:
            exceptions.open_or_widen(tx, known.order.store, now.order_id, kind)


def _refused(prescription: Prescription) -> bool:
    return prescription.state is PrescriptionState.REFUSED


def cancelled(tx: Transaction, known: Known, *, gone: bool) -> None:
    """After its order was. What it was first with is free again, unless the goods had left the store."""
    review(tx, known)
    if gone:
        return
    for order_id in reuse.let_go(tx, known.order.order_id):
        review(tx, orders.load(tx, order_id))
