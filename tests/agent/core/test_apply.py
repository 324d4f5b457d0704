"""What the hub says, applied once, in order, each kind of event."""

from datetime import date
from functools import partial
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from agent import apply, board, catalogue, orders, outbox, picks, slips, store
from agent.apply import Applied, apply_page, cursor, retry_quarantined
from agent.cursors import DOUBTED
from agent.errors import PageRefused
from agent.files import CacheFile, WorkFile
from agent.picking.steps import start
from agent.quarantine import count as quarantined
from agent.stock import shelf_of
from agent.transactions import Transaction
from domain.codes import Code, Gs1Code, LinkCode, MakerCode, ProductBarcode, TraceCode
from domain.events import (
    Event,
    EventBody,
    OrderAdvanced,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    OrderUrged,
    RefundChanged,
    RiderMoved,
    StockSet,
    StoreConfigured,
)
from domain.lots import Lot
from domain.orders import AcceptRule, OrderState, RiderState
from domain.picks import PickState
from domain.protocol import Cursor, Head, Page
from domain.quantity import units
from domain.recalls import Recall, RecallKind
from domain.refunds import Refund, RefundState
from domain.slips import SlipKind, SlipState
from domain.times import HOUR, MINUTE
from tests.agent.core.catalogue import TWO_PRODUCTS
from tests.agent.core.conftest import VirtualClock
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, LOG, NOON, Hub, event, line, order
from tests.agent.snapshots.making import header, loaded


def state(work: WorkFile, order_id: str = "o1") -> OrderState:
    return work.read(lambda reading: orders.get(reading, order_id)).state


def pick_state(work: WorkFile, order_id: str = "o1") -> PickState:
    return work.read(lambda reading: picks.load(reading, order_id)).state


def slip_states(work: WorkFile, order_id: str = "o1", kind: SlipKind = SlipKind.PICKING) -> list[SlipState]:
    return [slip.state for slip in work.read(lambda reading: slips.of_order(reading, order_id, kind))]


def refund(state: RefundState, *, full: bool = False, refund_id: str = "r1") -> RefundChanged:
    return RefundChanged(Refund(refund_id, "o1", full, state, 1500, NOON, answer_by=NOON + 3 * HOUR))


def test_effect_and_cursor_together(hub: Hub, work: WorkFile) -> None:
    applied = hub.tell(OrderPlaced(order()))
    assert applied.cursor == Cursor(LOG, "first", 1) == work.read(lambda reading: cursor(reading, LOG))
    assert work.read(lambda reading: orders.get(reading, "o1")) == order()
    assert slip_states(work) == [SlipState.ACCEPTED]


def test_a_page_twice_is_one_effect(hub: Hub, work: WorkFile) -> None:
    page = hub.page(OrderPlaced(order()), OrderPlaced(order("o2")))
    assert hub.deliver(page).applied == 2
    again = hub.deliver(page)
    assert (again.applied, again.duplicates) == (0, 2)
    assert slip_states(work) == [SlipState.ACCEPTED]


def test_a_gap_stops_and_the_missing_page_heals(hub: Hub, work: WorkFile) -> None:
    lost, later = hub.page(OrderPlaced(order())), hub.page(OrderPlaced(order("o2")))
    applied = hub.deliver(later)
    assert applied.gap and applied.applied == 0 and applied.cursor.seq == 0
    hub.deliver(lost)
    assert hub.deliver(later).cursor.seq == 2


def test_another_incarnation_is_read_anew_and_keeps_the_outbox(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))
    anew = Page(Head(LOG, "second", 1), (event(1, OrderPlaced(order())),))
    assert hub.deliver(anew) == Applied(Cursor(LOG, "first", 1), gap=True), "not without its snapshot"
    now = loaded(work, tmp_path, header(log_id="second", seq=1), OrderPlaced(order()))
    assert now == Cursor(LOG, "second", 1) == work.read(lambda reading: cursor(reading, LOG))
    assert pick_state(work) is PickState.PICKING, "work that was begun goes on"
    assert slip_states(work) == [SlipState.ACCEPTED], "and nothing prints twice"
    assert work.read(outbox.depth) == 1


