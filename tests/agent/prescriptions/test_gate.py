"""先方后药: nothing of a prescription order may be picked before a pharmacist's approval covers it."""

import msgspec
import pytest

from agent import outbox, picks, trail
from agent.files import WorkFile
from agent.prescriptions import deciding
from agent.transactions import Transaction
from domain.events import OrderChanged, OrderPlaced, PolicySet, RefundChanged
from domain.operations import PrescriptionDecided, decode_body
from domain.picks import Binding, PickState
from domain.policy import ChainPolicy
from domain.prescriptions import PrescriptionPerson, PrescriptionState
from domain.protocol import Outcome, OutcomeState
from domain.quantity import ONE, units
from domain.refunds import Refund, RefundLine, RefundState
from domain.rules import Rule
from domain.trail import StepKind, flaws
from tests.agent.core.hub import IBUPROFEN, NOON, line, order
from tests.agent.prescriptions.conftest import (
    IMAGE,
    PHARMACIST,
    PICKER,
    SECOND,
    Store,
    VirtualClock,
    decided,
    on_duty,
    rx,
)


def put_into_the_bag(store: Store, staff_id: str = PICKER.staff_id) -> None:
    def step(tx: Transaction) -> None:
        pick = picks.load(tx, "o1")
        if pick.state is PickState.ASSIGNED:
            picks.advance(tx, pick, PickState.PICKING)
        picks.bind(tx, "o1", Binding(1, None, ONE, staff_id=staff_id), scan_id=None)

    store.work.write(step)


def states(work: WorkFile, order_id: str = "o1") -> list[str]:
    """What the trail says of prescriptions."""
    steps = work.read(lambda reading: trail.steps(reading, order_id))
    assert flaws(steps) == []
    return [msgspec.json.decode(step.detail)["state"] for step in steps if step.kind is StepKind.PRESCRIPTION]


def test_an_order_without_prescription_is_not_kept(store: Store) -> None:
    store.hub.tell(OrderPlaced(order("o2")))
    assert store.gate("o2").open


def test_it_waits_even_before_headquarters_told_of_a_prescription(store: Store) -> None:
    store.hub.tell(OrderPlaced(order("o1", prescription=True)), OrderPlaced(order("o2", line(prescription=True))))
    assert store.gate("o1").rule is store.gate("o2").rule is Rule.PRESCRIPTION
    assert store.gate().sentence.startswith("处方未审核，不能拣货")


def test_an_approval_here_opens_it_at_once_and_headquarters_is_told(store: Store, work: WorkFile) -> None:
    store.place()
    assert store.gate().rule is Rule.PRESCRIPTION
    store.decide()
    assert store.gate().open
    [told] = [decode_body(one) for one in work.read(outbox.pending) if one.kind == PrescriptionDecided.kind]
    assert isinstance(told, PrescriptionDecided)
    assert (told.decision.staff_id, told.decision.licence, told.decision.store) == ("p1", "ZY1", "S1")
    assert states(work) == ["came", "image", "approved"]
    step = work.read(lambda reading: trail.steps(reading, "o1"))[-1]
    assert (step.staff_id, step.name, step.station) == ("p1", "王药师", "page:1")
    assert msgspec.json.decode(step.detail)["images"] == [IMAGE.digest]


def test_a_refusal_needs_a_reason_and_shuts_it(store: Store, work: WorkFile) -> None:
    store.place()
    store.decide(False, reason="处方图片不清")
    assert store.gate().rule is Rule.PRESCRIPTION_REFUSED
    assert states(work)[-1] == "refused"


def test_headquarters_may_approve_and_refuse(store: Store, work: WorkFile) -> None:
    store.place()
    store.tell(decided())
    assert store.gate().open
    put_into_the_bag(store)
    store.tell(decided(SECOND, approved=False, at=NOON + 1))
    assert store.gate().rule is Rule.PRESCRIPTION_REFUSED, "while it is picked as well"
    assert states(work) == ["came", "image", "approved", "refused"]


def test_a_word_that_counts_no_more_opens_nothing(store: Store) -> None:
    store.place()
    store.tell(msgspec.structs.replace(decided(), state=PrescriptionState.WAITING))
    assert store.gate().rule is Rule.PRESCRIPTION


def test_an_event_read_again_says_nothing_twice(store: Store, work: WorkFile) -> None:
    store.place()
    for _ in range(2):
        store.tell(decided())
    assert states(work) == ["came", "image", "approved"]


def test_the_pharmacist_may_not_pick_what_he_approved(store: Store) -> None:
    store.place()
    store.decide(by=SECOND)
    assert store.gate(picker=PICKER.staff_id).open
    assert store.gate(picker=SECOND.staff_id).rule is Rule.PRESCRIPTION_SELF
    put_into_the_bag(store, SECOND.staff_id)
    assert store.gate().rule is Rule.PRESCRIPTION_SELF


