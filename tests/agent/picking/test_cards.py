"""Our own codes do what keys do; badges and customers' codes leave nothing behind."""

from agent.picking.cards import Did
from agent.staff import stations
from domain.events import OrderPlaced, OrderUrged, StockSet
from domain.orders import OrderState
from domain.picks import PickState
from domain.policy import SecondCheck
from domain.quantity import units
from domain.rules import Rule
from domain.trail import StepKind
from tests.agent.core.hub import IBUPROFEN, NOON, line, order
from tests.agent.picking.conftest import BADGES, CHECKER, GUN, PICKER, Counter, pack


def test_from_the_next_order_to_the_rider_without_a_key(counter: Counter) -> None:
    counter.hub.tell(OrderPlaced(order("o1", line(count=2))), OrderPlaced(order("o2")), OrderUrged("o2", NOON))
    begun = counter.scan("YZ-NEXT")
    assert (begun.order_id, begun.did) == ("o2", Did.OPENED), "who urged comes first"
    assert counter.scan(pack(1)).did is Did.PACKED
    assert counter.scan("YZ-DONE").did is Did.HANDED_OVER
    assert counter.scan("YZ-NEXT").order_id == "o1"
    assert counter.scan(pack(2)).did is Did.TAKEN
    assert counter.scan("YZ-UNDO").did is Did.UNDONE
    assert counter.pick().bindings == ()
    assert not counter.scan("YZ-DONE").verdict.good
    for number in (2, 3):
        counter.scan(pack(number))
    assert counter.pick().state is PickState.PACKED
    assert not counter.scan("YZ-NEXT").verdict.good, "nothing waits"


def test_a_shelf_names_what_lies_there(counter: Counter) -> None:
    counter.hub.tell(
        OrderPlaced(order("o1", line(count=2), line(2, IBUPROFEN))),
        StockSet("AMX", units(9), "A-01"),
        StockSet("IBU", units(9), "B-02"),
    )
    assert counter.scan("YH-A-01").verdict.rule is Rule.NOT_PICKING
    counter.scan("YO000000000001")
    shelf = counter.scan("YH-A-01")
    assert (shelf.did, shelf.said) == (Did.SHELF, "A-01") and "阿莫西林胶囊 2盒" in shelf.verdict.sentence
    assert not counter.scan("YH-C-03").verdict.good
    assert counter.pick().bindings == ()


def test_nobody_picks_before_signing_in_where_the_chain_says_so(counter: Counter) -> None:
    counter.hub.tell(OrderPlaced(order("o1", line(count=2))))
    counter.policy(sign_in=True)
    counter.employ(PICKER)
    refused = counter.scan("YO000000000001")
    assert refused.verdict.rule is Rule.SIGN_IN and counter.pick().state is PickState.ASSIGNED
    assert counter.scan(BADGES["zhang"]).did is Did.SIGNED_IN
    assert counter.scan("YO000000000001").verdict.good and counter.scan(pack(1)).verdict.good
    assert counter.scan("YZ-OUT").did is Did.SIGNED_OUT
    assert counter.scan(pack(2)).verdict.rule is Rule.SIGN_IN
    assert {step.staff_id for step in counter.steps() if step.kind is StepKind.SCANNED} == {"k1"}


def test_a_badge_and_a_customers_code_are_nowhere(counter: Counter) -> None:
    counter.hub.tell(OrderPlaced(order("o1")))
    counter.employ(PICKER)
    counter.start()
    stranger = "YB000000000XYZ"
    for secret in (BADGES["zhang"], stranger, "134512345678901234"):
        counter.scan(secret)
    counter.scan(BADGES["wang"], "page:1", order_id="o1")
    rows = counter.work.read(lambda reading: [bytes(row["raw"]) for row in reading.db.execute("SELECT raw FROM scans")])
    assert rows == [b"staff:k1"]
    written = b"".join(path.read_bytes() for path in counter.work.path.parent.glob("work.db*"))
    assert b"staff:k1" in written
    for secret in (BADGES["zhang"], BADGES["wang"], stranger, "134512345678901234"):
        assert secret.encode() not in written and secret.encode().hex().encode() not in written


def test_a_checkers_badge_is_the_second_pair_of_eyes(counter: Counter) -> None:
    counter.hub.tell(OrderPlaced(order("o1")))
    counter.policy(second_check=SecondCheck.ALWAYS)
    counter.employ(PICKER, CHECKER)
    counter.scan(BADGES["zhang"])
    counter.scan("YO000000000001")
    last = counter.scan(pack(1))
    assert last.did is Did.TAKEN and "请复核" in last.verdict.sentence
    assert counter.standing().check_wanted
    assert counter.scan(BADGES["zhang"]).did is Did.SIGNED_IN, "not the picker himself"
    assert counter.pick().state is PickState.PICKING
    checked = counter.scan(BADGES["wang"])
    assert checked.did is Did.PACKED and counter.pick().state is PickState.PACKED
    assert [(step.staff_id, step.kind) for step in counter.steps()][-2:] == [
        ("c1", StepKind.CHECKED),
        ("k1", StepKind.PACKED),
    ]
    assert counter.work.read(lambda reading: stations.actor(reading, GUN)).staff_id == "k1", "nobody was signed out"


def test_an_unknown_slip_and_a_finished_order_are_said(counter: Counter) -> None:
    counter.hub.tell(OrderPlaced(order("o1")))
    assert counter.scan("YO000000000009").verdict.rule is Rule.UNREADABLE
    counter.scan("YO000000000001")
    counter.scan(pack(1))
    assert not counter.scan("YO000000000001").verdict.good
    assert counter.pick().state is PickState.PACKED
    state = counter.work.read(lambda reading: reading.db.execute("SELECT state FROM orders").fetchone()["state"])
    assert state == OrderState.PICKED
