"""Without a code, too little, cancelled, brought back: what is kept, what is free again, what headquarters hears."""

from datetime import date

import msgspec
import pytest

from agent import blobs, outbox
from agent.errors import NotNow
from agent.picking import checking, opened, putting_back, returns, shortage, steps, waiving
from agent.picking.cards import Did
from agent.picking.refusals import Forbidden
from agent.picking.shortage import Short
from agent.picking.waiving import Waived
from domain.blobs import digest
from domain.events import OrderCancelled, OrderChanged, OrderPlaced, RefundChanged, StockSet
from domain.lots import Lot
from domain.operations import GoodsReturned, PickCompleted, ReportShort, ShortChoice, TrailGrown
from domain.picks import Entry, PickState
from domain.policy import SecondCheck, Waiver
from domain.products import CodePolicy, Product
from domain.protocol import Outcome, OutcomeState
from domain.quantity import ONE, units
from domain.refunds import Refund, RefundState
from domain.rules import Rule
from domain.staff import Actor
from domain.trail import StepKind
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, NOON, line, order
from tests.agent.picking.conftest import CHECKER, MANAGER, PICKER, Counter, pack

PAGE = Actor("page:1")
JPEG = b"\xff\xd8\xff\xe0 a box without a code"
HERBS = Product("HRB", "黄芪饮片", "g", "g", code_policy=CodePolicy.NONE)
PILLS = Product("PIL", "维生素片", "100片", "片", trace_prefixes=("8111111",), per_code=units(100), opens=True)


@pytest.fixture
def begun(counter: Counter) -> Counter:
    counter.hub.tell(OrderPlaced(order("o1", line(count=2))))
    counter.start()
    return counter


def waive(counter: Counter, reason: Waiver, photo: bytes = b"", line_id: int = 1) -> None:
    counter.do(lambda tx: waiving.waive(tx, "o1", Waived(line_id, reason, "压坏", photo), PAGE, counter.lookup))


def test_a_damaged_code_goes_through_with_reason_and_photo(begun: Counter) -> None:
    with pytest.raises(Forbidden, match="照片"):
        waive(begun, Waiver.DAMAGED)
    with pytest.raises(Forbidden):
        waive(begun, Waiver.EXEMPT)
    waive(begun, Waiver.DAMAGED, JPEG)
    (binding,) = begun.pick().bindings
    assert (binding.entry, binding.waiver, binding.photo) == (Entry.WAIVED, Waiver.DAMAGED, digest(JPEG))
    assert begun.work.read(lambda reading: blobs.content(reading, "o1", digest(JPEG))) == JPEG
    assert begun.said(StepKind.WAIVED)[0]["photo"] == digest(JPEG)
    begun.scan(pack(1))
    counted = begun.work.read(waiving.counts)
    assert (counted.packs, counted.waived, counted.typed) == (2, 1, 0)
    assert [(each.sku, each.reason, each.packs) for each in counted.by_product] == [("AMX", "damaged", 1)]


def test_what_has_no_codes_by_law_is_taken_whole(counter: Counter) -> None:
    counter.hub.teach(HERBS)
    counter.hub.tell(OrderPlaced(order("o1", line(1, HERBS, 30))))
    counter.start()
    waive(counter, Waiver.EXEMPT)
    assert counter.pick().bindings[0].quantity == units(30)
    counter.do(lambda tx: steps.complete(tx, "o1", counter.lookup, PAGE))
    assert counter.work.read(waiving.counts).exempt == 1


def test_parts_of_an_opened_pack_until_it_is_empty(counter: Counter) -> None:
    counter.hub.teach(PILLS)
    box = pack(1, "8111111")
    for number, wanted in ((1, 60), (2, 30), (3, 20)):
        counter.hub.tell(OrderPlaced(order(f"o{number}", line(1, PILLS, wanted))))
    counter.start("o1")
    assert counter.scan(box).did is Did.PACKED
    assert counter.work.read(lambda reading: opened.remaining(reading, box)) == units(40)
    counter.start("o2")
    assert counter.scan(box).did is Did.PACKED
    counter.start("o3")
    assert counter.scan(box).did is Did.TAKEN, "ten are left of twenty wanted"
    assert counter.work.read(lambda reading: opened.remaining(reading, box)) == 0
    assert counter.scan(box).verdict.rule is Rule.OPENED_EMPTY
    counter.scan("YZ-UNDO")
    assert counter.work.read(lambda reading: opened.remaining(reading, box)) == units(10)
    (left,) = counter.work.read(opened.listed)
    assert (left.code, left.sku) == (box, "PIL")