def test_a_compacted_log_goes_on_from_a_snapshot(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    assert hub.deliver(Page(Head(LOG, "first", 9, floor=7), reset=True)).gap
    loaded(work, tmp_path, header(seq=7))
    assert hub.deliver(Page(Head(LOG, "first", 9, floor=7), (event(8, OrderPlaced(order())),))).applied == 1


def test_a_page_that_mixes_logs_is_refused(work: WorkFile) -> None:
    page = Page(Head(LOG, "first", 1), (event(1, OrderPlaced(order()), log="store:another"),))
    with pytest.raises(PageRefused, match="store:another"):
        work.write(lambda tx: apply_page(tx, page))


def test_poison_is_set_aside_and_only_its_order_waits(hub: Hub, work: WorkFile) -> None:
    broken = Event(LOG, 1, OrderPlaced.kind, 1, NOON, msgspec.Raw(b'{"order":{"order_id":"o1"}}'), "o1")
    waiting, other = event(2, OrderPlaced(order("o1"))), event(3, OrderPlaced(order("o2")))
    applied = hub.deliver(Page(Head(LOG, "first", 3), (broken, waiting, other)))
    assert (applied.applied, applied.quarantined, applied.cursor.seq) == (1, 2, 3)
    assert work.read(lambda reading: orders.find(reading, "o1")) is None, "nothing half done"
    assert work.read(lambda reading: orders.find(reading, "o2")) is not None
    assert work.write(retry_quarantined) == 0
    assert work.read(quarantined) == 2


def test_a_kind_of_next_year_is_kept_and_holds_back_nothing(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    unknown = Event(LOG, 2, "order.teleported", 1, NOON, msgspec.Raw(b'{"order_id":"o1"}'), "o1")
    newer = Event(LOG, 3, OrderCancelled.kind, 9, NOON, msgspec.Raw(b"{}"), "o1")
    hub.deliver(Page(Head(LOG, "first", 4), (unknown, newer, event(4, OrderCancelled("o1", "customer", False)))))
    assert state(work) is OrderState.CANCELLED
    assert work.read(quarantined) == 2 and work.write(retry_quarantined) == 0


def test_what_was_set_aside_is_applied_in_order_once_it_can_be(hub: Hub, work: WorkFile) -> None:
    """The order's own event is missing (a compacted log): its successors wait until it is known."""
    hub.tell(OrderAdvanced("o1", OrderState.PICKED), OrderCancelled("o1", "customer", False))
    assert work.read(quarantined) == 2
    work.write(lambda tx: orders.save(tx, order()))
    work.write(lambda tx: picks.begin(tx, "o1"))
    assert work.write(retry_quarantined) == 2
    assert state(work) is OrderState.CANCELLED and work.read(quarantined) == 0
    assert work.read(lambda reading: cursor(reading, LOG)).log_id == "first", "nothing overtook them"


def test_what_was_overtaken_makes_its_log_begin_anew(hub: Hub, work: WorkFile) -> None:
    def fails(tx: Transaction, body: EventBody) -> None:
        raise ValueError("this version cannot")

    with patch.dict(apply._EFFECTS, {StockSet: fails}):
        hub.tell(StockSet("A", 1000, ""))
    hub.tell(OrderPlaced(order()))
    assert work.write(retry_quarantined) == 1
    assert work.read(lambda reading: cursor(reading, LOG)).log_id == DOUBTED, "a snapshot says how it is now"


@pytest.mark.parametrize(
    ("rule", "placed", "prints"),
    [
        (AcceptRule.HUB, OrderState.PLACED, True),
        (AcceptRule.PLATFORM, OrderState.PLACED, True),
        (AcceptRule.CLERK, OrderState.PLACED, False),
        (AcceptRule.CLERK, OrderState.ACCEPTED, True),
        (AcceptRule.HUB, OrderState.PICKED, False),
    ],
)
def test_the_slip_waits_for_whoever_accepts(
    hub: Hub, work: WorkFile, rule: AcceptRule, placed: OrderState, prints: bool
) -> None:
    hub.tell(StoreConfigured("店", rule, 40 * MINUTE), OrderPlaced(order(state=placed)))
    assert bool(slip_states(work)) is prints


def test_accepted_elsewhere_prints_then(hub: Hub, work: WorkFile) -> None:
    hub.tell(StoreConfigured("店", AcceptRule.CLERK, MINUTE), OrderPlaced(order(state=OrderState.PLACED)))
    hub.tell(OrderAdvanced("o1", OrderState.ACCEPTED), OrderAdvanced("o1", OrderState.ACCEPTED))
    assert slip_states(work) == [SlipState.ACCEPTED]
    assert work.read(lambda reading: board.board(reading)).cards[0].accepted_at == NOON


def test_a_new_rule_frees_what_waited_for_the_clerk(hub: Hub, work: WorkFile) -> None:
    hub.tell(StoreConfigured("店", AcceptRule.CLERK, MINUTE), OrderPlaced(order(state=OrderState.PLACED)))
    hub.tell(StoreConfigured("新店名", AcceptRule.HUB, MINUTE))
    assert slip_states(work) == [SlipState.ACCEPTED]
    assert work.read(store.identity).name == "新店名"


def test_a_late_report_never_goes_back(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), OrderAdvanced("o1", OrderState.PICKED), OrderAdvanced("o1", OrderState.ACCEPTED))
    assert state(work) is OrderState.PICKED


def test_finished_in_the_platforms_app(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), OrderAdvanced("o1", OrderState.COMPLETED))
    assert pick_state(work) is PickState.STOPPED
    assert slip_states(work) == [SlipState.WITHDRAWN]
    assert work.read(board.board).cards == ()


