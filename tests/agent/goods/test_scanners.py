"""The scanner beside the page for goods reads goods, and only while that page is in front."""

from agent.receiving import pages
from agent.scanners import sheet
from domain.events import OrderPlaced
from domain.picks import PickState
from domain.rules import Rule
from domain.times import MINUTE
from tests.agent.core.hub import order
from tests.agent.goods.conftest import Goods
from tests.agent.picking.conftest import GUN, pack


def scan(goods: Goods, text: str) -> Rule:
    counter = goods.counter
    counter.clock.advance(1)
    return counter.do(lambda tx: sheet.scan(tx, text.encode(), GUN, counter.lookup)).verdict.rule


def test_no_order_is_begun_by_goods_that_come_in(goods: Goods) -> None:
    counter = goods.counter
    counter.hub.tell(OrderPlaced(order("o1")))
    counter.do(lambda tx: pages.put(tx, "page:1", on=True))
    assert scan(goods, pack(1)) is Rule.RECEIVED
    assert [line.codes for line in goods.draft.lines] == [1]
    assert counter.pick("o1").state is PickState.ASSIGNED
    counter.do(lambda tx: pages.put(tx, "page:1", on=False))
    assert scan(goods, pack(2)) is Rule.TAKEN
    assert counter.pick("o1").state is not PickState.ASSIGNED


def test_a_page_that_was_killed_is_forgotten(goods: Goods) -> None:
    goods.counter.do(lambda tx: pages.put(tx, "page:1", on=True))
    goods.counter.clock.advance(4 * MINUTE)
    assert scan(goods, pack(1)) is Rule.NOT_PICKING
    assert goods.draft.lines == ()


def test_what_is_no_pack_is_judged_as_everywhere(goods: Goods) -> None:
    goods.counter.hub.tell(OrderPlaced(order("o1")))
    goods.counter.do(lambda tx: pages.put(tx, "page:1", on=True))
    scan(goods, "YO000000000001")
    assert goods.counter.pick("o1").state is PickState.PICKING
