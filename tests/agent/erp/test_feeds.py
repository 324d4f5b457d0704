"""What the ERP says, taken in at the store: once each, with the line cut too, and no sold stock comes back to life."""

from datetime import date

import pytest

from agent import outbox
from agent.erp import documents, feeds
from agent.erp.feeds import BadFeed, Conflict, Taken
from agent.picking import code_lots
from domain.codes import classify, unique_part
from domain.erp import ErpCount, ErpLevel, ErpReceipt, ErpReceiptLine, ErpSale, ErpSaleLine
from domain.events import OrderPlaced
from domain.lots import Lot
from domain.operations import ErpCounted, ErpReceived, ErpSold
from domain.policy import Duty, ErpDelivery, Owner
from domain.quantity import units
from domain.rules import Rule
from domain.times import DAY, HOUR
from erp import terms
from tests.agent.core.hub import line, order
from tests.agent.erp.conftest import LATER, Erp
from tests.agent.picking.conftest import pack
from tests.agent.plans import plans


def test_a_counter_sale_counts_once_and_its_codes_are_sold(erp: Erp) -> None:
    assert erp.sale("POS-1", 10, 1, pack(5)) is Taken.NEW
    assert erp.sale("POS-1", 10, 1, pack(5)) is Taken.KNOWN
    assert erp.on_hand == 9
    assert len(erp.counter.told(ErpSold)) == 1
    erp.counter.hub.tell(OrderPlaced(order("o1")))
    erp.counter.start("o1")
    assert erp.counter.scan(pack(5), order_id="o1").verdict.rule == Rule.SOLD_BEFORE


def test_when_the_erp_was_last_heard(erp: Erp) -> None:
    """Asked by page and doctor, and the ids of sales are kept for ever."""
    erp.sale("POS-1", 10, 1)
    first = erp.counter.work.now()
    erp.counter.clock.advance(HOUR)
    erp.sale("POS-2", 11, 1)
    assert erp.counter.work.read(feeds.heard_at) == {"sale": first + HOUR}
    found = erp.counter.work.read(lambda reading: plans(reading, feeds.heard_at))
    assert [plan for plan in found if "erp_feeds_by_time" not in plan] == []


def test_the_same_id_with_another_body_is_kept_and_changes_nothing(erp: Erp) -> None:
    erp.sale("POS-1", 10, 1)
    for _ in range(2):
        assert isinstance(erp.sale("POS-1", 10, 5), Conflict)
    assert erp.on_hand == 9
    (conflict,) = erp.counter.work.read(feeds.conflicts)
    assert (conflict.kind, conflict.document_id) == ("sale", "POS-1")
    erp.do(lambda tx: feeds.seen(tx, conflict.conflict_id))
    assert erp.counter.work.read(feeds.conflicts) == ()


def test_a_count_knows_nothing_of_documents_that_are_not_booked(erp: Erp) -> None:
    erp.sell(order("o1", line(count=2)), pack(1), pack(2))
    (number,) = erp.numbers
    erp.count(10, 1, number - 1)
    assert erp.on_hand == 8
    erp.count(8, 2, number)
    assert erp.on_hand == 8
    erp.count(10, 1, number - 1)  # the first once more
    erp.count(30, 1, None)
    assert erp.on_hand == 8


def test_a_refused_document_is_in_no_count(erp: Erp) -> None:
    erp.sell(order("o1", line(count=2)), pack(1), pack(2))
    (number,) = erp.numbers
    erp.do(lambda tx: documents.refuse(tx, number, "商品未建档"))
    erp.count(10, 1, number + 10)
    assert erp.on_hand == 8


def test_a_sale_after_the_count_and_one_before_it(erp: Erp) -> None:
    erp.sale("POS-9", 9)
    erp.count(10, 9)
    assert erp.on_hand == 9
    erp.sale("POS-8", 8)
    assert erp.on_hand == 9


def test_lots_come_with_the_count_less_what_is_not_booked(erp: Erp) -> None:
    erp.count(10, 1, 0, Lot("L1", LATER, units(6)), Lot("L2", LATER, units(4)))
    held = erp.lot("L1")
    assert held is not None
    assert held.lot.quantity == units(6)
    erp.count(10, 2, 0, Lot("L2", LATER, units(10)))
    assert erp.lot("L1") is None


def test_a_count_that_changes_nothing_goes_up_once_a_day(erp: Erp) -> None:
    erp.count(10, 1)
    erp.count(10, 2)
    erp.count(9, 3)
    assert [each.count.as_of for each in erp.counter.told(ErpCounted)] == [1, 3]
    erp.counter.clock.advance(DAY)
    erp.count(9, 4)
    assert [each.count.as_of for each in erp.counter.told(ErpCounted)] == [1, 3, 4]


def test_a_level_that_stands_still_over_a_change_goes_up(erp: Erp) -> None:
    """The ERP says ten again, but one was sold meanwhile and came in anew."""
    erp.count(10, 1)
    erp.sale("POS-1", 1)
    assert erp.on_hand == 9
    erp.count(10, 3)
    assert erp.on_hand == 10
    assert [each.count.as_of for each in erp.counter.told(ErpCounted)] == [1, 3]


