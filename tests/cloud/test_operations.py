"""What stores tell: facts are never refused, requests may be, and each is applied once for ever."""

import msgspec
import pytest

from cloud import answers, calls, chain, operations, tables
from cloud.calls import Carried
from cloud.channels.base import CallKind, CallResult, CallState, Cancelled, Refunded, RefundedLine
from cloud.views import order as order_view
from domain.events import ExceptionClosed, ExceptionOpened, OrderAdvanced, OrderCancelled, RefundChanged
from domain.exceptions import Choice, ExceptionKind, OrderException
from domain.operations import (
    AcceptOrder,
    AnswerRefund,
    Operation,
    OrderHandedOver,
    PickCompleted,
    SaleLine,
    SaleRecorded,
    SettleException,
    SlipChanged,
    StockCounted,
)
from domain.orders import AcceptRule, OrderState
from domain.picks import Binding
from domain.protocol import OutcomeState
from domain.quantity import units
from domain.refunds import RefundState
from domain.slips import Evidence, SlipKind, SlipState, SlipStep
from tests.cloud.hub import CHAIN, OTHER_STORE, STORE, Hub


def opened(hub: Hub, store: str = STORE) -> list[OrderException]:
    return [one.exception for one in hub.told(ExceptionOpened, store=store) if isinstance(one, ExceptionOpened)]


def picked(order_id: str, boxes: int, line_id: int = 1, first: int = 0) -> PickCompleted:
    codes = [f"8{line_id}{number:018d}" for number in range(first, first + boxes)]
    return PickCompleted(order_id, tuple(Binding(line_id, code, units(1)) for code in codes))


def carry(hub: Hub, kind: CallKind, result: CallResult) -> Carried:
    """Carries every call until the one of this kind, which gets the result; those before it are done."""
    while True:
        with hub.transaction() as tx:
            due = calls.due(tx)
            assert due
            for carried in due:
                wanted = carried.call.kind is kind
                answers.settle(tx, carried, result if wanted else CallResult(CallState.DONE))
                if wanted:
                    return carried


def test_a_sale_of_the_last_box_is_recorded_and_the_newest_promise_released(hub: Hub) -> None:
    first, last = hub.place(1, ("sku1", 9)), hub.place(2, ("sku1", 1))
    outcome = hub.do(SaleRecorded("sale-1", (SaleLine("sku1", units(1)),)))

    assert outcome.state is OutcomeState.DONE
    assert (hub.level("sku1").on_hand, hub.level("sku1").reserved) == (units(9), units(9))
    assert [(one.kind, one.order_id, one.lines) for one in opened(hub)] == [(ExceptionKind.OVERSOLD, last, (1,))]
    assert hub.row(tables.order_lines, order_id=last).short == units(1)
    assert hub.row(tables.order_lines, order_id=first).short == 0
    hub.balanced()


def test_more_sold_than_there_ever_was_is_recorded_too(hub: Hub) -> None:
    hub.do(SaleRecorded("sale-1", (SaleLine("sku1", units(12)), SaleLine("never heard of", units(1)))))
    assert hub.level("sku1").on_hand == units(-2)
    assert hub.level("never heard of").on_hand == units(-1)
    hub.balanced()


def test_the_same_key_is_answered_alike_and_another_body_is_flagged(hub: Hub) -> None:
    sale = SaleRecorded("sale-1", (SaleLine("sku1", units(1)),))
    other = SaleRecorded("sale-1", (SaleLine("sku1", units(2)),))
    assert [hub.do(sale, key="k").state for _ in range(3)] == [OutcomeState.DONE] * 3
    assert hub.do(other, key="k").state is OutcomeState.KEY_REUSED
    assert hub.do(sale, key="k").state is OutcomeState.DONE
    assert hub.level("sku1").on_hand == units(9)
    hub.do(sale, key="another key")
    assert hub.level("sku1").on_hand == units(9)  # the same sale


