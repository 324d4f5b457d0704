"""Goods that come in: noted by scan, written down once, refused by name."""

from datetime import date

import pytest

from agent.errors import NotNow
from agent.owners import NotOurs
from agent.picking import code_lots
from agent.policy import in_force
from domain.code_lists import CodeList, ListedCode
from domain.events import CODES, CodesListed, OrderPlaced
from domain.lots import LotSource
from domain.operations import GoodsReceived
from domain.policy import ChainPolicy
from domain.quantity import units
from domain.recalls import Recall, RecallKind
from domain.rules import Rule
from tests.agent.core.hub import NOON, order
from tests.agent.goods.conftest import LATER, Counter, Goods
from tests.agent.picking.conftest import pack

BARCODE = "6901234567892"


def fill(goods: Goods, **fields: object) -> int:
    for number in range(2):
        assert goods.scan(pack(number)).good
    line = goods.draft.lines[-1]
    goods.edit(line.line_id, **{"lot": "L1", "expiry": "2028-06-30", "produced": "2026-07-01", **fields})
    return line.line_id


def test_scanned_packs_come_in_once_with_lot_and_days(goods: Goods) -> None:
    fill(goods)
    assert goods.draft.ready
    receipt = goods.commit()
    goods.commit(receipt)
    assert goods.on_hand() == units(2)
    held = goods.lot("l1")
    assert held is not None
    assert (held.lot.quantity, held.lot.expiry, held.lot.produced) == (units(2), LATER, date(2026, 7, 1))
    (told,) = goods.counter.told(GoodsReceived)
    assert told.receipt_id == receipt
    assert [(line.sku, line.lot, line.quantity, line.codes) for line in told.lines] == [
        ("AMX", "L1", units(2), (pack(0), pack(1)))
    ]
    known = goods.counter.work.read(lambda reading: code_lots.of_code(reading, pack(1)))
    assert known is not None
    assert (known.lot, known.source, known.expiry) == ("L1", LotSource.RECEIVED, LATER)


def test_a_barcode_counts_and_a_hand_may_correct_the_count(goods: Goods) -> None:
    for _ in range(3):
        assert goods.scan(BARCODE).good
    (line,) = goods.draft.lines
    assert (line.quantity, line.codes) == (units(3), 0)
    goods.edit(line.line_id, lot="L1", expiry="2028-06", produced="2026-07-01", quantity=units(40))
    goods.commit()
    held = goods.lot("L1")
    assert held is not None
    assert (held.lot.quantity, held.lot.expiry, held.lot.month_only) == (units(40), LATER, True)


def test_a_code_comes_in_once(goods: Goods) -> None:
    fill(goods)
    assert goods.scan(pack(1)).rule is Rule.RECEIVED_BEFORE
    goods.commit()
    assert goods.scan(pack(1)).rule is Rule.RECEIVED_BEFORE


def test_what_was_sold_here_does_not_come_in(goods: Goods) -> None:
    goods.counter.hub.tell(OrderPlaced(order("o1")))
    goods.counter.start()
    assert goods.counter.scan(pack(7), order_id="o1").verdict.good
    assert goods.scan(pack(7)).rule is Rule.RECEIVED_SOLD
    assert goods.draft.lines == ()


def test_what_another_store_sold_or_headquarters_recalled_does_not_come_in(goods: Goods) -> None:
    tell = goods.counter.hub.tell_all
    tell(CODES, CodesListed(CodeList.SOLD, (ListedCode(pack(7), "S9", NOON),)))
    tell(CODES, CodesListed(CodeList.RECALLED, (ListedCode(pack(8)),)))
    assert [goods.scan(pack(number)).rule for number in (7, 8)] == [Rule.RECEIVED_SOLD, Rule.RECEIVED_SOLD]
    assert goods.scan(pack(9)).good


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"produced": ""}, "生产日期"),
        ({"lot": " "}, "批号"),
        ({"expiry": "2026-01-31", "produced": "2025-01-01"}, "已过期"),
        ({"produced": "2027-01-01"}, "日期"),
        ({"quantity": units(1)}, "数量"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_comes_in(goods: Goods, fields: dict[str, object], said: str) -> None:
    fill(goods, **fields)
    with pytest.raises(NotNow, match=said):
        goods.commit()
    assert goods.on_hand() is None
    assert goods.counter.told(GoodsReceived) == []


def test_one_lot_has_one_last_day(goods: Goods) -> None:
    goods.have("L1", 5)
    fill(goods, expiry="2028-07-31")
    (line,) = goods.draft.lines
    assert "2028-07-31" in line.wants[0] and "2028-06-30" in line.wants[0]
    goods.edit(line.line_id, expiry="2028-06")
    goods.commit()
    held = goods.lot("L1")
    assert held is not None
    assert (held.lot.quantity, held.lot.expiry, held.lot.month_only) == (units(7), LATER, False)


def test_a_known_lot_brings_its_day_along(goods: Goods) -> None:
    goods.have("L1", 5)
    goods.scan(BARCODE)
    goods.edit(goods.draft.lines[0].line_id, lot="l1")
    assert (goods.draft.lines[0].lot, goods.draft.lines[0].expiry) == ("L1", LATER)


def test_recalled_goods_are_refused(goods: Goods) -> None:
    goods.counter.hub.recall(Recall("r1", RecallKind.RECALL, "AMX", ("L1",), "杂质", NOON))
    fill(goods)
    with pytest.raises(NotNow, match="召回"):
        goods.commit()


def test_a_gs1_code_brings_lot_and_days(goods: Goods) -> None:
    text = "]d2010690123456789211260701172806301" + "0L77\x1d21S1"
    assert goods.scan(text).good
    (line,) = goods.draft.lines
    assert (line.lot, line.expiry, line.produced, line.codes) == ("L77", LATER, date(2026, 7, 1), 1)
    assert goods.draft.ready


def test_odd_dates_are_warned_of(goods: Goods) -> None:
    line_id = fill(goods, expiry="2028-06-17")
    assert "不成整月" in goods.draft.lines[0].warning
    goods.edit(line_id, expiry="2028-06-30")
    assert goods.draft.lines[0].warning == ""


def test_where_the_erp_owns_it_nothing_comes_in_here(counter: Counter) -> None:
    goods = Goods(counter)
    assert counter.work.read(in_force) == ChainPolicy()
    with pytest.raises(NotOurs, match="入库在 ERP 办理"):
        goods.scan(pack(1))
    assert (goods.draft.ours, goods.draft.words) == (False, "入库在 ERP 办理")
    assert goods.draft.lines == ()
