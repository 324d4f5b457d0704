"""What a person must still say: an unknown prefix, a code typed by hand, the lot that stands on the pack."""

from datetime import date

import msgspec
import pytest

from agent.errors import NotNow
from agent.judging import Scanned, resume
from agent.picking import asks, code_lots, learning, lots, steps
from agent.picking.lots import ReadLot
from agent.picking.refusals import Forbidden
from agent.transactions import Transaction
from domain.events import OrderPlaced, StockSet
from domain.lots import KnownLot, Lot, LotSource
from domain.operations import PickCompleted, PrefixLearned
from domain.picks import Entry, PickState
from domain.quantity import units
from domain.recalls import Recall, RecallKind
from domain.rules import Ask, Rule
from domain.staff import Actor, Staff
from domain.trail import StepKind
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, NOON, line, order
from tests.agent.picking.conftest import CHECKER, PICKER, Counter, pack

NEW = "8188888"
PAGE = Actor("page:1")


@pytest.fixture(autouse=True)
def begun(counter: Counter) -> None:
    counter.hub.tell(OrderPlaced(order("o1", line(count=2))))
    counter.start()


def typed(counter: Counter, text: str) -> Rule:
    return counter.scan(text, "page:1", order_id="o1", typed=True).verdict.rule


def test_a_prefix_is_learned_by_the_products_own_barcode(counter: Counter) -> None:
    asked = counter.scan(pack(1, NEW))
    assert (asked.verdict.rule, asked.verdict.ask) == (Rule.UNKNOWN_PREFIX, Ask.PRODUCT)
    assert counter.pick().bindings == () and counter.standing().questions[0].code == pack(1, NEW)
    answer = counter.scan(AMOXICILLIN.barcodes[0])
    assert answer.verdict.good and counter.pick().bindings[0].code == pack(1, NEW)
    assert counter.scan(pack(2, NEW)).verdict.good, "known from now on"
    assert counter.pick().state is PickState.PACKED
    (said,) = counter.told(PrefixLearned)
    assert (said.prefix, said.sku, said.barcode) == (NEW, "AMX", AMOXICILLIN.barcodes[0])
    assert counter.said(StepKind.PREFIX_LEARNED)[0]["sku"] == "AMX"


def test_what_was_learned_survives_the_catalogue_and_yields_to_it(counter: Counter) -> None:
    counter.scan(pack(1, NEW))
    counter.scan(AMOXICILLIN.barcodes[0])
    counter.hub.teach(AMOXICILLIN)
    assert counter.scan(pack(2, NEW)).verdict.good
    counter.hub.tell(OrderPlaced(order("o2")))
    counter.start("o2")
    counter.hub.teach(msgspec.structs.replace(IBUPROFEN, trace_prefixes=(*IBUPROFEN.trace_prefixes, NEW)))
    assert counter.scan(pack(3, NEW)).verdict.rule is Rule.WRONG_PRODUCT


def test_another_products_barcode_teaches_nothing(counter: Counter) -> None:
    counter.scan(pack(1, NEW))
    assert counter.scan(IBUPROFEN.barcodes[0]).verdict.rule is Rule.WRONG_PRODUCT
    assert counter.pick().bindings == () and counter.told(PrefixLearned) == []


def test_a_second_person_may_say_it(counter: Counter) -> None:
    counter.employ(PICKER, CHECKER)
    counter.scan(pack(1, NEW))

    def say(who: Staff, sku: str) -> None:
        def step(tx: Transaction) -> Scanned:
            waiting = asks.at_station(tx, "page:1", "o1")
            learning.by_person(tx, waiting, sku, who, Actor("page:1", "k1", "小张"), counter.lookup)
            return resume(tx, waiting, PAGE, counter.lookup)

        counter.do(step)

    with pytest.raises(Forbidden):
        say(PICKER, "AMX")
    with pytest.raises(Forbidden):
        say(CHECKER, "IBU")
    say(CHECKER, "AMX")
    assert counter.pick().bindings[0].code == pack(1, NEW)
    assert counter.told(PrefixLearned)[0].staff_id == "c1"


def test_an_unanswered_question_counts_no_pack(counter: Counter) -> None:
    counter.scan(pack(1, NEW))
    with pytest.raises(Forbidden):
        counter.do(lambda tx: steps.complete(tx, "o1", counter.lookup, PAGE))
    assert counter.scan(pack(1)).verdict.good
    assert counter.standing().questions == (), "another pack took its place"
    counter.scan(pack(3, NEW))
    counter.do(lambda tx: steps.undo(tx, "o1", actor=PAGE))
    assert counter.standing().questions == () and len(counter.pick().bindings) == 1


