"""One order, one station: who holds it, who may take it over, and what a scanner between pages belongs to."""

from functools import partial

import pytest

from agent.picking import holding, steps
from agent.picking.refusals import Forbidden, HeldElsewhere
from agent.staff import stations
from domain.events import OrderPlaced
from domain.picks import PickState
from domain.rules import Rule
from domain.staff import Actor
from domain.times import MINUTE
from domain.trail import StepKind
from tests.agent.core.hub import line, order
from tests.agent.picking.conftest import BADGES, CHECKER, GUN, PICKER, Counter, pack


@pytest.fixture(autouse=True)
def orders(counter: Counter) -> None:
    counter.hub.tell(*(OrderPlaced(order(f"o{n}", line(count=3))) for n in (1, 2)))


def test_a_second_station_is_refused_and_may_take_over(counter: Counter) -> None:
    counter.start(station="page:1")
    with pytest.raises(HeldElsewhere, match="另一台设备"):
        counter.start(station="page:2")
    assert counter.scan(pack(1), "page:2", order_id="o1").verdict.rule is Rule.HELD
    assert counter.pick().bindings == ()
    assert counter.standing(station="page:2").mine is False

    counter.do(lambda tx: holding.take_over(tx, "o1", stations.worker(tx, "page:2"), counter.lookup))
    assert counter.scan(pack(1), "page:2", order_id="o1").verdict.good
    assert counter.scan(pack(2), "page:1", order_id="o1").verdict.rule is Rule.HELD
    (said,) = counter.said(StepKind.TAKEN_OVER)
    assert said["from_station"] == "page:1"


def test_one_page_and_one_scanner_are_one_desk(counter: Counter) -> None:
    assert counter.scan("YO000000000001").verdict.good
    counter.start("o1", "page:1")
    assert counter.scan(pack(1)).verdict.good and counter.scan(pack(2), "page:1", order_id="o1").verdict.good
    counter.start("o2", "page:1")
    assert counter.scan(pack(3)).order_id == "o2", "what the page opened last is in front of the scanner, too"


def test_between_two_pages_a_scanner_stays_with_its_own_order(counter: Counter) -> None:
    counter.start("o2", "page:2")
    counter.do(lambda tx: steps.start(tx, "o1", counter.lookup, Actor(GUN)))
    counter.do(lambda tx: stations.use(tx, "page:1"))
    counter.do(lambda tx: stations.use(tx, "page:2"))
    assert counter.scan(pack(1)).order_id == "o1"


def test_a_scanner_somebody_signed_in_at_is_a_station_of_its_own(counter: Counter) -> None:
    counter.employ(PICKER, CHECKER)
    counter.do(lambda tx: stations.sign_in(tx, CHECKER, "page:1"))
    counter.start("o1", "page:1")
    assert counter.scan(BADGES["zhang"]).said == "小张"
    refused = counter.scan("YO000000000001")
    assert refused.verdict.rule is Rule.HELD and "老王" in refused.verdict.sentence
    assert counter.scan("YO000000000002").verdict.good
    assert counter.scan(pack(1)).order_id == "o2"
    assert counter.pick("o2").bindings[0].staff_id == "k1"


def test_the_same_person_goes_on_elsewhere(counter: Counter) -> None:
    counter.employ(PICKER)
    for page in ("page:1", "page:2"):
        counter.do(partial(stations.sign_in, staff=PICKER, station=page))
    counter.start(station="page:1")
    counter.start(station="page:2")
    assert counter.standing(station="page:2").mine
    assert len(counter.said(StepKind.TAKEN_OVER)) == 1


def test_an_abandoned_order_is_taken_over_and_it_is_recorded(counter: Counter) -> None:
    counter.start(station="page:1")
    counter.clock.advance(11 * MINUTE)
    counter.start(station="page:2")
    assert len(counter.said(StepKind.TAKEN_OVER)) == 1


def test_given_back_with_an_empty_bag_only(counter: Counter) -> None:
    counter.start()
    counter.scan(pack(1), "page:1", order_id="o1")
    with pytest.raises(Forbidden):
        counter.do(lambda tx: holding.give_back(tx, "o1", Actor("page:1")))
    counter.do(lambda tx: steps.undo(tx, "o1", actor=Actor("page:1")))
    counter.do(lambda tx: holding.give_back(tx, "o1", Actor("page:1")))
    assert counter.pick().state is PickState.ASSIGNED
    counter.start(station="page:2")
    assert [step.kind for step in counter.steps()][-2:] == [StepKind.GIVEN_BACK, StepKind.STARTED]
