"""A pack exchanged: one that came back, one that is given for it, one act."""

import pytest

from agent import picks
from agent.errors import NotNow
from agent.picking import exchanging, returns, steps
from domain.events import OrderPlaced
from domain.operations import GoodsExchanged, GoodsReturned
from domain.rules import Rule
from domain.staff import Actor
from domain.times import MINUTE
from domain.trail import StepKind
from tests.agent.core.hub import line, order
from tests.agent.picking.conftest import Counter, VirtualClock, pack

PAGE = Actor("page:1")


@pytest.fixture
def sold(counter: Counter) -> Counter:
    """An order of two packs was handed over."""
    counter.hub.tell(OrderPlaced(order("o1", line(count=2))))
    counter.start()
    for number in (1, 2):
        counter.scan(pack(number))
    counter.do(lambda tx: steps.hand_over(tx, "o1", counter.lookup, PAGE))
    return counter


def scan(counter: Counter, number: int) -> Rule:
    return counter.do(lambda tx: exchanging.scan(tx, "o1", pack(number), PAGE, counter.lookup)).rule


def test_what_came_back_goes_apart_and_what_is_given_is_sold(sold: Counter) -> None:
    assert [scan(sold, number) for number in (1, 7)] == [Rule.TAKEN_BACK, Rule.TAKEN]
    (told,) = sold.told(GoodsExchanged)
    assert ([each.code for each in told.back], [each.code for each in told.given]) == ([pack(1)], [pack(7)])
    assert sold.told(GoodsReturned) == []
    assert sold.work.read(lambda reading: returns.of_order(reading, "o1")) == {0}
    assert sold.work.read(lambda reading: picks.sold_at(reading, pack(7))) is not None
    assert len(sold.said(StepKind.RETURNED)) == 2


def test_nothing_happens_before_the_second_pack(sold: Counter, clock: VirtualClock) -> None:
    assert scan(sold, 1) is Rule.TAKEN_BACK
    assert sold.told(GoodsExchanged) == []
    assert sold.work.read(lambda reading: returns.of_order(reading, "o1")) == frozenset()
    clock.advance(11 * MINUTE)
    assert scan(sold, 7) is Rule.NOT_SOLD_HERE, "whoever began has gone: this is taken for what came back"


def test_dropped_it_begins_anew(sold: Counter) -> None:
    scan(sold, 1)
    sold.do(lambda tx: exchanging.drop(tx, "o1"))
    assert scan(sold, 2) is Rule.TAKEN_BACK


def test_what_is_given_is_judged_as_at_picking(sold: Counter) -> None:
    scan(sold, 1)
    assert scan(sold, 2) is not Rule.TAKEN, "it is in this very bag"
    assert scan(sold, 1) is not Rule.TAKEN, "it just came back"
    assert sold.told(GoodsExchanged) == []
    assert scan(sold, 7) is Rule.TAKEN
    assert scan(sold, 1) is Rule.RETURNED_BEFORE


def test_what_was_given_can_be_exchanged_again(sold: Counter) -> None:
    assert [scan(sold, number) for number in (1, 7, 7, 8)] == [
        Rule.TAKEN_BACK,
        Rule.TAKEN,
        Rule.TAKEN_BACK,
        Rule.TAKEN,
    ]
    assert len(sold.told(GoodsExchanged)) == 2


def test_what_is_no_pack(sold: Counter) -> None:
    with pytest.raises(NotNow):
        sold.do(lambda tx: exchanging.scan(tx, "o1", "hello", PAGE, sold.lookup))
