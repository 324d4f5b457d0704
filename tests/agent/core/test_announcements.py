"""What the store is to hear: each thing once, until somebody saw it, and nothing that is over."""

from pathlib import Path

import pytest

from agent import announcements, slips
from agent.announcements import CANCELLED_WAITS, HEARD
from agent.catalogue import Lookup
from agent.engine import sqlite3
from agent.files import WorkFile
from agent.judging import scan
from agent.picking.steps import accept, hand_over, start
from agent.schema import work as work_schema
from agent.schema.migrate import Schema, bring_up_to_date
from agent.settling import answer_refund
from domain.events import (
    EventBody,
    OrderAdvanced,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    OrderUrged,
    RefundChanged,
    RiderMoved,
    StoreConfigured,
)
from domain.orders import AcceptRule, OrderState, RiderState
from domain.refunds import Refund, RefundState
from domain.slips import SlipKind, SlipState
from domain.times import DAY, HOUR, MINUTE
from tests.agent.core.catalogue import TWO_PRODUCTS
from tests.agent.core.conftest import MASTER_KEY, VirtualClock
from tests.agent.core.hub import NOON, Hub, order


def heard(work: WorkFile) -> list[str]:
    """Kind and number of each, the oldest first."""
    return [f"{one.kind} {one.day_number or one.count}" for one in work.read(announcements.waiting)]


def see(work: WorkFile, order_id: str = "o1") -> None:
    work.write(lambda tx: announcements.seen(tx, order_id))


def refund(state: RefundState = RefundState.ASKED, refund_id: str = "r", full: bool = False) -> RefundChanged:
    return RefundChanged(Refund(refund_id, "o1", full, state, 1, NOON))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (OrderUrged("o1", NOON), "urged"),
        (refund(), "refund_asked"),
        (RiderMoved("o1", RiderState.AT_STORE), "rider_here"),
        (OrderCancelled("o1", "customer", False), "cancelled"),
    ],
)
def test_what_happens_to_an_order_is_heard_until_it_was_seen(
    hub: Hub, work: WorkFile, clock: VirtualClock, body: EventBody, kind: str
) -> None:
    hub.tell(OrderPlaced(order()))
    assert heard(work) == ["new_order 1"]
    see(work)
    clock.advance(HEARD)
    hub.tell(body)
    assert heard(work) == [f"{kind} 1"]
    see(work)
    assert heard(work) == []


def test_a_log_that_begins_anew_says_nothing_twice(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    story = (
        OrderPlaced(order()),
        OrderUrged("o1", NOON),
        refund(),
        refund(RefundState.REFUSED),
        RiderMoved("o1", RiderState.AT_STORE),
    )
    hub.tell(*story)
    see(work)
    hub.log_id, hub._seq = "second", dict.fromkeys(hub._seq, 0)
    hub.deliver(hub.page(*story))
    assert heard(work) == []


def test_another_urge_another_refund_and_another_rider_are_heard(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), OrderUrged("o1", NOON), refund(), RiderMoved("o1", RiderState.AT_STORE))
    see(work)
    hub.tell(OrderUrged("o1", NOON + MINUTE), OrderUrged("o1", NOON + 2 * MINUTE))
    assert heard(work) == ["urged 1"], "twice urged is said once"
    hub.tell(refund(RefundState.REFUSED), refund(RefundState.APPEALED))
    hub.tell(RiderMoved("o1", RiderState.LEFT), RiderMoved("o1", RiderState.AT_STORE))
    assert heard(work) == ["urged 1", "refund_asked 1", "rider_here 1"]


def test_what_is_over_is_silent(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(OrderPlaced(order()), RiderMoved("o1", RiderState.AT_STORE), refund(), OrderUrged("o1", NOON))
    hub.tell(RiderMoved("o1", RiderState.TAKEN))
    assert heard(work) == ["new_order 1", "refund_asked 1", "urged 1"]
    work.write(lambda tx: answer_refund(tx, "o1", "r", True))
    assert heard(work) == ["new_order 1", "urged 1"]
    hub.tell(OrderAdvanced("o1", OrderState.COMPLETED))
    assert heard(work) == []


def test_work_at_the_counter_counts_as_seen(hub: Hub, work: WorkFile, lookup: Lookup) -> None:
    hub.tell(OrderPlaced(order()), OrderPlaced(order("o2")))
    work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))
    assert heard(work) == ["new_order 2"]
    hub.tell(OrderUrged("o1", NOON))
    work.write(lambda tx: scan(tx, b"81234560000000000001", "gun", lookup, order_id="o1"))
    hub.tell(RiderMoved("o1", RiderState.AT_STORE))
    assert heard(work) == ["new_order 2", "rider_here 1"]
    work.write(lambda tx: hand_over(tx, "o1", TWO_PRODUCTS))
    assert heard(work) == ["new_order 2"]


def test_who_accepts_has_heard_it(hub: Hub, work: WorkFile) -> None:
    hub.tell(StoreConfigured("店", AcceptRule.CLERK, 40 * MINUTE), OrderPlaced(order(state=OrderState.PLACED)))
    assert heard(work) == ["new_order 1"]
    work.write(lambda tx: accept(tx, "o1"))
    assert heard(work) == []


