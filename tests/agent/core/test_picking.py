"""What clerks do: scanning, completing, settling, selling. Red verdicts name their rule; nothing incomplete passes."""

from collections.abc import Callable
from datetime import date

import pytest

from agent import board, orders, outbox, picks, slips, store
from agent.catalogue import Lookup
from agent.errors import NotFound, NotNow, WorkRefused
from agent.files import WorkFile
from agent.judging import scan
from agent.order_view import order_view
from agent.picking.steps import accept, complete, hand_over, start, take_by_hand, undo
from agent.settling import answer_refund, settle_exception
from agent.stock import count_stock, record_sale, shelf_of
from agent.transactions import Transaction
from domain.events import (
    ExceptionClosed,
    ExceptionOpened,
    OrderAdvanced,
    OrderCancelled,
    OrderPlaced,
    RefundChanged,
    StockSet,
    StoreConfigured,
)
from domain.exceptions import CHOICES, Choice, ExceptionKind, OrderException
from domain.operations import Operation, PickCompleted, SaleLine, StockCounted, TrailGrown, decode_body
from domain.orders import AcceptRule, OrderState
from domain.picks import PickState
from domain.products import Product
from domain.protocol import Outcome, OutcomeState
from domain.quantity import units
from domain.refunds import Refund, RefundState
from domain.rules import Rule, Verdict
from domain.slips import SlipState
from domain.times import MINUTE
from tests.agent.core.catalogue import TWO_PRODUCTS
from tests.agent.core.conftest import VirtualClock
from tests.agent.core.hub import IBUPROFEN, NOON, STORE, Hub, line, order

A1, A2, A3 = (f"8123456000000000000{n}" for n in range(1, 4))
B1 = "87654320000000000001"
TODAY = date(2026, 11, 21)
Scan = Callable[..., Verdict]


@pytest.fixture
def scanned(work: WorkFile, lookup: Lookup) -> Scan:
    def run(code: str, device: str = "gun", order_id: str | None = None) -> Verdict:
        return work.write(lambda tx: scan(tx, code.encode(), device, lookup, order_id=order_id)).verdict

    return run


def do(work: WorkFile, step: Callable[..., object], *args: object) -> None:
    work.write(lambda tx: step(tx, *args))


def kinds(work: WorkFile) -> list[str]:
    """But for the trail, which goes along."""
    return [operation.kind for operation in pending(work) if operation.kind != TrailGrown.kind]


def pending(work: WorkFile) -> tuple[Operation, ...]:
    return work.read(lambda reading: outbox.pending(reading))


def pick_state(work: WorkFile, order_id: str = "o1") -> PickState:
    return work.read(lambda reading: picks.load(reading, order_id)).state