def test_what_cannot_be_read_is_refused_and_what_is_newer_is_given_back(hub: Hub) -> None:
    def send(kind: str, body: bytes, v: int = 1) -> OutcomeState:
        with hub.transaction() as tx:
            return operations.apply(
                tx, hub.agent(), Operation(f"{kind}{v}{body!r}", 1, kind, v, 1, msgspec.Raw(body))
            ).state

    assert send("sale.recorded", b'{"sale_id":5}') is OutcomeState.DONE, "a fact is never refused: it is set aside"
    assert send("order.accept", b'{"order_id":5}') is OutcomeState.REFUSED
    assert send("sale.recorded", b"{}", v=2) is OutcomeState.UNKNOWN_KIND
    assert send("from.the.future", b"{}") is OutcomeState.UNKNOWN_KIND
    absurd = b'{"sku":"sku1","counted":-5,"reason":"","seen":0}'
    assert send("stock.counted", absurd) is OutcomeState.DONE
    assert hub.level("sku1").on_hand == units(10)
    assert {row.reason for row in hub.rows(tables.set_aside)} == {"unreadable", "unknown_kind", "absurd"}


def test_a_pick_turns_the_promise_into_a_movement_and_tells_the_channel(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 2))
    hub.do(picked(order_id, 2))
    hub.do(picked(order_id, 2))  # under another key: the same bag
    assert (hub.level("sku1").on_hand, hub.level("sku1").reserved) == (units(8), 0)
    assert hub.state(order_id) is OrderState.PICKED
    assert sorted(row.kind for row in hub.rows(tables.calls)) == [CallKind.ACCEPT, CallKind.PICKED]
    assert len(hub.rows(tables.bindings)) == 2
    hub.do(OrderHandedOver(order_id))
    assert hub.state(order_id) is OrderState.HANDED_OVER
    hub.balanced()


def test_what_was_picked_and_then_cancelled_is_not_put_back_by_itself(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 2))
    hub.do(picked(order_id, 2))
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    assert hub.level("sku1").on_hand == units(8)
    assert [one.kind for one in opened(hub)] == [ExceptionKind.CANCELLED_LATE]
    assert len(hub.told(OrderCancelled)) == 1


def test_a_pick_of_a_cancelled_order_still_stands(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 2))
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    assert hub.do(picked(order_id, 2)).state is OutcomeState.DONE
    assert hub.level("sku1").on_hand == units(8)
    assert hub.state(order_id) is OrderState.CANCELLED
    assert [one.kind for one in opened(hub)] == [ExceptionKind.CANCELLED_LATE]
    hub.balanced()


def test_one_code_on_two_orders_is_seen(hub: Hub) -> None:
    first, second = hub.place(1, ("sku1", 1)), hub.place(2, ("sku1", 1))
    hub.do(picked(first, 1))
    hub.do(picked(second, 1))
    assert [(one.kind, one.order_id) for one in opened(hub)] == [(ExceptionKind.CODE_SOLD_TWICE, second)]


def test_a_fact_about_another_stores_order_is_kept_and_changes_nothing(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 1))
    assert hub.do(picked(order_id, 1), store=OTHER_STORE).state is OutcomeState.DONE
    assert hub.do(picked("no such order", 1)).state is OutcomeState.DONE
    assert hub.level("sku1").on_hand == units(10)
    assert len(hub.rows(tables.operations)) == 2
    assert hub.do(AcceptOrder(order_id), store=OTHER_STORE).state is OutcomeState.REFUSED


def test_a_count_sets_what_is_there_and_releases_what_it_no_longer_covers(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 8))
    hub.do(StockCounted("sku1", units(5), "盘点", seen=10_000))
    assert (hub.level("sku1").on_hand, hub.level("sku1").reserved) == (units(5), units(5))
    assert hub.row(tables.order_lines, order_id=order_id).short == units(3)
    hub.balanced()


def test_an_old_count_never_raises_what_is_sellable(hub: Hub) -> None:
    counted = StockCounted("sku1", units(10), "盘点", seen=10_000)
    early = hub.operation(counted)  # counted first, sent last
    hub.do(SaleRecorded("sale-1", (SaleLine("sku1", units(4)),)))
    with hub.transaction() as tx:
        operations.apply(tx, hub.agent(), early)
    assert hub.level("sku1").on_hand == units(6)
    hub.do(StockCounted("sku2", units(99), "盘点", seen=0))  # before headquarters set it
    assert hub.level("sku2").on_hand == units(10)
    hub.balanced()


def test_found_is_counted_reserved_and_closed(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 12))
    (short,) = opened(hub)
    hub.do(SettleException(short.exception_id, order_id, Choice.FOUND, {1: units(12)}))
    assert (hub.level("sku1").on_hand, hub.level("sku1").reserved) == (units(12), units(12))
    (closed,) = hub.told(ExceptionClosed)
    assert isinstance(closed, ExceptionClosed) and closed.lines == {1: 0}
    hub.balanced()


