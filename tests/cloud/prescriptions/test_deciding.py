"""Who decided, where, and what stands: a refusal beats an approval, and an approval covers what was looked at."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud import audit, operations, tables
from cloud.channels.base import CallKind, Cancelled, Changed, HeardPrescription, Refunded, RefundedLine
from cloud.errors import DecisionRefused, UnknownPrescription
from cloud.prescriptions import deciding, records
from cloud.prescriptions.deciding import Verdict
from domain.events import ExceptionClosed, ExceptionOpened
from domain.exceptions import Choice, ExceptionKind
from domain.operations import PickStarted, PrescriptionDecided, SettleException, TrailGrown
from domain.prescriptions import REFUSALS, PrescriptionState
from domain.protocol import OutcomeState
from domain.quantity import units
from domain.refunds import RefundState
from domain.trail import BEGINNING, Step, StepKind, link
from tests.cloud.hub import CHAIN, OTHER_STORE, Hub, channel_order
from tests.cloud.prescriptions import rx
from tests.cloud.prescriptions.rx import by_headquarters, by_store, ordered, picture

WAITING, APPROVED, REFUSED = PrescriptionState


@pytest.fixture
def order_id(hub: Hub) -> str:
    return ordered(hub, 1, ("sku1", 2), ("sku2", 1), images=(picture("front"),))


def state(hub: Hub, order_id: str) -> PrescriptionState:
    return rx.now(hub, order_id).state


def opened(hub: Hub, kind: ExceptionKind) -> list[str]:
    """Orders with an exception of this kind that is open."""
    return [row.order_id for row in hub.rows(tables.exceptions) if row.kind == kind and row.closed_at is None]


def test_a_store_approves(hub: Hub, order_id: str) -> None:
    decision = by_store(hub, order_id, True)
    now = rx.now(hub, order_id)
    assert (now.state, now.decision) == (APPROVED, decision)
    assert rx.told(hub, order_id)[-1] == now, "a store that lost its data learns it again"


def test_headquarters_approves_and_the_store_is_told(hub: Hub, order_id: str) -> None:
    by_headquarters(hub, order_id)
    said = rx.told(hub, order_id)[-1]
    assert said.state is APPROVED and said.decision is not None
    assert (said.decision.staff_id, said.decision.licence, said.decision.store) == ("P1", "ZY2201", "")
    assert said.decision.covers == rx.goods(hub, order_id)


def test_every_word_is_in_the_chained_audit(hub: Hub, order_id: str) -> None:
    by_store(hub, order_id, True)
    said = [row.detail for row in hub.rows(tables.audit) if row.action == "prescription.decided"]
    content = rx.now(hub, order_id).content
    assert len(said) == 1 and "approved by S1 ZY1" in said[0] and content in said[0]
    with hub.database.read() as connection:
        assert audit.verify(connection, CHAIN) == []


def test_a_refusal_asks_whether_the_order_is_given_back(hub: Hub, order_id: str) -> None:
    by_headquarters(hub, order_id, False, reason=REFUSALS[2])
    now = rx.now(hub, order_id)
    assert now.state is REFUSED and now.decision is not None and now.decision.reason == REFUSALS[2]
    assert opened(hub, ExceptionKind.PRESCRIPTION_REFUSED) == [order_id]


def test_the_customer_reads_why_it_is_given_back(hub: Hub, order_id: str) -> None:
    by_headquarters(hub, order_id, False)
    (exception,) = [row for row in hub.rows(tables.exceptions) if row.order_id == order_id]
    hub.do(SettleException(exception.exception_id, order_id, Choice.CANCEL))
    bodies = [row.body for row in hub.rows(tables.calls) if row.kind == CallKind.CANCEL]
    assert len(bodies) == 1 and "处方未通过审核".encode() in bodies[0]


def test_a_store_that_approved_what_was_refused_here_is_told_so(hub: Hub, order_id: str) -> None:
    by_headquarters(hub, order_id, False)
    before = len(rx.told(hub, order_id))
    by_store(hub, order_id, True)
    assert state(hub, order_id) is REFUSED
    assert [one.state for one in rx.told(hub, order_id)[before:]] == [REFUSED]
    assert len(rx.record(hub, order_id).decisions) == 2, "both are kept"


def test_the_same_word_twice_is_one(hub: Hub, order_id: str) -> None:
    decision = by_store(hub, order_id, True)
    again = PrescriptionDecided(order_id, rx.now(hub, order_id).prescription_id, decision)
    assert hub.do(again, key="another key").state is OutcomeState.DONE
    assert len(rx.record(hub, order_id).decisions) == 1


def test_another_stores_prescription_is_not_its_to_decide(hub: Hub, order_id: str) -> None:
    decision = by_store(hub, order_id, True)
    foreign = ordered(hub, 2, images=(picture("other"),))
    fact = PrescriptionDecided(foreign, rx.now(hub, foreign).prescription_id, decision)
    assert hub.do(fact, store=OTHER_STORE).state is OutcomeState.DONE, "a fact is never refused"
    assert state(hub, foreign) is WAITING
    assert hub.do(PrescriptionDecided(foreign, "made up", decision)).state is OutcomeState.DONE
    assert state(hub, foreign) is WAITING


def test_more_asks_for_another_look_and_less_does_not(hub: Hub, order_id: str) -> None:
    by_store(hub, order_id, True)
    hub.say(1, Changed("1", channel_order(1, ("sku1", 1), ("sku2", 1))), "changed:less")
    assert state(hub, order_id) is APPROVED
    hub.say(1, Changed("1", channel_order(1, ("sku1", 3), ("sku2", 1))), "changed:more")
    assert state(hub, order_id) is WAITING
    assert rx.told(hub, order_id)[-1].state is WAITING
    by_headquarters(hub, order_id)
    assert state(hub, order_id) is APPROVED


def test_a_part_refund_needs_no_other_look(hub: Hub, order_id: str) -> None:
    by_store(hub, order_id, True)
    part = Refunded("1", "r", RefundState.AGREED, False, 100, (RefundedLine("sku1", units(1)),), "", None, None)
    hub.say(1, part, "refund:1")
    assert state(hub, order_id) is APPROVED


def test_a_refusal_is_about_the_goods_it_saw(hub: Hub, order_id: str) -> None:
    by_store(hub, order_id, False)
    hub.say(1, Changed("1", channel_order(1, ("sku1", 1))), "changed:less")
    assert state(hub, order_id) is WAITING
    assert opened(hub, ExceptionKind.PRESCRIPTION_REFUSED) == []
    assert hub.told(ExceptionOpened) and hub.told(ExceptionClosed)


def test_a_new_image_after_a_refusal_is_looked_at(hub: Hub, order_id: str) -> None:
    by_headquarters(hub, order_id, False)
    heard = HeardPrescription(images=(picture("a sharper photo"),))
    lines = (("sku1", 2), ("sku2", 1))
    hub.say(1, Changed("1", rx.medicine(1, *lines, heard=heard)), "changed:image")
    assert state(hub, order_id) is WAITING
    by_headquarters(hub, order_id)
    assert state(hub, order_id) is APPROVED


def test_a_mistaken_refusal_is_taken_back(hub: Hub, order_id: str) -> None:
    by_headquarters(hub, order_id, False)
    prescription_id = rx.now(hub, order_id).prescription_id
    with hub.transaction() as tx:
        deciding.look_again(tx, prescription_id, actor="operator")
    assert state(hub, order_id) is WAITING
    assert opened(hub, ExceptionKind.PRESCRIPTION_REFUSED) == []
    assert len(rx.record(hub, order_id).decisions) == 1, "it stays known"


def step(order_id: str, kind: StepKind, staff_id: str) -> Step:
    one = Step(order_id, 1, 5, kind, staff_id, "某人", "page:1", "", "{}", "")
    return msgspec.structs.replace(one, hash=link(BEGINNING, one))


@pytest.mark.parametrize("took", [StepKind.STARTED, StepKind.SCANNED, StepKind.WAIVED, StepKind.TAKEN_BY_HAND])
def test_whoever_picked_it_cannot_review_it(hub: Hub, order_id: str, took: StepKind) -> None:
    by_store(hub, order_id, True)
    hub.do(TrailGrown(order_id, (step(order_id, took, "P1"),)))
    hub.say(1, Changed("1", channel_order(1, ("sku1", 4))), "changed:more")
    with pytest.raises(DecisionRefused, match="拣货人"):
        by_headquarters(hub, order_id)
    assert state(hub, order_id) is WAITING


def test_nothing_is_approved_after_picking_began_without_it(hub: Hub, order_id: str) -> None:
    with hub.transaction() as tx:
        operation = msgspec.structs.replace(hub.operation(PickStarted(order_id)), order_id=order_id)
        operations.apply(tx, hub.agent(), operation)
    with pytest.raises(DecisionRefused, match="先让门店退回"):
        by_headquarters(hub, order_id)
    hub.do(TrailGrown(order_id, (step(order_id, StepKind.GIVEN_BACK, "C1"),)))
    by_headquarters(hub, order_id)


@pytest.mark.parametrize("verdict", [Verdict(True, "something else"), Verdict(False, "", REFUSALS[0])])
def test_what_changed_meanwhile_is_looked_at_again(hub: Hub, order_id: str, verdict: Verdict) -> None:
    prescription_id = rx.now(hub, order_id).prescription_id
    with pytest.raises(DecisionRefused, match="重新核对"), hub.transaction() as tx:
        deciding.decide(tx, prescription_id, rx.PHARMACIST, verdict, actor="operator")


def test_a_refusal_needs_one_of_the_reasons(hub: Hub, order_id: str) -> None:
    with pytest.raises(DecisionRefused, match="原因") as caught:
        by_headquarters(hub, order_id, False, reason="她有糖尿病")
    assert REFUSALS[0] in caught.value.hint


def test_there_must_be_something_to_look_at(hub: Hub) -> None:
    bare = ordered(hub, 2)
    with pytest.raises(DecisionRefused, match="图片未到"):
        by_headquarters(hub, bare)
    by_headquarters(hub, ordered(hub, 3, rx="RX-3"))


def test_what_is_over_is_not_decided(hub: Hub, order_id: str) -> None:
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    with pytest.raises(DecisionRefused, match="已结束"):
        by_headquarters(hub, order_id)
    decided = ordered(hub, 2, images=(picture("two"),))
    by_headquarters(hub, decided)
    with pytest.raises(DecisionRefused, match="已审核"):
        by_headquarters(hub, decided)
    with pytest.raises(UnknownPrescription), hub.transaction() as tx:
        records.locked(tx, "made up")


Word = tuple[str, int]
WORDS: tuple[Word, ...] = (("approved", 3), ("approved", 2), ("refused", 2), ("approved", 1), ("refused", 9))
"""What somebody said, about so many boxes."""


@pytest.fixture
def numbers() -> Iterator[int]:
    return iter(range(1000))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(WORDS), max_size=4, unique=True).flatmap(
        lambda words: st.tuples(st.just(words), st.permutations(words), st.integers(0, 4), st.integers(0, 4))
    )
)
def test_it_stands_alike_in_whatever_order_things_come_in(
    hub: Hub, numbers: Iterator[int], drawn: tuple[list[Word], list[Word], int, int]
) -> None:
    """Two stores' offline words, headquarters' own and a change of the order, all orders of arrival."""
    words, other, first_change, second_change = drawn
    stands = [
        arrived(hub, next(numbers) * 1000, way, min(change, len(way)))
        for way, change in ((words, first_change), (other, second_change))
    ]
    assert stands[0] == stands[1]


def arrived(hub: Hub, number: int, words: list[Word], change: int) -> tuple[object, ...]:
    """How it stands after these words, with the order changed to two boxes before the word at `change`."""
    order_id = ordered(hub, number, ("sku2", 3), ("sku1", 1), rx=f"RX-{number}")
    for place in range(len(words) + 1):
        if place == change:
            hub.say(number, Changed(str(number), rx.medicine(number, ("sku2", 2), ("sku1", 1))), f"changed:{number}")
        if place < len(words):
            word, boxes = words[place]
            covers = msgspec.json.encode({"sku1": 1000, "sku2": boxes * 1000}).decode()
            by_store(hub, order_id, word == "approved", covers=covers, at=100 + WORDS.index(words[place]))
    now = rx.now(hub, order_id)
    assert rx.told(hub, order_id)[-1] == now
    return now.state, now.decision, order_id in opened(hub, ExceptionKind.PRESCRIPTION_REFUSED)