def test_a_cancelled_order_withdraws_what_was_not_sent(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), OrderCancelled("o1", "customer", False), OrderCancelled("o1", "customer", False))
    assert state(work) is OrderState.CANCELLED and pick_state(work) is PickState.STOPPED
    assert slip_states(work) == [SlipState.WITHDRAWN]
    assert slip_states(work, kind=SlipKind.STOP) == []


@pytest.mark.parametrize("reached", [SlipState.SENDING, SlipState.CONFIRMING, SlipState.PRINTED, SlipState.UNKNOWN])
def test_a_stop_slip_follows_what_may_lie_on_paper(hub: Hub, work: WorkFile, reached: SlipState) -> None:
    hub.tell(OrderPlaced(order()))
    move_slip(work, reached)
    hub.tell(OrderCancelled("o1", "customer", False))
    assert slip_states(work) == [reached]
    assert slip_states(work, kind=SlipKind.STOP) == [SlipState.ACCEPTED]


def move_slip(work: WorkFile, wanted: SlipState) -> None:
    path = [SlipState.SENDING, SlipState.CONFIRMING, SlipState.PRINTED]
    way = [SlipState.SENDING, wanted] if wanted is SlipState.UNKNOWN else path[: path.index(wanted) + 1]
    for step in way:
        work.write(partial(change_slip, state=step))


def change_slip(tx: Transaction, state: SlipState) -> None:
    slips.change(tx, slips.of_order(tx, "o1")[0], state)


def test_a_changed_order_prints_again_only_if_it_was_on_paper(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), OrderChanged(order("o1", line(count=2))))
    assert slip_states(work) == [SlipState.ACCEPTED]
    move_slip(work, SlipState.PRINTED)
    hub.tell(OrderChanged(order("o1", line(count=2))))
    assert slip_states(work) == [SlipState.PRINTED], "the same again is no change"
    hub.tell(OrderChanged(order("o1", line(count=3))))
    assert slip_states(work) == [SlipState.PRINTED, SlipState.ACCEPTED]
    assert work.read(lambda reading: slips.of_order(reading, "o1")[1]).issue == 2


