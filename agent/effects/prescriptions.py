"""Prescriptions as headquarters tells of them: new, with more images, decided there, or to be looked at again."""

import logging

from agent import blobs, prescriptions
from agent.prescriptions import records
from agent.prescriptions.records import Record
from agent.prescriptions.tracing import record_came, record_decision
from agent.transactions import Transaction
from domain.events import PrescriptionChanged
from domain.prescriptions import Decision, Prescription
from domain.staff import Actor

log = logging.getLogger(__name__)


def changed(tx: Transaction, event: PrescriptionChanged) -> None:
    """Their images are fetched from now on."""
    told, before = event.prescription, records.find(tx, event.prescription.prescription_id)
    blobs.wanted(tx, told.order_id, told.images)
    records.put(tx, told)
    if before is None:
        record_came(tx, told)
    elif before.own is not None and _is_over(before.own, before, told):
        records.put_own(tx, told.prescription_id, None)
    if told.decision is not None:
        _take_decision(tx, told, told.decision, before)
    what = told.prescription_id
    tx.note(log, "prescription %s of order %s is %s", what, told.order_id, told.state, order=told.order_id)
    prescriptions.follow(tx, told.order_id)


def _take_decision(tx: Transaction, told: Prescription, decision: Decision, before: Record | None) -> None:
    if before is None or not (_same(decision, before.own) or _same(decision, before.told.decision)):
        record_decision(tx, told, decision, Actor("", decision.staff_id, decision.name))
    if decision.approved:
        records.note_approval(tx, told.prescription_id)


def _is_over(own: Decision, before: Record, told: Prescription) -> bool:
    """Our own word ends where headquarters' holds it, and where it was about other images than there are now."""
    return _same(own, told.decision) or set(before.told.images) != set(told.images)


def _same(one: Decision, other: Decision | None) -> bool:
    return other is not None and (one.staff_id, one.at, one.approved) == (other.staff_id, other.at, other.approved)
