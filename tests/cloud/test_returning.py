"""What comes back is never sold again, and which codes are free again."""

from cloud import tables
from cloud.channels.base import Cancelled
from domain.events import ExceptionOpened
from domain.exceptions import ExceptionKind
from domain.operations import GoodsReturned, OrderHandedOver, PickCompleted
from domain.picks import Binding
from domain.protocol import OutcomeState
from domain.quantity import units
from tests.cloud.hub import STORE, Hub

A1, A2 = "81234560000000000001", "81234560000000000002"


def picked(order_id: str, *bindings: Binding) -> PickCompleted:
    return PickCompleted(order_id, bindings)


def whole(code: str, line_id: int = 1) -> Binding:
    return Binding(line_id, code, units(1))


def opened(code: str) -> Binding:
    return Binding(1, code, units(1) // 2, opened=True)


def doubts(hub: Hub) -> list[tuple[ExceptionKind, str]]:
    told = [one.exception for one in hub.told(ExceptionOpened) if isinstance(one, ExceptionOpened)]
    return [(one.kind, one.order_id) for one in told]


def test_returned_goods_are_kept_apart(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 2))
    hub.do(picked(order_id, whole(A1), whole(A2)))
    hub.do(OrderHandedOver(order_id))
    back = GoodsReturned(order_id, "return-1", (whole(A1),), staff_id="P1")
    assert [hub.do(back).state for _ in range(2)] == [OutcomeState.DONE] * 2
    assert hub.level("sku1").on_hand == units(8)
    row = hub.row(tables.returned)
    assert (row.code, row.sku, row.store, row.staff_id) == (A1, "sku1", STORE, "P1")
    assert [(row.kind, row.delta) for row in hub.rows(tables.stock_ledger) if row.kind == "return"] == [("return", 0)]
    assert "goods.returned_not_sold" not in {row.action for row in hub.rows(tables.audit)}
    hub.balanced()


def test_a_returned_code_is_sold_twice_when_it_is_sold_again(hub: Hub) -> None:
    first, second = hub.place(1, ("sku1", 1)), hub.place(2, ("sku1", 1))
    hub.do(picked(first, whole(A1)))
    hub.do(GoodsReturned(first, "return-1", (whole(A1),)))
    hub.do(picked(second, whole(A1)))
    assert doubts(hub) == [(ExceptionKind.CODE_SOLD_TWICE, second)]


def test_a_pack_that_was_never_sold_there_is_kept_and_audited(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 1))
    hub.do(picked(order_id, whole(A1)))
    hub.do(GoodsReturned(order_id, "return-1", (whole(A2),)))
    assert hub.row(tables.returned).code == A2
    assert hub.row(tables.audit, action="goods.returned_not_sold").detail == A2


def test_codes_of_a_cancelled_order_are_free_again(hub: Hub) -> None:
    orders = [hub.place(number, ("sku1", 1)) for number in (1, 2, 3)]
    hub.do(picked(orders[0], whole(A1)))
    for number in (1, 2):
        hub.say(number, Cancelled(str(number), "customer", ""), f"cancelled:{number}")
    hub.do(picked(orders[1], whole(A2)))
    hub.do(picked(orders[2], whole(A1), whole(A2)))
    assert ExceptionKind.CODE_SOLD_TWICE not in {kind for kind, _ in doubts(hub)}


def test_codes_that_the_rider_took_stay_sold(hub: Hub) -> None:
    first, second = hub.place(1, ("sku1", 1)), hub.place(2, ("sku1", 1))
    hub.do(picked(first, whole(A1)))
    hub.do(OrderHandedOver(first))
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    hub.do(picked(second, whole(A1)))
    assert (ExceptionKind.CODE_SOLD_TWICE, second) in doubts(hub)


def test_parts_of_an_opened_pack_go_to_many_orders(hub: Hub) -> None:
    orders = [hub.place(number, ("sku1", 1)) for number in range(1, 5)]
    hub.do(picked(orders[0], opened(A1)))
    hub.do(picked(orders[1], opened(A1)))
    assert doubts(hub) == []
    hub.do(picked(orders[2], whole(A1)))
    hub.do(picked(orders[3], opened(A1)))
    assert [order for _, order in doubts(hub)] == orders[2:], "sold whole, it has no parts any more"


def test_what_a_binding_says_is_kept(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 1))
    hub.do(PickCompleted(order_id, (Binding(1, A1, units(1), "L1", month_only=True, staff_id="P1"),)))
    row = hub.row(tables.bindings)
    assert (row.lot, row.month_only, row.entry, row.staff_id) == ("L1", 1, "scanned", "P1")