def test_a_typed_code_is_typed_twice(counter: Counter) -> None:
    assert typed(counter, pack(1)) is Rule.TYPE_AGAIN
    assert typed(counter, pack(2)) is Rule.TYPED_DIFFERS
    assert counter.pick().bindings == ()
    assert typed(counter, pack(1)) is Rule.TYPED_DIFFERS
    assert typed(counter, pack(1)) is Rule.TAKEN
    (binding,) = counter.pick().bindings
    assert (binding.code, binding.entry) == (pack(1), Entry.TYPED)


def test_the_lot_is_the_clerks_word_and_goes_to_headquarters(counter: Counter) -> None:
    counter.policy(confirm_lots=True)
    counter.hub.tell(StockSet("AMX", units(9), "A", (Lot("L1", date(2028, 6, 30), units(9)),)))
    counter.scan(pack(1))
    last = counter.scan(pack(2))
    assert "请确认批号" in last.verdict.sentence and counter.pick().state is PickState.PICKING
    (wanted,) = counter.standing().lines
    assert (wanted.lotless, wanted.lot_wanted, wanted.lots[0].lot) == (2, True, "L1")
    assert all(binding.lot is None for binding in counter.pick().bindings), "a proposal is no fact"
    assert counter.do(lambda tx: lots.confirm(tx, "o1", ReadLot(1, "l1", count=1), PAGE, counter.lookup)) == 1
    assert counter.do(lambda tx: lots.confirm(tx, "o1", ReadLot(1, "L1"), PAGE, counter.lookup)) == 1
    counter.do(lambda tx: steps.complete(tx, "o1", counter.lookup, PAGE))
    (told,) = counter.told(PickCompleted)
    assert {(each.lot, each.lot_source, each.expiry) for each in told.bindings} == {
        ("L1", LotSource.CLERK, date(2028, 6, 30))
    }


def test_an_expiry_that_contradicts_the_lot_stops_it(counter: Counter) -> None:
    counter.hub.tell(StockSet("AMX", units(9), "A", (Lot("L1", date(2028, 6, 30), units(9)),)))
    counter.scan(pack(1))
    with pytest.raises(NotNow, match="2028-06-30"):
        counter.do(lambda tx: lots.confirm(tx, "o1", ReadLot(1, "L1", date(2029, 1, 1)), PAGE, counter.lookup))
    with pytest.raises(NotNow, match="批号"):
        counter.do(lambda tx: lots.confirm(tx, "o1", ReadLot(1, " "), PAGE, counter.lookup))
    with pytest.raises(NotNow, match="请核对并输入盒上的有效期"):
        counter.do(lambda tx: lots.confirm(tx, "o1", ReadLot(1, "L7"), PAGE, counter.lookup))
    with pytest.raises(NotNow, match="已过期"):
        counter.do(lambda tx: lots.confirm(tx, "o1", ReadLot(1, "L7", date(2026, 1, 31)), PAGE, counter.lookup))
    counter.do(
        lambda tx: lots.confirm(tx, "o1", ReadLot(1, "L1", date(2028, 6, 1), month_only=True), PAGE, counter.lookup)
    )
    assert counter.pick().bindings[0].expiry == date(2028, 6, 30)


def test_a_recall_after_packing_asks_for_the_lots_before_it_leaves(counter: Counter) -> None:
    counter.hub.tell(StockSet("AMX", units(9), "A", (Lot("L1", date(2028, 6, 30), units(9)),)))
    for serial in (1, 2):
        counter.scan(pack(serial))
    assert counter.pick().state is PickState.PACKED
    counter.hub.recall(Recall("r1", RecallKind.RECALL, "AMX", ("L7",), "质量问题", NOON))
    with pytest.raises(Forbidden, match="批次召回"):
        counter.do(lambda tx: steps.hand_over(tx, "o1", counter.lookup, PAGE))
    with pytest.raises(NotNow, match="召回"):
        counter.do(lambda tx: lots.confirm(tx, "o1", ReadLot(1, "L7", date(2028, 6, 30)), PAGE, counter.lookup))
    assert counter.do(lambda tx: lots.confirm(tx, "o1", ReadLot(1, "L1"), PAGE, counter.lookup)) == 2
    counter.do(lambda tx: steps.hand_over(tx, "o1", counter.lookup, PAGE))
    assert counter.pick().state is PickState.HANDED_OVER


def test_the_lot_of_a_received_pack_is_known(counter: Counter) -> None:
    known = KnownLot("L7", LotSource.RECEIVED, date(2028, 1, 31))
    counter.do(lambda tx: code_lots.put(tx, pack(1), "AMX", known))
    counter.do(lambda tx: code_lots.put(tx, pack(1), "AMX", KnownLot("L7", LotSource.BILL)))
    assert counter.scan(pack(1)).verdict.good
    (binding,) = counter.pick().bindings
    assert (binding.lot, binding.lot_source, binding.expiry) == ("L7", LotSource.RECEIVED, date(2028, 1, 31))