def test_a_booked_order_is_heard_when_its_slip_is_due(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(OrderPlaced(order(booked=True, promised_at=NOON + 5 * HOUR)))
    assert heard(work) == []
    see(work)
    clock.advance(5 * HOUR - 40 * MINUTE - 1)
    assert heard(work) == []
    clock.advance(1)
    assert heard(work) == ["new_order 1"]
    see(work)
    assert heard(work) == []


def test_a_booked_order_follows_a_new_promise_and_a_new_lead(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    booked = order(booked=True, promised_at=NOON + 5 * HOUR)
    hub.tell(OrderPlaced(booked), OrderChanged(order(booked=True, promised_at=NOON + HOUR)))
    hub.tell(StoreConfigured("店", AcceptRule.HUB, 30 * MINUTE))
    clock.advance(30 * MINUTE - 1)
    assert heard(work) == []
    clock.advance(1)
    assert heard(work) == ["new_order 1"]


def test_a_booked_order_that_a_clerk_must_accept_is_heard_twice(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(StoreConfigured("店", AcceptRule.CLERK, 40 * MINUTE))
    hub.tell(OrderPlaced(order(state=OrderState.PLACED, booked=True, promised_at=NOON + 5 * HOUR)))
    assert heard(work) == ["new_order 1"]
    work.write(lambda tx: accept(tx, "o1"))
    assert heard(work) == []
    clock.advance(5 * HOUR)
    assert heard(work) == ["new_order 1"]


def test_a_cancelled_order_stops_its_other_sentences(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(OrderPlaced(order()), OrderUrged("o1", NOON), RiderMoved("o1", RiderState.AT_STORE))
    clock.advance(HEARD)
    hub.tell(OrderCancelled("o1", "customer", False))
    assert heard(work) == ["cancelled 1"]
    clock.advance(CANCELLED_WAITS)
    assert heard(work) == []


@pytest.mark.parametrize(("taken", "late"), [(True, False), (False, True)])
def test_a_cancellation_that_stops_nothing_is_not_spoken(
    hub: Hub, work: WorkFile, clock: VirtualClock, taken: bool, late: bool
) -> None:
    hub.tell(OrderPlaced(order()))
    clock.advance(HEARD)
    if late:
        hub.tell(OrderAdvanced("o1", OrderState.HANDED_OVER))
    hub.tell(OrderCancelled("o1", "customer", taken))
    assert heard(work) == []


def test_nobody_is_told_to_stop_what_nobody_knew_of(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(OrderPlaced(order()), OrderCancelled("o1", "customer", False))
    hub.tell(OrderPlaced(order("o2", booked=True, promised_at=NOON + 5 * HOUR)))
    clock.advance(HOUR)
    hub.tell(OrderCancelled("o2", "customer", False))
    assert heard(work) == []


def test_a_slip_on_paper_is_called_back(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    (slip,) = work.read(lambda reading: slips.of_order(reading, "o1", SlipKind.PICKING))
    work.write(lambda tx: slips.change(tx, slip, SlipState.SENDING))
    hub.tell(OrderCancelled("o1", "customer", False))
    assert heard(work) == ["cancelled 1"]


@pytest.mark.parametrize("answered", [True, False])
def test_a_full_refund_that_the_platform_granted_stops_the_work(
    hub: Hub, work: WorkFile, clock: VirtualClock, answered: bool
) -> None:
    hub.tell(OrderPlaced(order()), refund(full=True))
    clock.advance(HEARD)
    if answered:
        work.write(lambda tx: answer_refund(tx, "o1", "r", True))
    hub.tell(refund(RefundState.AGREED, full=True))
    assert heard(work) == ([] if answered else ["cancelled 1"])


def test_an_old_backlog_is_one_sentence_of_each_kind(hub: Hub, work: WorkFile) -> None:
    hub.tell(*(OrderPlaced(order(f"o{number}")) for number in range(1, 4)))
    assert heard(work) == ["new_order 1", "new_order 2", "new_order 3"]
    hub.tell(*(OrderPlaced(order(f"o{number}")) for number in range(4, 205)))
    hub.tell(*(OrderUrged(f"o{number}", NOON) for number in range(1, 100)))
    many = work.read(announcements.waiting)
    assert [(one.id, one.count, len(one.members)) for one in many] == [
        ("many-new_order", 204, 204),
        ("many-urged", 99, 99),
    ]
    work.write(lambda tx: announcements.acknowledge(tx, many[0].members))
    assert heard(work) == ["urged 99"]


def test_what_nobody_saw_is_forgotten_with_its_order(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(OrderPlaced(order()), OrderAdvanced("o1", OrderState.COMPLETED))
    clock.advance(DAY + 1)
    hub.tell(OrderPlaced(order("o2")))
    left = work.read(
        lambda reading: [
            row["order_id"] for row in reading.db.execute("SELECT order_id FROM announcements WHERE ended_at IS NULL")
        ]
    )
    assert left == ["o2"]


def test_an_old_stores_file_learns_to_announce(tmp_path: Path) -> None:
    path = tmp_path / "work.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.row_factory = sqlite3.Row
    bring_up_to_date(db, Schema("work", {"first": work_schema.SCHEMA.steps["first"]}), str(path))
    db.execute("INSERT INTO facts VALUES ('store', 'S1')")
    db.close()
    with WorkFile(path, master_key=MASTER_KEY) as work:
        assert work.read(announcements.waiting) == ()
        assert work.read(lambda reading: reading.db.execute("SELECT value FROM facts").fetchone()[0]) == "S1"


def test_what_was_stopped_already_is_not_stopped_again(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(OrderPlaced(order()), refund(full=True))
    clock.advance(HEARD)
    work.write(lambda tx: answer_refund(tx, "o1", "r", True))
    hub.tell(refund(RefundState.AGREED, full=True), OrderCancelled("o1", "customer", False))
    assert heard(work) == []