def test_an_order_whose_placing_was_lost_is_taken_from_its_change(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderChanged(order()))
    assert slip_states(work) == [SlipState.ACCEPTED]


def test_rider_and_urge(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), RiderMoved("o1", RiderState.AT_STORE), OrderUrged("o1", NOON + 5))
    (card,) = work.read(board.board).cards
    assert (card.rider, card.rider_at, card.urged_at) == (RiderState.AT_STORE, NOON, NOON + 5)


def test_a_refund_pauses_and_its_withdrawal_goes_on(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))
    hub.tell(refund(RefundState.ASKED), refund(RefundState.ASKED, refund_id="r2"))
    assert pick_state(work) is PickState.PAUSED
    hub.tell(refund(RefundState.WITHDRAWN))
    assert pick_state(work) is PickState.PAUSED, "another one still waits"
    hub.tell(refund(RefundState.REFUSED, refund_id="r2"), refund(RefundState.ASKED, refund_id="r2"))
    assert pick_state(work) is PickState.PICKING, "a late repeat of the question changes nothing"


def test_a_refund_before_the_start_goes_back_to_waiting(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), refund(RefundState.ASKED), refund(RefundState.REFUSED))
    assert pick_state(work) is PickState.ASSIGNED


def test_a_granted_part_refund_strikes_its_line(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order("o1", line(1, count=2), line(2))))
    work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))
    hub.tell(refund(RefundState.ASKED))
    agreed = refund(RefundState.AGREED)
    hub.tell(RefundChanged(agreed.refund, struck={1: units(1)}))
    assert pick_state(work) is PickState.PICKING
    assert [each.wanted for each in work.read(lambda reading: orders.get(reading, "o1")).lines] == [units(1), units(1)]


