"""What the page reads: who must hurry stands first, and orders are found by what riders shout."""

import msgspec
import pytest

from agent import board
from agent.catalogue import lookup_in
from agent.errors import NotFound
from agent.files import CacheFile, WorkFile
from agent.judging import PAGE, scan
from agent.order_view import Slot, order_view
from agent.picking.steps import start
from domain.events import (
    ExceptionOpened,
    OrderAdvanced,
    OrderCancelled,
    OrderPlaced,
    OrderUrged,
    RefundChanged,
    RiderMoved,
    StockSet,
)
from domain.exceptions import CHOICES, ExceptionKind, OrderException
from domain.orders import OrderState, RiderState
from domain.products import CodePolicy
from domain.quantity import units
from domain.refunds import Refund, RefundState
from domain.times import DAY, HOUR, MINUTE
from tests.agent.core.catalogue import TWO_PRODUCTS
from tests.agent.core.conftest import VirtualClock
from tests.agent.core.hub import AMOXICILLIN, NOON, Hub, line, order


def shown(work: WorkFile) -> list[str]:
    return [card.order_id for card in work.read(board.board).cards]


def found(work: WorkFile, text: str) -> list[str]:
    return [card.order_id for card in work.read(lambda reading: board.find(reading, text))]


def test_who_must_hurry_stands_first(hub: Hub, work: WorkFile) -> None:
    hub.tell(*(OrderPlaced(order(f"o{n}", promised_at=NOON + (10 - n) * MINUTE)) for n in range(1, 7)))
    hub.tell(
        RiderMoved("o1", RiderState.AT_STORE),
        OrderUrged("o2", NOON),
        RefundChanged(Refund("r", "o3", False, RefundState.ASKED, 1, NOON)),
        OrderCancelled("o6", "customer", False),
    )
    assert shown(work) == ["o1", "o2", "o3", "o5", "o4", "o6"]


def test_a_cancelled_order_leaves_after_an_hour(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(OrderPlaced(order()), OrderCancelled("o1", "customer", False))
    assert shown(work) == ["o1"]
    clock.advance(HOUR)
    assert shown(work) == []


def test_badges_and_timers(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    short = ExceptionKind.SHORT
    hub.tell(OrderPlaced(order("o1", line(short=units(1)), line(2, sku=None))))
    hub.tell(ExceptionOpened(OrderException("x1", short, "o1", (1,), CHOICES[short], NOON, None)))
    clock.advance(MINUTE)
    work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))
    (card,) = work.read(board.board).cards
    assert card.short and card.unknown_product and card.exceptions == 1
    assert (card.accepted_at, card.started_at, card.slip, card.picked, card.wanted) == (
        NOON,
        NOON + MINUTE,
        "accepted",
        0,
        units(2),
    )


def test_found_by_what_riders_shout(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(OrderPlaced(order("o12")), OrderPlaced(order("o13", channel="own", day_number=12)))
    for text in ("12", "#12", "12号", " 12 单"):
        assert sorted(found(work, text)) == ["o12", "o13"], text
    for text in ("美团12", "美团 #12", "meituan 12", "美团12号"):
        assert found(work, text) == ["o12"], text
    assert found(work, "小程序12") == ["o13"]
    assert found(work, "饿了么12") == found(work, "99") == found(work, "") == found(work, "%") == []


def test_found_by_number_and_code(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order("o12")))
    for text in ("270631100012", "3000000012", "yo000000000012", "631100012"):
        assert found(work, text) == ["o12"], text


def test_yesterdays_number_12_is_not_todays(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(OrderPlaced(order("o12")), OrderAdvanced("o12", OrderState.COMPLETED))
    clock.advance(DAY)
    assert found(work, "12") == []


def test_one_order_in_full(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order("o1", line(count=2))), StockSet("AMX", units(5), "A-1"))
    hub.tell(RefundChanged(Refund("r", "o1", False, RefundState.ASKED, 1, NOON, answer_by=NOON + HOUR)))
    view = work.read(lambda reading: order_view(reading, "o1"))
    assert view.lines[0].shelf.shelf == "A-1" and view.lines[0].missing == units(2)
    assert view.refunds[0].refund.answer_by == NOON + HOUR and view.card.refund_waiting
    assert [slip.kind for slip in view.slips] == ["picking"] and view.code == "YO000000000001"
    with pytest.raises(NotFound):
        work.read(lambda reading: order_view(reading, "o404"))


def test_each_pack_has_its_place_on_the_line(hub: Hub, work: WorkFile, cache: CacheFile) -> None:
    hub.teach(msgspec.structs.replace(AMOXICILLIN, code_policy=CodePolicy.BARCODE))
    hub.tell(OrderPlaced(order("o1", line(count=3))))
    work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))
    lookup = lookup_in(cache)
    work.write(lambda tx: scan(tx, b"81234560000000000017", PAGE, lookup))
    work.write(lambda tx: scan(tx, b"6901234567892", PAGE, lookup))
    (shown,) = work.read(lambda reading: order_view(reading, "o1")).lines
    assert shown.slots == (Slot(True, "000017"), Slot(True), Slot(False))