def test_from_slip_to_hand_over_with_the_scanner_alone(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(OrderPlaced(order("o1", line(1, count=2), line(2, IBUPROFEN))), StockSet("AMX", units(9), "A"))
    assert scanned("YO000000000001").good and pick_state(work) is PickState.PICKING
    assert [scanned(code).rule for code in (A1, A2, B1)] == [Rule.TAKEN] * 3
    do(work, complete, "o1", TWO_PRODUCTS)
    do(work, hand_over, "o1", TWO_PRODUCTS)
    do(work, complete, "o1", TWO_PRODUCTS)  # pressed once more, on a page that stood open
    assert kinds(work) == ["pick.started", "pick.completed", "order.handed_over"]
    body = decode_body(pending(work)[1])
    assert isinstance(body, PickCompleted)
    assert [(each.line_id, each.code) for each in body.bindings] == [(1, A1), (1, A2), (2, B1)]
    assert work.read(lambda reading: shelf_of(reading, "AMX", TODAY)).on_hand == units(7)
    assert work.read(board.board).cards == ()


def test_every_red_verdict(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(OrderPlaced(order("o1", line(1, count=2))), OrderPlaced(order("o2")))
    assert scanned(A1).rule is Rule.NOT_PICKING
    scanned("YO000000000001")
    rules = [scanned(code).rule for code in (A1, A1, B1, "89999990000000000001", "8123456")]
    assert rules == [Rule.TAKEN, Rule.TWICE_HERE, Rule.WRONG_PRODUCT, Rule.UNKNOWN_PREFIX, Rule.UNREADABLE]
    assert scanned(A1, order_id="o2").rule is Rule.NOT_PICKING
    scanned("YO000000000002")
    assert scanned(A1).rule is Rule.BOUND_ELSEWHERE
    assert scanned("YO000000000009").rule is Rule.UNREADABLE
    scanned("YO000000000001")
    scanned(A2)
    assert scanned(A3).rule is Rule.NOT_PICKING, "one too many of an order just completed"


def test_more_than_wanted_is_refused(hub: Hub, scanned: Scan) -> None:
    hub.tell(OrderPlaced(order("o1", line(1), line(2, IBUPROFEN))))
    scanned("YO000000000001")
    assert [scanned(code).rule for code in (A1, A2)] == [Rule.TAKEN, Rule.ENOUGH]


def test_the_last_pack_completes_the_pick(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(OrderPlaced(order("o1", line(count=2))))
    scanned("YO000000000001")
    assert "拣货完成" not in scanned(A1).sentence
    assert "拣货完成" in scanned(A2).sentence
    assert pick_state(work) is PickState.PACKED
    assert kinds(work) == ["pick.started", "pick.completed"]


def test_the_only_order_that_wants_a_product_needs_no_slip(
    hub: Hub, work: WorkFile, scanned: Scan, clock: VirtualClock
) -> None:
    hub.tell(OrderPlaced(order("o1")), OrderPlaced(order("o2", line(1, IBUPROFEN))))
    assert scanned(A1).good
    assert pick_state(work) is PickState.PACKED
    hub.tell(OrderPlaced(order("o3")))
    assert scanned(A2).rule is Rule.NOT_PICKING, "a second pack of what was just completed starts nothing"
    clock.advance(MINUTE)
    assert scanned(A2).good
    assert pick_state(work, "o3") is PickState.PACKED
    assert scanned(B1).good, "another product is no pack too many"
    assert pick_state(work, "o2") is PickState.PACKED


def test_a_code_sold_here_is_refused_with_the_hub_gone(
    hub: Hub, work: WorkFile, scanned: Scan, clock: VirtualClock
) -> None:
    hub.tell(OrderPlaced(order("o1")), OrderPlaced(order("o2")))
    work.write(lambda tx: record_sale(tx, [SaleLine("AMX", units(1), (A1,))]))
    clock.advance(MINUTE)
    scanned("YO000000000001")
    verdict = scanned(A1)
    assert verdict.rule is Rule.SOLD_BEFORE and "售出" in verdict.sentence
    assert scanned(A2).good
    do(work, complete, "o1", TWO_PRODUCTS)
    scanned("YO000000000002")
    assert scanned(A2).rule is Rule.SOLD_BEFORE


def test_a_cancelled_orders_codes_are_free_until_the_rider_has_them(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(OrderPlaced(order("o1", line(count=2))), *(OrderPlaced(order(f"o{n}")) for n in (2, 3)))
    hub.tell(OrderPlaced(order("o4", line(count=2))))
    for code, order_code in ((A1, "YO000000000001"), (A2, "YO000000000002"), (A3, "YO000000000003")):
        scanned(order_code)
        assert scanned(code).good
    hub.tell(*(OrderCancelled(f"o{n}", "customer", taken=n == 3) for n in (1, 2, 3)))
    scanned("YO000000000004")
    assert scanned(A3).rule is Rule.SOLD_BEFORE
    assert scanned(A2).good, "bound to a finished, cancelled order"
    do(work, undo, "o4")
    assert scanned(A1).good, "bound to an order cancelled while being picked"


def test_scans_after_cancel_and_while_a_refund_waits(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(OrderPlaced(order()))
    scanned("YO000000000001")
    hub.tell(RefundChanged(Refund("r1", "o1", False, RefundState.ASKED, 100, NOON)))
    assert scanned(A1).rule is Rule.PAUSED and scanned("YO000000000001").rule is Rule.PAUSED
    hub.tell(OrderCancelled("o1", "customer", False))
    assert scanned(A1).rule is Rule.STOPPED and scanned("YO000000000001").rule is Rule.STOPPED
    with pytest.raises(NotNow, match="已取消"):
        do(work, complete, "o1", TWO_PRODUCTS)


def test_which_pick_a_scan_belongs_to(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(*(OrderPlaced(order(f"o{n}", line(count=9))) for n in range(1, 4)))
    do(work, start, "o1", TWO_PRODUCTS)
    assert scanned(A1, "left").good
    scanned("YO000000000002", "left")
    scanned("YO000000000003", "right")
    assert scanned(A2, "left").good and scanned(A3, "right").good
    do(work, start, "o1", TWO_PRODUCTS)
    assert scanned(B1, "left").rule is Rule.WRONG_PRODUCT
    bags = work.read(lambda reading: [picks.load(reading, f"o{n}").bindings for n in range(1, 4)])
    assert [[each.code for each in bag] for bag in bags] == [[A1], [A2], [A3]]


def test_every_scan_is_a_row_that_was_there_before_the_answer(hub: Hub, work: WorkFile, lookup: Lookup) -> None:
    hub.tell(OrderPlaced(order("o1")), OrderPlaced(order("o2")))
    raw = b"\xef\xbb\xbf" + A1.encode()
    answer = work.write(lambda tx: scan(tx, raw, "/dev/ttyACM0", lookup, read_at=NOON - 7))
    row = work.read(lambda reading: tuple(reading.db.execute("SELECT * FROM scans").fetchone())[:9])
    assert row == (
        answer.scan_id,
        raw,
        "/dev/ttyACM0",
        NOON - 7,
        NOON,
        None,
        "not-picking",
        answer.verdict.sentence,
        None,
    )


@pytest.mark.parametrize("picking", [True, False])
def test_of_a_payment_code_nothing_is_kept(hub: Hub, work: WorkFile, scanned: Scan, picking: bool) -> None:
    hub.tell(OrderPlaced(order()))
    if picking:
        scanned("YO000000000001")
    verdict = scanned("134512345678901234")
    assert not verdict.good and "付款码" in verdict.sentence
    assert work.read(lambda reading: reading.db.execute("SELECT count(*) FROM scans").fetchone()[0]) == int(picking)


def test_a_scanned_slip_did_print(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(OrderPlaced(order()))
    for state in (SlipState.SENDING, SlipState.UNKNOWN):
        do(work, change_slip, state)
    scanned("YO000000000001")
    assert work.read(lambda reading: slips.of_order(reading, "o1"))[0].state is SlipState.PRINTED


def change_slip(tx: Transaction, state: SlipState) -> None:
    slips.change(tx, slips.of_order(tx, "o1")[0], state)


def test_the_clerk_accepts_once(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(StoreConfigured("店", AcceptRule.CLERK, MINUTE), OrderPlaced(order(state=OrderState.PLACED)))
    assert "请先接单" in scanned("YO000000000001").sentence
    for _ in range(2):
        do(work, accept, "o1")
    assert kinds(work) == ["order.accept"]
    assert len(work.read(lambda reading: slips.of_order(reading, "o1"))) == 1


def test_what_the_hub_refuses_is_seen_and_undone(hub: Hub, work: WorkFile) -> None:
    hub.tell(StoreConfigured("店", AcceptRule.CLERK, MINUTE), OrderPlaced(order(state=OrderState.PLACED)))
    do(work, accept, "o1")
    (operation,) = pending(work)
    do(work, outbox.settle, [Outcome(operation.key, OutcomeState.REFUSED, "门店已打烊")])
    card = work.read(board.board).cards[0]
    assert card.state is OrderState.PLACED and "门店已打烊" in card.problem
    assert work.read(outbox.depth) == 0
    do(work, accept, "o1")
    do(work, outbox.settle, [Outcome(pending(work)[0].key, OutcomeState.DONE)])
    assert work.read(board.board).cards[0].problem == "", "the next time it went well"


@pytest.mark.parametrize(
    "step",
    [
        lambda tx, order_id: complete(tx, order_id, TWO_PRODUCTS),
        undo,
        lambda tx, order_id: hand_over(tx, order_id, TWO_PRODUCTS),
    ],
)
def test_nothing_without_a_start(hub: Hub, work: WorkFile, step: Callable[..., object]) -> None:
    hub.tell(OrderPlaced(order()))
    with pytest.raises(NotNow):
        do(work, step, "o1")
    with pytest.raises(NotFound):
        do(work, step, "o404")
    assert work.read(outbox.depth) == 0


def test_only_a_whole_pick_is_complete(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(OrderPlaced(order("o1", line(1, count=2), line(2, IBUPROFEN))))
    scanned("YO000000000001")
    scanned(A1)
    scanned(B1)
    with pytest.raises(NotNow, match="还没有拣齐：阿莫西林"):
        do(work, complete, "o1", TWO_PRODUCTS)
    do(work, undo, "o1", 2)
    scanned(A2)
    refund = Refund("r1", "o1", False, RefundState.AGREED, 1500, NOON)
    hub.tell(RefundChanged(refund, struck={1: units(1)}))
    with pytest.raises(NotNow, match="请先放回"):
        do(work, complete, "o1", TWO_PRODUCTS)
    do(work, undo, "o1", 1)
    scanned(B1)
    assert pick_state(work) is PickState.PACKED


def exception(kind: ExceptionKind, *lines: int) -> ExceptionOpened:
    return ExceptionOpened(OrderException("x1", kind, "o1", lines, CHOICES[kind], NOON, None))


def test_short_lines_are_settled_first(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(OrderPlaced(order("o1", line(count=1, short=units(1)))), exception(ExceptionKind.SHORT, 1))
    scanned("YO000000000001")
    assert scanned(A1).good
    with pytest.raises(NotNow, match="请先处理异常"):
        do(work, complete, "o1", TWO_PRODUCTS)
    with pytest.raises(NotNow):
        do(work, settle_exception, "x1", Choice.SEEN)
    with pytest.raises(NotNow, match="实际找到"):
        do(work, settle_exception, "x1", Choice.FOUND)
    do(work, settle_exception, "x1", Choice.FOUND, {1: units(1)})
    do(work, complete, "o1", TWO_PRODUCTS)
    assert kinds(work) == ["pick.started", "exception.settle", "pick.completed"]


def test_found_too_few_is_still_short(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(OrderPlaced(order("o1", line(count=3, short=units(3)))), exception(ExceptionKind.SHORT, 1))
    do(work, settle_exception, "x1", Choice.FOUND, {1: units(2)})
    assert work.read(lambda reading: orders.get(reading, "o1")).lines[0].short == units(1)
    hub.tell(ExceptionClosed("x1", "o1", {1: 0}))
    assert not work.read(lambda reading: order_view(reading, "o1")).lines[0].settle


def test_a_product_nobody_knows_is_taken_by_hand(hub: Hub, work: WorkFile) -> None:
    stranger = Product("", "某泡腾片", "10片", "管")
    hub.tell(OrderPlaced(order("o1", line(1, stranger, sku=None))), exception(ExceptionKind.UNKNOWN_PRODUCT, 1))
    do(work, start, "o1", TWO_PRODUCTS)
    with pytest.raises(NotNow, match="异常"):
        do(work, take_by_hand, "o1", 1, "看过了")
    do(work, settle_exception, "x1", Choice.SEEN)
    do(work, take_by_hand, "o1", 1, "看过了")
    with pytest.raises(NotNow, match="已够"):
        do(work, take_by_hand, "o1", 1, "又一盒")
    do(work, complete, "o1", TWO_PRODUCTS)


def test_a_known_product_is_never_taken_by_hand(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    do(work, start, "o1", TWO_PRODUCTS)
    with pytest.raises(NotNow, match="扫描"):
        do(work, take_by_hand, "o1", 1, "懒得扫")


def test_a_refund_is_answered_once(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), RefundChanged(Refund("r1", "o1", False, RefundState.ASKED, 100, NOON)))
    with pytest.raises(NotNow, match="原因"):
        do(work, answer_refund, "o1", "r1", False, " ")
    do(work, answer_refund, "o1", "r1", True)
    with pytest.raises(NotNow, match="已经答复"):
        do(work, answer_refund, "o1", "r1", False, "不")
    (operation,) = pending(work)
    do(work, outbox.settle, [Outcome(operation.key, OutcomeState.REFUSED, "平台已超时")])
    do(work, answer_refund, "o1", "r1", False, "药品已拆封")
    assert pick_state(work) is PickState.PAUSED


def test_a_count_names_the_event_it_contains(hub: Hub, work: WorkFile) -> None:
    work.write(lambda tx: store.pair(tx, hub_url="http://hub", chain="C", store=STORE, name="店"))
    hub.tell(StockSet("AMX", units(5), "A"), StockSet("AMX", units(4), "A"))
    do(work, count_stock, "AMX", units(3), "盘点")
    (operation,) = pending(work)
    assert decode_body(operation) == StockCounted("AMX", units(3), "盘点", 2)
    assert work.read(lambda reading: shelf_of(reading, "AMX", TODAY)).on_hand == units(3)


@pytest.mark.parametrize(
    "lines", [[], [SaleLine("AMX", 0)], [SaleLine("AMX", units(2), (A1, A1))], [SaleLine("AMX", -1)]]
)
def test_an_absurd_sale_is_refused(work: WorkFile, lines: list[SaleLine]) -> None:
    with pytest.raises(WorkRefused):
        work.write(lambda tx: record_sale(tx, lines))
    assert work.read(outbox.depth) == 0


def test_handed_over_in_the_platforms_app_keeps_the_codes_taken(hub: Hub, work: WorkFile, scanned: Scan) -> None:
    hub.tell(OrderPlaced(order("o1", line(count=2))), OrderPlaced(order("o2")))
    scanned("YO000000000001")
    scanned(A1)
    hub.tell(OrderAdvanced("o1", OrderState.HANDED_OVER))
    scanned("YO000000000002")
    assert scanned(A1).rule is Rule.SOLD_BEFORE