def test_a_long_count_goes_up_in_pieces_and_says_what_was_written(erp: Erp) -> None:
    erp.sell(order("o1"), pack(1))
    levels = tuple(ErpLevel(f"sku{number:03d}", units(1)) for number in range(100))
    erp.take(ErpCount("C", 1, levels, 0), part=2)
    told = erp.counter.told(ErpCounted)
    assert [len(each.count.levels) for each in told] == [40, 40, 20]
    assert [each.part for each in told] == [2000, 2001, 2002]
    assert {each.written for each in told} == set(erp.numbers)
    assert all(len(each.body) < 10_000 for each in erp.counter.work.read(outbox.pending))


def test_goods_that_the_erp_took_in(erp: Erp) -> None:
    receipt = ErpReceipt("R-1", 5, (ErpReceiptLine("AMX", units(6), "L9", LATER, codes=(pack(3),)),))
    erp.take(receipt)
    assert erp.on_hand == 16
    held = erp.lot("L9")
    assert held is not None
    assert held.lot.quantity == units(6)
    known = erp.counter.work.read(lambda reading: code_lots.of_code(reading, pack(3)))
    assert known is not None
    assert known.lot == "L9"
    assert erp.counter.told(ErpReceived) == [ErpReceived(receipt)]


def test_what_is_ours_the_erp_does_not_move(erp: Erp) -> None:
    owners = {Duty.LOT_STOCK: Owner.YAOLINK, Duty.RECEIVING: Owner.YAOLINK}
    erp.counter.policy(erp=ErpDelivery.STORE, owners=owners)
    erp.take(ErpReceipt("R-1", 5, (ErpReceiptLine("AMX", units(6)),)))
    erp.count(30, 1)
    assert erp.on_hand == 10


def test_what_came_back_to_the_counter_raises_nothing(erp: Erp) -> None:
    erp.take(ErpSale("POS-R", 1, (ErpSaleLine("AMX", units(2), codes=(pack(1),)),), returned=True))
    assert erp.on_hand == 10


@pytest.mark.parametrize(
    "feed",
    [
        ErpSale("", 1, (ErpSaleLine("AMX", units(1)),)),
        ErpSale("X", 1, ()),
        ErpSale("X", 1, (ErpSaleLine("AMX", 0),)),
        ErpCount("X", 1, (ErpLevel("AMX", units(200_000)),)),
        ErpCount("X", 1, (ErpLevel("AMX", 1), ErpLevel("AMX", 2))),
        ErpReceipt("X", 1, (ErpReceiptLine("AMX", -units(1), "L", date(2028, 1, 1)),)),
    ],
)
def test_what_cannot_be_is_refused_whole(erp: Erp, feed: ErpSale | ErpCount | ErpReceipt) -> None:
    with pytest.raises(BadFeed):
        erp.take(feed)
    assert not erp.counter.told(ErpSold)
    assert not erp.counter.told(ErpCounted)


def test_a_count_that_contains_what_we_never_wrote_is_refused(erp: Erp) -> None:
    """A time where a number should be."""
    erp.sell(order("o1", line(count=2)), pack(1), pack(2))
    with pytest.raises(BadFeed, match="最后一个编号"):
        erp.count(10, as_of=100, contains=20261122093000)
    assert erp.on_hand == 8


def test_a_count_or_receipt_of_the_future_is_refused_and_silences_nothing(erp: Erp) -> None:
    ahead = erp.counter.clock() + 2 * HOUR
    with pytest.raises(BadFeed, match="时点"):
        erp.count(5, as_of=ahead)
    with pytest.raises(BadFeed, match="时点"):
        erp.take(ErpReceipt("RK-1", ahead, (ErpReceiptLine("AMX", units(5)),)))
    erp.sale("POS-1", ahead, 1)  # only lowers: taken
    erp.count(10, as_of=ahead - 2 * HOUR)
    assert erp.on_hand == 9


def test_a_journals_number_that_begins_with_a_day_is_no_time(erp: Erp) -> None:
    erp.count(5, as_of=2026112200001)
    assert erp.on_hand == 5


def test_counts_by_time_and_sales_by_number_are_told_and_never_too_high(erp: Erp) -> None:
    now = erp.counter.clock()
    erp.count(8, as_of=now)
    erp.sale("POS-1", 88_123, 3)
    assert erp.on_hand == 5
    with pytest.raises(BadFeed, match="流水号"):
        erp.count(8, as_of=now + 1)
    erp.count(5, as_of=88_124)  # the mapping was mended
    assert erp.on_hand == 5
    erp.count(7, as_of=88_130)
    assert erp.on_hand == 7


def test_a_count_with_the_mark_of_the_last_one_only_lowers(erp: Erp) -> None:
    """A till was given a lower number and committed later: its sale is thought contained when it comes."""
    erp.count(9, as_of=4)
    erp.sale("POS-2", 2, 1)
    for said in (8, 9):
        erp.take(ErpCount(f"later-{said}", 4, (ErpLevel("AMX", units(said)),), 0))
        assert erp.on_hand == 8


def test_a_gs1_code_of_the_erp_is_what_a_scan_of_it_is() -> None:
    told = "0106901234567892211234ABC"
    assert terms.codes(f"{told} 81234560000000000011") == (unique_part(classify(told)), "81234560000000000011")