@pytest.mark.parametrize(
    "lines",
    [
        (line(), line(2, IBUPROFEN)),
        (line(count=2),),
        (line(1, IBUPROFEN),),
    ],
    ids=["another", "more", "instead"],
)
def test_other_goods_or_more_must_be_looked_at_again(store: Store, work: WorkFile, lines: tuple[object, ...]) -> None:
    store.place()
    store.decide()
    put_into_the_bag(store)
    changed = msgspec.structs.replace(order("o1", prescription=True), lines=lines)
    store.hub.tell(OrderChanged(changed))
    assert store.gate().rule is Rule.PRESCRIPTION_CHANGED
    assert states(work)[-1] == "again"
    store.decide(by=SECOND)
    assert store.gate().open, "the first approval came before picking: the second is not late"


def test_less_of_the_same_goes_on(store: Store, work: WorkFile) -> None:
    store.hub.tell(OrderPlaced(order("o1", line(count=3), line(2, IBUPROFEN), prescription=True)))
    store.tell(rx())
    store.image_comes()
    store.decide()
    refund = Refund(
        "r1", "o1", False, RefundState.AGREED, 100, NOON, (RefundLine(1, units(1)), RefundLine(2, units(1)))
    )
    store.hub.tell(RefundChanged(refund, struck={1: units(1), 2: units(1)}))
    assert store.gate().open
    assert "again" not in states(work)


def test_what_was_taken_before_any_approval_must_go_back_first(
    store: Store, work: WorkFile, clock: VirtualClock
) -> None:
    """The order became a prescription order while it was picked."""
    store.hub.tell(OrderPlaced(order("o1")))
    put_into_the_bag(store)
    clock.advance(1)
    store.hub.tell(OrderChanged(order("o1", prescription=True)))
    store.tell(decided())
    assert store.gate().rule is Rule.PRESCRIPTION_LATE
    work.write(lambda tx: picks.release_last(tx, "o1", None))
    assert store.gate().open


def test_it_stays_open_when_the_roster_of_that_hour_is_forgotten(store: Store) -> None:
    store.place()
    store.decide()
    store.hub.tell(on_duty())
    assert store.gate().open


def test_the_patient_must_be_known_where_the_chain_says_so(store: Store, work: WorkFile) -> None:
    store.place()
    store.tell(decided(), PrescriptionPerson("欧阳锋"))
    assert store.gate().open
    store.hub.tell(PolicySet(ChainPolicy(patient_verified=True)))
    assert store.gate().rule is Rule.PRESCRIPTION_PATIENT
    work.write(lambda tx: deciding.verify_patient(tx, "rx1", PICKER, "page:1"))
    assert store.gate().open
    assert states(work)[-1] == "verified"


class TestTwoWords:
    """The store decides with the line cut while headquarters decides too."""

    def heard(self, store: Store) -> None:
        pending = store.work.read(outbox.pending)
        store.work.write(lambda tx: outbox.settle(tx, [Outcome(one.key, OutcomeState.DONE) for one in pending]))

    def test_a_refusal_holds_whoever_said_it(self, store: Store) -> None:
        store.place()
        store.decide(False, reason="处方过期")
        store.tell(decided(SECOND))
        assert store.gate().rule is Rule.PRESCRIPTION_REFUSED

        store.place("o2", "rx2", content="c2")
        store.decide(id="rx2")
        refusal = msgspec.structs.replace(decided(SECOND, approved=False), prescription_id="rx2", order_id="o2")
        store.tell(refusal)
        assert store.gate("o2").rule is Rule.PRESCRIPTION_REFUSED

    def test_once_headquarters_heard_both_its_word_counts(self, store: Store) -> None:
        store.place()
        store.decide(False, reason="处方过期")
        self.heard(store)
        store.tell(decided(SECOND))
        assert store.gate().open

    def test_headquarters_repeats_our_word_and_it_is_one(self, store: Store, work: WorkFile) -> None:
        store.place()
        store.decide()
        own = store.record().own
        assert own is not None
        store.tell(rx(state=PrescriptionState.APPROVED, decision=own))
        assert store.record().own is None
        assert store.gate().open
        assert states(work) == ["came", "image", "approved"]
        store.tell(rx())
        assert store.gate().rule is Rule.PRESCRIPTION, "headquarters waits again"

    def test_what_headquarters_tells_meanwhile_does_not_undo_ours(self, store: Store) -> None:
        store.place()
        store.decide()
        store.tell(rx(number="12"))
        assert store.gate().open

    def test_another_image_asks_for_another_look(self, store: Store) -> None:
        store.place()
        store.decide()
        store.tell(rx(images=(IMAGE, msgspec.structs.replace(IMAGE, digest="ab" * 32))))
        assert store.gate().rule is Rule.PRESCRIPTION


def test_a_decision_without_licence_opens_nothing(store: Store) -> None:
    store.place()
    store.tell(decided(msgspec.structs.replace(PHARMACIST, licence="")))
    assert store.gate().rule is Rule.PRESCRIPTION_DUTY
    store.decide()
    assert store.gate().open