def test_who_checks_is_not_who_picked(begun: Counter) -> None:
    begun.policy(second_check=SecondCheck.ALWAYS)
    begun.employ(PICKER, CHECKER, MANAGER)
    me = Actor("page:1", "c1", "老王", CHECKER.roles)
    for number in (1, 2):
        begun.do(lambda tx: steps.start(tx, "o1", begun.lookup, me))
        begun.scan(pack(number), "page:1", order_id="o1")
    with pytest.raises(Forbidden):
        begun.do(lambda tx: steps.complete(tx, "o1", begun.lookup, me))
    with pytest.raises(Forbidden):
        begun.do(lambda tx: checking.check(tx, "o1", CHECKER, me, begun.lookup))
    with pytest.raises(Forbidden):
        begun.do(lambda tx: checking.check(tx, "o1", PICKER, me, begun.lookup))
    begun.do(lambda tx: checking.check(tx, "o1", MANAGER, me, begun.lookup))
    assert begun.pick().state is PickState.PACKED
    assert [step.staff_id for step in begun.steps() if step.kind is StepKind.CHECKED] == ["m1"]


def test_cancelled_its_packs_are_listed_and_put_back(begun: Counter) -> None:
    lots = (Lot("L1", date(2028, 6, 30), units(9), shelf="A-02"),)
    begun.hub.tell(StockSet("AMX", units(9), "A-01", lots))
    for number in (1, 2):
        begun.scan(pack(number))
    assert begun.pick().state is PickState.PACKED
    begun.hub.tell(OrderCancelled("o1", "customer", taken=False))
    listed = begun.standing().put_back
    assert [(each.code, each.shelf) for each in listed] == [(pack(1), "A-01"), (pack(2), "A-01")]
    with pytest.raises(NotNow):
        begun.do(lambda tx: putting_back.put_back(tx, "o1", PAGE, begun.lookup, pack(3)))
    assert begun.do(lambda tx: putting_back.put_back(tx, "o1", PAGE, begun.lookup, pack(2))) == 1
    assert begun.work.read(putting_back.orders_waiting) == ("o1",)
    assert begun.do(lambda tx: putting_back.put_back(tx, "o1", PAGE, begun.lookup)) == 0
    assert begun.work.read(putting_back.orders_waiting) == ()
    assert [step.kind for step in begun.steps()][-3:] == [StepKind.STOPPED, StepKind.PUT_BACK, StepKind.PUT_BACK]
    begun.hub.tell(OrderPlaced(order("o2")))
    begun.start("o2")
    assert begun.scan(pack(1)).verdict.good, "its code is free again"


def test_after_the_rider_took_it_nothing_is_put_back(begun: Counter) -> None:
    for number in (1, 2):
        begun.scan(pack(number))
    begun.hub.tell(OrderCancelled("o1", "customer", taken=True))
    assert begun.standing().put_back == ()


def test_what_comes_back_goes_into_quarantine_for_good(begun: Counter) -> None:
    for number in (1, 2):
        begun.scan(pack(number))
    begun.do(lambda tx: steps.hand_over(tx, "o1", begun.lookup, PAGE))

    def back(text: str) -> Rule:
        return begun.do(lambda tx: returns.take_back(tx, "o1", text, PAGE, begun.lookup)).rule

    assert back(pack(9)) is Rule.NOT_SOLD_HERE
    assert back(pack(1)) is Rule.TAKEN_BACK
    assert back(pack(1)) is Rule.RETURNED_BEFORE
    (told,) = begun.told(GoodsReturned)
    assert [each.code for each in told.bindings] == [pack(1)]
    begun.hub.tell(OrderPlaced(order("o2")))
    begun.start("o2")
    assert begun.scan(pack(1)).verdict.rule is Rule.RETURNED
    assert [said["rule"] for said in begun.said(StepKind.RETURNED)] == ["R13-sale", "R13", "R13-twice"]


