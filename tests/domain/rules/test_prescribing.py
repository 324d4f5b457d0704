"""The gate of prescriptions: one way in, and a name for every way it stays shut."""

import msgspec
import pytest

from domain.orders import OrderLine
from domain.policy import ChainPolicy
from domain.prescriptions import Decision, Prescription, PrescriptionState, coverage
from domain.quantity import ONE, units
from domain.rules import Reviewed, Rule, gate
from domain.staff import OnDuty
from tests.domain.rules.shelf import PICK

NOON = 1_795_233_600_000
DECISION = Decision(True, "p1", "药师", "L-1", NOON, coverage(PICK.lines), "S1")
APPROVED = Prescription("rx1", "o1", PrescriptionState.APPROVED, decision=DECISION)
UNSAID = ChainPolicy()
DUTY = OnDuty("p1", "药师", NOON - 1, NOON + 1)


def asked(
    *prescriptions: Prescription,
    duties: tuple[OnDuty, ...] = (DUTY,),
    lines: tuple[OrderLine, ...] = PICK.lines,
    picked_by: frozenset[str] = frozenset(),
    started_at: int | None = None,
    policy: ChainPolicy = UNSAID,
) -> Rule:
    reviewed = Reviewed(prescriptions, duties)
    shut = gate(True, lines, reviewed, picked_by=picked_by, started_at=started_at, policy=policy)
    assert shut.open is (shut.rule is Rule.TAKEN) and (shut.open or (shut.sentence and shut.english))
    return shut.rule


def decided(**changes: object) -> Prescription:
    return msgspec.structs.replace(APPROVED, decision=msgspec.structs.replace(DECISION, **changes))


def test_an_order_without_prescription_drugs_needs_none() -> None:
    assert gate(False, PICK.lines, Reviewed()).open


def test_an_approval_that_covers_everything_opens() -> None:
    assert asked(APPROVED) is Rule.TAKEN
    assert asked(msgspec.structs.replace(APPROVED, state=PrescriptionState.WAITING), APPROVED) is Rule.TAKEN


@pytest.mark.parametrize(
    ("prescription", "expected"),
    [
        (msgspec.structs.replace(APPROVED, state=PrescriptionState.WAITING), Rule.PRESCRIPTION),
        (msgspec.structs.replace(APPROVED, state=PrescriptionState.REFUSED), Rule.PRESCRIPTION_REFUSED),
        (msgspec.structs.replace(APPROVED, decision=None), Rule.PRESCRIPTION),
        (msgspec.structs.replace(APPROVED, used_by="o2"), Rule.PRESCRIPTION_USED),
        (decided(approved=False), Rule.PRESCRIPTION),
        (decided(covers=coverage(PICK.lines[:1])), Rule.PRESCRIPTION_CHANGED),
        (decided(licence=""), Rule.PRESCRIPTION_DUTY),
        (decided(at=NOON + 1), Rule.PRESCRIPTION_DUTY),
    ],
)
def test_what_opens_nothing(prescription: Prescription, expected: Rule) -> None:
    assert asked(prescription) is expected


def test_four_eyes_and_before_the_pick() -> None:
    assert asked() is Rule.PRESCRIPTION
    assert asked(APPROVED, picked_by=frozenset({"p1"})) is Rule.PRESCRIPTION_SELF
    assert asked(APPROVED, started_at=NOON - 1) is Rule.PRESCRIPTION_LATE
    assert asked(APPROVED, started_at=NOON) is Rule.TAKEN
    assert asked(APPROVED, duties=()) is Rule.PRESCRIPTION_DUTY


def test_less_of_the_same_is_covered_and_more_is_not() -> None:
    first, second = PICK.lines
    assert asked(APPROVED, lines=(msgspec.structs.replace(first, struck=ONE), second)) is Rule.TAKEN
    more = msgspec.structs.replace(first, quantity=units(3))
    assert asked(APPROVED, lines=(more, second)) is Rule.PRESCRIPTION_CHANGED


def test_the_patient_is_verified_where_the_chain_says_so() -> None:
    policy = ChainPolicy(patient_verified=True)
    assert asked(APPROVED, policy=policy) is Rule.PRESCRIPTION_PATIENT
    assert gate(True, PICK.lines, Reviewed((APPROVED,), (DUTY,), True), policy=policy).open
