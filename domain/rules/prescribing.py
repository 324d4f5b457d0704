"""The prescription gate: 先方后药 (R10). Nothing of the order is picked before it is open."""

from collections.abc import Iterable, Sequence

import msgspec

from domain.orders import OrderLine
from domain.policy import ChainPolicy
from domain.prescriptions import Decision, Prescription, PrescriptionState, covered
from domain.rules import book
from domain.rules.answers import OPEN, Gate
from domain.rules.ids import Rule
from domain.staff import OnDuty
from domain.times import Millis

_UNSAID = ChainPolicy()


class Reviewed(msgspec.Struct, frozen=True):
    """What the store knows of an order's prescriptions."""

    prescriptions: tuple[Prescription, ...] = ()
    duties: tuple[OnDuty, ...] = ()
    """Pharmacists' times of duty, of this store and of headquarters."""
    patient_verified: bool = False


def gate(
    needed: bool,
    lines: Iterable[OrderLine],
    reviewed: Reviewed,
    *,
    picked_by: frozenset[str] = frozenset(),
    started_at: Millis | None = None,
    policy: ChainPolicy = _UNSAID,
) -> Gate:
    """`needed`: the order has a prescription drug. `picked_by` are those who pick or picked it. `started_at`: when
    picking began, where it began without an approval."""
    if not needed:
        return OPEN
    wanted = tuple(lines)
    answers = [_one(each, wanted, reviewed, picked_by, started_at) for each in reviewed.prescriptions]
    rule = Rule.TAKEN if Rule.TAKEN in answers else _first(answers)
    if rule is Rule.TAKEN and policy.patient_verified and not reviewed.patient_verified:
        rule = Rule.PRESCRIPTION_PATIENT
    return book.gate(rule)


def _one(
    prescription: Prescription,
    lines: tuple[OrderLine, ...],
    reviewed: Reviewed,
    picked_by: frozenset[str],
    started_at: Millis | None,
) -> Rule:
    decision = prescription.decision
    if prescription.used_by:
        return Rule.PRESCRIPTION_USED
    if prescription.state is PrescriptionState.REFUSED:
        return Rule.PRESCRIPTION_REFUSED
    if prescription.state is not PrescriptionState.APPROVED or decision is None or not decision.approved:
        return Rule.PRESCRIPTION
    if not covered(decision.covers, lines):
        return Rule.PRESCRIPTION_CHANGED
    if not _by_a_pharmacist(decision, reviewed.duties):
        return Rule.PRESCRIPTION_DUTY
    if decision.staff_id in picked_by:
        return Rule.PRESCRIPTION_SELF
    return Rule.PRESCRIPTION_LATE if started_at is not None and decision.at > started_at else Rule.TAKEN


def _by_a_pharmacist(decision: Decision, duties: Sequence[OnDuty]) -> bool:
    """Licensed, and on duty when they decided, at this store or at headquarters."""
    return bool(decision.licence) and any(
        duty.staff_id == decision.staff_id and duty.covers(decision.at) for duty in duties
    )


def _first(answers: Sequence[Rule]) -> Rule:
    """What to tell when none is good: the one nearest to being so."""
    order = (
        Rule.PRESCRIPTION_CHANGED,
        Rule.PRESCRIPTION_SELF,
        Rule.PRESCRIPTION_LATE,
        Rule.PRESCRIPTION_DUTY,
        Rule.PRESCRIPTION,
        Rule.PRESCRIPTION_USED,
        Rule.PRESCRIPTION_REFUSED,
    )
    return min(answers, key=order.index, default=Rule.PRESCRIPTION)