def short(counter: Counter, choice: ShortChoice, missing: int = 1, substitute: str = "") -> None:
    asked = Short(1, units(missing), choice, substitute, "货架上没有")
    counter.do(lambda tx: shortage.report(tx, "o1", asked, PAGE, counter.lookup))


def test_a_shortage_is_reported_once_and_refused_it_may_be_reported_anew(begun: Counter) -> None:
    begun.scan(pack(1))
    with pytest.raises(Forbidden, match="最多还缺 1"):
        short(begun, ShortChoice.PART_REFUND, missing=2)
    short(begun, ShortChoice.PART_REFUND)
    with pytest.raises(NotNow, match="已经上报"):
        short(begun, ShortChoice.GIVE_BACK)
    (told,) = begun.told(ReportShort)
    assert (told.missing, told.choice) == (ONE, ShortChoice.PART_REFUND)
    pending = begun.work.read(lambda reading: outbox.pending(reading))
    key = next(each.key for each in pending if each.kind == ReportShort.kind)
    begun.do(lambda tx: outbox.settle(tx, [Outcome(key, OutcomeState.REFUSED, "平台不接受")]))
    assert begun.standing().lines[0].reported is None
    short(begun, ShortChoice.PART_REFUND)
    refund = Refund("r1", "o1", False, RefundState.AGREED, 100, NOON)
    begun.hub.tell(RefundChanged(refund, struck={1: ONE}))
    assert begun.standing().lines[0].reported is None
    begun.do(lambda tx: steps.complete(tx, "o1", begun.lookup, PAGE))


def test_a_line_that_becomes_another_product(begun: Counter) -> None:
    begun.hub.teach(msgspec.structs.replace(AMOXICILLIN, substitutes=("IBU",)))
    with pytest.raises(Forbidden, match="不允许换品"):
        short(begun, ShortChoice.SUBSTITUTE, 2, "IBU")
    begun.policy(substitution=True)
    begun.scan(pack(1))
    with pytest.raises(NotNow, match="整行"):
        short(begun, ShortChoice.SUBSTITUTE, 1, "IBU")
    begun.scan("YZ-UNDO")
    short(begun, ShortChoice.SUBSTITUTE, 2, "IBU")
    assert begun.scan(pack(1)).verdict.rule is Rule.REPLACED
    begun.hub.tell(OrderChanged(order("o1", line(1, IBUPROFEN, 2, instead_of="AMX"))))
    assert begun.scan(pack(1)).verdict.rule is Rule.WRONG_PRODUCT
    assert begun.scan(pack(1, "8765432")).verdict.good


def test_what_lay_on_a_line_that_changed_goes_back(begun: Counter) -> None:
    begun.scan(pack(1))
    begun.hub.tell(OrderChanged(order("o1", line(1, IBUPROFEN, 2))))
    assert begun.pick().bindings == () and [each.code for each in begun.standing().put_back] == [pack(1)]


def test_headquarters_hears_the_whole_trail(begun: Counter) -> None:
    for number in (1, 2):
        begun.scan(pack(number))
    begun.do(lambda tx: steps.hand_over(tx, "o1", begun.lookup, PAGE))
    told = [step for grown in begun.told(TrailGrown) for step in grown.steps]
    assert told == begun.steps()
    kinds = [StepKind.ASSIGNED, StepKind.STARTED, *[StepKind.SCANNED] * 2, StepKind.PACKED, StepKind.HANDED_OVER]
    assert [step.kind for step in told] == kinds
    assert begun.said(StepKind.SCANNED)[0]["raw"] == pack(1).encode().hex()
    assert len(begun.told(PickCompleted)) == 1