def test_found_is_counted_though_somebody_else_settled_it(hub: Hub) -> None:
    """Its store has counted so too; less than is known lowers nothing, and any other answer comes too late."""
    order_id = hub.place(1, ("sku1", 12))
    (short,) = opened(hub)
    for found, level in ((12, 12), (9, 12), (14, 14)):
        done = hub.do(SettleException(short.exception_id, order_id, Choice.FOUND, {1: units(found)}))
        assert (done.state, hub.level("sku1").on_hand) == (OutcomeState.DONE, units(level))
    assert hub.level("sku1").reserved == units(12)
    assert hub.do(SettleException(short.exception_id, order_id, Choice.PART_REFUND)).state is OutcomeState.REFUSED
    hub.balanced()


def test_found_but_not_enough_asks_anew(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 12))
    hub.do(SettleException(opened(hub)[0].exception_id, order_id, Choice.FOUND, {1: units(11)}))
    assert hub.row(tables.order_lines).short == units(1)
    first, second = opened(hub)
    assert first.exception_id != second.exception_id and second.kind is ExceptionKind.SHORT
    hub.balanced()


def test_a_part_refund_strikes_the_line_once_the_platform_says_so(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 12))
    hub.do(SettleException(opened(hub)[0].exception_id, order_id, Choice.PART_REFUND))
    call = carry(hub, CallKind.PART_REFUND, CallResult(CallState.DONE)).call
    assert call.lines == (RefundedLine("sku1", units(2)),)
    assert hub.row(tables.order_lines).struck == 0
    paid_back = Refunded("1", "r1", RefundState.PAID, False, 2500, call.lines, "缺货", None, None)
    hub.say(1, paid_back, "refund:r1:paid")

    line = hub.row(tables.order_lines)
    assert (line.struck, line.short) == (units(2), 0)
    assert len(hub.told(ExceptionClosed)) == 1
    (told,) = hub.told(RefundChanged)
    assert isinstance(told, RefundChanged) and told.struck == {1: units(2)}
    assert hub.level("sku1").reserved == units(10)
    hub.balanced()


def test_a_cancellation_by_the_clerk_waits_for_the_platforms_word(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 12))
    hub.do(SettleException(opened(hub)[0].exception_id, order_id, Choice.CANCEL))
    assert hub.state(order_id) is OrderState.ACCEPTED
    carry(hub, CallKind.CANCEL, CallResult(CallState.ALREADY))
    assert hub.state(order_id) is OrderState.CANCELLED
    assert hub.level("sku1").reserved == 0
    hub.balanced()


def test_a_call_that_is_refused_for_good_needs_a_person(hub: Hub) -> None:
    hub.place(1, ("sku1", 1))
    carry(hub, CallKind.ACCEPT, CallResult(CallState.REFUSED, "no such order"))
    assert [one.kind for one in opened(hub)] == [ExceptionKind.CALL_FAILED]


def test_a_call_waits_longer_after_each_failure_and_is_never_carried_twice_at_once(hub: Hub) -> None:
    hub.place(1, ("sku1", 1))
    with hub.transaction() as tx:
        (carried,) = calls.due(tx)
    with hub.transaction() as tx:
        assert calls.due(tx) == []
        answers.settle(tx, carried, CallResult(CallState.LATER, "throttled", retry_after=30.0))
    assert hub.row(tables.calls).next_at >= hub.now + 29_000
    hub.now += 400_000
    with hub.transaction() as tx:
        assert [one.call_id for one in calls.due(tx)] == [carried.call_id]


def test_the_calls_of_one_order_leave_one_after_the_other(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 1))
    hub.do(picked(order_id, 1))
    other = hub.place(2, ("sku2", 1))

    def leave() -> list[Carried]:
        with hub.transaction() as tx:
            return calls.due(tx)

    first = leave()
    assert sorted((one.order_id, one.call.kind) for one in first) == sorted(
        [(order_id, CallKind.ACCEPT), (other, CallKind.ACCEPT)]
    )
    hub.now += 5_000
    assert leave() == []
    with hub.transaction() as tx:
        for one in first:
            answers.settle(tx, one, CallResult(CallState.DONE))
    assert [one.call.kind for one in leave()] == [CallKind.PICKED]