def test_a_granted_full_refund_stops(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    move_slip(work, SlipState.PRINTED)
    hub.tell(refund(RefundState.ASKED, full=True), refund(RefundState.AGREED, full=True))
    assert pick_state(work) is PickState.STOPPED
    hub.tell(OrderCancelled("o1", "customer", False))
    assert slip_states(work, kind=SlipKind.STOP) == [SlipState.ACCEPTED], "one stop slip, not two"


def test_a_part_refund_after_the_full_one_prints_no_new_slip(hub: Hub, work: WorkFile) -> None:
    """Found by the state machine: the order was still open to the platform, its work was not."""
    full = Refund("r1", "o1", True, RefundState.AGREED, 1500, NOON)
    part = Refund("r2", "o1", False, RefundState.AGREED, 700, NOON)
    hub.tell(OrderPlaced(order()), RefundChanged(full), RefundChanged(part, struck={1: units(1)}))
    slips_of_it = work.read(lambda reading: slips.of_order(reading, "o1", SlipKind.PICKING))
    assert [slip.state for slip in slips_of_it] == [SlipState.WITHDRAWN]


def test_a_refund_after_the_hand_over_stops_nothing(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    move_slip(work, SlipState.PRINTED)
    hub.tell(OrderAdvanced("o1", OrderState.COMPLETED), refund(RefundState.AGREED, full=True))
    assert slip_states(work, kind=SlipKind.STOP) == []


def test_stock_and_the_lot_to_take_first(hub: Hub, work: WorkFile) -> None:
    first, later = Lot("B1", date(2027, 1, 31), units(2)), Lot("B2", date(2028, 1, 31), units(9))
    gone, expired = Lot("B0", date(2026, 12, 31), 0), Lot("BX", date(2026, 1, 1), units(1))
    hub.tell(StockSet("AMX", units(12), "A-03", (first, later, gone, expired)))
    shelf = work.read(lambda reading: shelf_of(reading, "AMX", date(2026, 11, 21)))
    assert (shelf.shelf, shelf.on_hand, shelf.lot) == ("A-03", units(12), first)
    hub.tell(StockSet("AMX", 0, "A-04"))
    assert work.read(lambda reading: shelf_of(reading, "AMX", date(2026, 11, 21))).lot is None


def test_the_catalogue_is_applied_beside(hub: Hub, cache: CacheFile) -> None:
    code = TraceCode("81234560000000000001")
    assert cache.read(lambda reading: catalogue.skus(reading, code)) == {"AMX"}
    hub.teach(msgspec.structs.replace(AMOXICILLIN, trace_prefixes=("8999999",)))
    assert cache.read(lambda reading: catalogue.skus(reading, code)) == frozenset()


@pytest.mark.parametrize(
    "code",
    [
        MakerCode("JK-2201-0007788"),
        LinkCode("t.example.cn", "JK-2201-1"),
        ProductBarcode("6901234567892"),
        Gs1Code("06901234567892"),
        Gs1Code("16901234567899"),
    ],
)
def test_every_kind_of_code_leads_to_its_product(hub: Hub, cache: CacheFile, code: Code) -> None:
    """A case's number (its first digit is 1 to 8) leads to what it holds, so that the refusal can say so."""
    product = msgspec.structs.replace(AMOXICILLIN, maker_prefixes=("JK-", "JK-2201"), cold=True, generic="阿莫西林")
    hub.teach(product, msgspec.structs.replace(IBUPROFEN, maker_prefixes=("JK",)))
    assert cache.read(lambda reading: catalogue.products(reading, code)) == (product,)


def test_recalls_are_known_until_they_end(hub: Hub, cache: CacheFile) -> None:
    begun = Recall("r1", RecallKind.RECALL, "AMX", ("B1",), "质量问题", NOON)
    hub.recall(begun)
    assert cache.read(lambda reading: catalogue.recalls(reading, "AMX")) == (begun,)
    assert cache.read(lambda reading: catalogue.recalls(reading, "IBU")) == ()
    hub.recall(msgspec.structs.replace(begun, ended=True))
    assert cache.read(lambda reading: catalogue.recalls(reading, "AMX")) == ()


def test_a_booked_order_prints_at_its_time(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(
        StoreConfigured("店", AcceptRule.HUB, 40 * MINUTE),
        OrderPlaced(order("o1", booked=True, promised_at=NOON + 3 * HOUR)),
        OrderPlaced(order("o2")),
        OrderPlaced(order("o3", booked=True, promised_at=NOON + 10 * MINUTE)),
    )

    def due() -> list[str]:
        return work.read(lambda reading: [slips.get(reading, one.slip_id).order_id for one in slips.waiting(reading)])

    assert due() == ["o2", "o3"], "what is late already prints at once"
    clock.advance(3 * HOUR - 40 * MINUTE - 1)
    assert due() == ["o2", "o3"]
    assert work.read(board.board).cards[-1].print_at == NOON + 3 * HOUR - 40 * MINUTE
    clock.advance(1)
    assert due() == ["o2", "o3", "o1"]


def test_a_booked_order_follows_its_new_time_and_lead(hub: Hub, work: WorkFile) -> None:
    booked = order("o1", booked=True, promised_at=NOON + 3 * HOUR)
    hub.tell(StoreConfigured("店", AcceptRule.HUB, 40 * MINUTE), OrderPlaced(booked))
    hub.tell(OrderChanged(msgspec.structs.replace(booked, promised_at=NOON + 5 * HOUR)))
    assert work.read(slips.next_due_at) == NOON + 5 * HOUR - 40 * MINUTE
    hub.tell(StoreConfigured("店", AcceptRule.HUB, HOUR))
    assert work.read(slips.next_due_at) == NOON + 4 * HOUR


def test_a_clock_that_is_set_back_holds_up_no_slip(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(OrderPlaced(order()))
    clock.advance(-HOUR)
    assert len(work.read(slips.waiting)) == 1
