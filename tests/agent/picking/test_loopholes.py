"""Ways round a rule that were once open."""

from datetime import date

import pytest

from agent.errors import NotNow
from agent.picking import lots, putting_back, returns, steps, waiving
from agent.picking.cards import Did
from agent.picking.lots import ReadLot
from agent.picking.refusals import Forbidden
from agent.picking.waiving import Waived
from domain.events import OrderCancelled, OrderChanged, OrderPlaced, PolicySet
from domain.lots import LotSource
from domain.orders import OrderLine
from domain.picks import Entry
from domain.policy import ChainPolicy, CodeLink, Waiver
from domain.products import Product
from domain.quantity import units
from domain.rules import Rule
from domain.staff import Actor
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, line, order
from tests.agent.picking.conftest import Counter, pack

PAGE = Actor("page:1")
NEW = "8188888"
PILLS = Product("PIL", "维生素片", "100片", "片", trace_prefixes=("8111111",), per_code=units(100), opens=True)
MAKERS = Product("MAK", "某厂口服液", "10支", "盒", maker_prefixes=("AB",))
LINKS = ChainPolicy(links=(CodeLink("qr.example.cn", r"c=(?P<code>\w+)"),))
LINK = "https://qr.example.cn/?c=AB00012345"


def begin(counter: Counter, *lines: OrderLine, order_id: str = "o1") -> None:
    counter.hub.tell(OrderPlaced(order(order_id, *lines)))
    counter.start(order_id)


def test_an_opened_pack_put_back_whole_is_sold_once(counter: Counter) -> None:
    """Its ledger says how much is left, from then on: a whole pack taken of it empties it."""
    counter.hub.teach(PILLS)
    box = pack(1, "8111111")
    begin(counter, line(1, PILLS, 60))
    counter.scan(box)
    counter.hub.tell(OrderCancelled("o1", "customer", taken=False))
    for number in (2, 3):
        begin(counter, line(1, PILLS, 100), order_id=f"o{number}")
        said = counter.scan(box)
        assert said.verdict.rule is (Rule.TAKEN if number == 2 else Rule.OPENED_EMPTY)


def test_a_typed_code_with_a_blank_before_it_is_typed_twice_all_the_same(counter: Counter) -> None:
    begin(counter)
    texts = (f" {pack(1)}", f"{pack(1)} ")
    rules = [counter.scan(text, "page:1", order_id="o1", typed=True).verdict.rule for text in texts]
    assert rules == [Rule.TYPE_AGAIN, Rule.TAKEN]


def test_a_typed_code_of_an_unknown_prefix_stays_a_typed_one(counter: Counter) -> None:
    begin(counter)
    counter.scan(pack(1, NEW), "page:1", order_id="o1", typed=True)
    taught = counter.scan(AMOXICILLIN.barcodes[0], "page:1", order_id="o1")
    assert taught.verdict.rule is Rule.TYPE_AGAIN
    assert counter.scan(pack(1, NEW), "page:1", order_id="o1", typed=True).verdict.good
    assert counter.pick().bindings[0].entry is Entry.TYPED


def test_a_question_is_answered_for_its_own_order_only(counter: Counter) -> None:
    begin(counter)
    counter.scan(pack(1, NEW), "page:1", order_id="o1")
    begin(counter, line(1, IBUPROFEN), order_id="o2")
    said = counter.scan(IBUPROFEN.barcodes[0], "page:1", order_id="o2")
    assert said.order_id == "o2" and said.verdict.rule is not Rule.WRONG_PRODUCT


def test_a_misread_lot_goes_with_the_pack_that_is_undone(counter: Counter) -> None:
    begin(counter, line(count=2))
    counter.scan(pack(1))
    counter.do(lambda tx: lots.confirm(tx, "o1", ReadLot(1, "WRONG", date(2028, 1, 31)), PAGE, counter.lookup))
    counter.do(lambda tx: steps.undo(tx, "o1", actor=PAGE))
    counter.scan(pack(1))
    assert counter.pick().bindings[0].lot is None
    counter.do(lambda tx: lots.confirm(tx, "o1", ReadLot(1, "RIGHT", date(2029, 1, 31)), PAGE, counter.lookup))
    binding = counter.pick().bindings[0]
    assert (binding.lot, binding.lot_source, binding.expiry) == ("RIGHT", LotSource.CLERK, date(2029, 1, 31))


def test_a_pack_known_by_a_link_comes_back(counter: Counter) -> None:
    counter.hub.teach(MAKERS)
    counter.hub.tell(PolicySet(LINKS))
    begin(counter, line(1, MAKERS))
    assert counter.scan(LINK).did is Did.PACKED
    taken = counter.do(lambda tx: returns.take_back(tx, "o1", LINK, PAGE, counter.lookup))
    assert taken.rule is Rule.TAKEN_BACK


def test_a_pack_known_by_a_link_is_put_back(counter: Counter) -> None:
    counter.hub.teach(MAKERS)
    counter.hub.tell(PolicySet(LINKS))
    begin(counter, line(1, MAKERS))
    counter.scan(LINK)
    counter.hub.tell(OrderCancelled("o1", "customer", taken=False))
    assert counter.do(lambda tx: putting_back.put_back(tx, "o1", PAGE, counter.lookup, LINK)) == 0


@pytest.mark.parametrize("way", ["waive", "by hand"])
def test_nothing_without_a_code_passes_a_shut_gate(counter: Counter, way: str) -> None:
    """An order that becomes one of a prescription while it is picked."""
    unknown = line(1) if way == "waive" else line(1, sku=None)
    begin(counter, unknown)
    counter.hub.tell(OrderChanged(order("o1", unknown, prescription=True)))
    with pytest.raises((Forbidden, NotNow), match="处方"):
        if way == "waive":
            waived = Waived(1, Waiver.DAMAGED, photo=b"")
            counter.do(lambda tx: waiving.waive(tx, "o1", waived, PAGE, counter.lookup))
        else:
            counter.do(lambda tx: steps.take_by_hand(tx, "o1", 1, "the bottle", PAGE))


@pytest.mark.parametrize("count", [0, -1])
def test_a_lot_is_said_of_a_number_of_packs(counter: Counter, count: int) -> None:
    """Counted from the end, -1 would be all but the last."""
    begin(counter, line(count=3))
    for number in (1, 2):
        counter.scan(pack(number))
    with pytest.raises(NotNow):
        counter.do(
            lambda tx: lots.confirm(tx, "o1", ReadLot(1, "L1", date(2028, 1, 31), count=count), PAGE, counter.lookup)
        )