def test_the_clerk_accepts_where_the_store_says_so(hub: Hub) -> None:
    with hub.transaction() as tx:
        chain.put_store(tx, STORE, "店", accept=AcceptRule.CLERK)
    order_id = hub.place(1)
    assert hub.state(order_id) is OrderState.PLACED and not hub.rows(tables.calls)
    assert hub.do(AcceptOrder(order_id)).state is OutcomeState.DONE
    assert hub.do(AcceptOrder(order_id)).state is OutcomeState.DONE
    assert hub.state(order_id) is OrderState.ACCEPTED
    assert [row.kind for row in hub.rows(tables.calls)] == [CallKind.ACCEPT]
    assert len(hub.told(OrderAdvanced)) == 1


@pytest.mark.parametrize(("agree", "state"), [(True, RefundState.AGREED), (False, RefundState.REFUSED)])
def test_the_clerk_answers_a_refund(hub: Hub, agree: bool, state: RefundState) -> None:
    order_id = hub.place(1)
    asked = Refunded("1", "r1", RefundState.ASKED, True, 3750, (), "不想要了", None, None)
    hub.say(1, asked, "refund:r1:asked")
    assert hub.do(AnswerRefund(order_id, "r1", agree)).state is OutcomeState.DONE
    carry(hub, CallKind.AGREE_REFUND if agree else CallKind.REFUSE_REFUND, CallResult(CallState.DONE))
    assert hub.row(tables.refunds).state == state
    assert hub.do(AnswerRefund(order_id, "r1", agree)).state is OutcomeState.REFUSED
    assert (hub.state(order_id) is OrderState.CANCELLED) == agree


def test_a_printed_slip_is_on_record(hub: Hub) -> None:
    order_id = hub.place(1)
    hub.do(SlipChanged(order_id, "slip-1", SlipKind.PICKING, SlipState.PRINTED, Evidence.IN_ORDER_REPLY))
    assert hub.row(tables.slips).evidence == "B"
    assert hub.row(tables.orders).printed_at is not None


def test_every_step_of_a_slip_is_kept_once_and_in_order(hub: Hub) -> None:
    order_id = hub.place(1)
    held = (SlipStep(SlipState.ACCEPTED, 1), SlipStep(SlipState.HELD, 2, "paper_out"))
    told = SlipChanged(
        order_id, "slip-1", SlipKind.PICKING, SlipState.HELD, cause="paper_out", steps=held, printer="前台"
    )
    hub.do(told, key="k1")
    hub.do(told, key="k1")
    rest = (SlipStep(SlipState.SENDING, 3, printer="后厨"), SlipStep(SlipState.PRINTED, 4, printer="后厨"))
    hub.do(
        SlipChanged(
            order_id, "slip-1", SlipKind.PICKING, SlipState.PRINTED, Evidence.ID_RETURNED, steps=rest, printer="后厨"
        )
    )
    with hub.database.read() as connection:
        view = order_view.view(connection, CHAIN, hub.vault, order_id)
    assert view is not None
    (slip,) = view.slips
    assert (slip.state, slip.evidence, slip.printer, slip.cause) == ("printed", "A", "后厨", "")
    assert [(step.state, step.cause, step.at) for step in slip.steps] == [
        ("accepted", "", 1), ("held", "paper_out", 2), ("sending", "", 3), ("printed", "", 4),
    ]  # fmt: skip


def test_a_slip_of_no_order_is_kept_too(hub: Hub) -> None:
    hub.do(SlipChanged("", "slip-9", SlipKind.TEST, SlipState.PRINTED, Evidence.BYTES_ACCEPTED, printer="前台"))
    assert hub.row(tables.slips).kind == "test"
    assert hub.row(tables.audit, action="slip.changed").subject == "slip-9"


def test_a_reprint_of_a_slip_nobody_knows_about_is_the_first_print(hub: Hub) -> None:
    order_id = hub.place(1)
    hub.do(SlipChanged(order_id, "slip-1", SlipKind.PICKING, SlipState.WITHDRAWN, cause="reprinted"))
    assert hub.row(tables.orders).printed_at is None
    hub.do(SlipChanged(order_id, "slip-2", SlipKind.PICKING, SlipState.PRINTED, copy=1))
    assert hub.row(tables.slips, slip_id="slip-2").copy == 1
    first = hub.row(tables.orders).printed_at
    hub.do(SlipChanged(order_id, "slip-3", SlipKind.PICKING, SlipState.PRINTED, copy=2))
    assert hub.row(tables.orders).printed_at == first is not None
