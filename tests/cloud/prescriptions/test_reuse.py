"""No prescription is used twice; who was first has it, until the order is cancelled before anything left the store."""

import pytest

from cloud import tables
from cloud.channels.base import Advanced, Cancelled
from cloud.errors import DecisionRefused
from domain.exceptions import ExceptionKind
from domain.operations import OrderHandedOver, PickCompleted
from domain.orders import OrderState
from domain.picks import Binding
from domain.prescriptions import PrescriptionState
from domain.quantity import units
from tests.cloud.hub import Hub
from tests.cloud.prescriptions import rx
from tests.cloud.prescriptions.rx import by_headquarters, by_store, ordered, picture

FRONT = picture("front")


def open_reuse(hub: Hub) -> list[str]:
    rows = [row for row in hub.rows(tables.exceptions) if row.kind == ExceptionKind.PRESCRIPTION_REUSED]
    return [row.order_id for row in rows if row.closed_at is None]


def test_the_second_order_with_an_image_cannot_be_approved(hub: Hub) -> None:
    first, second = ordered(hub, 1, images=(FRONT,)), ordered(hub, 2, images=(picture("back"), FRONT))
    assert (rx.now(hub, first).used_by, rx.now(hub, second).used_by) == ("", first)
    assert rx.told(hub, second)[-1].used_by == first
    assert open_reuse(hub) == [second]
    with pytest.raises(DecisionRefused, match="另一订单") as caught:
        by_headquarters(hub, second)
    assert caught.value.hint == first
    by_headquarters(hub, first)


def test_a_number_is_its_providers(hub: Hub) -> None:
    first, second = ordered(hub, 1, rx="7"), ordered(hub, 2, rx="7")
    assert rx.now(hub, second).used_by == first
    assert rx.now(hub, ordered(hub, 3, rx="8")).used_by == ""


def test_what_a_store_approved_meanwhile_does_not_stand(hub: Hub) -> None:
    first, second = ordered(hub, 1, images=(FRONT,)), ordered(hub, 2, images=(FRONT,))
    by_store(hub, second, True)
    now = rx.now(hub, second)
    assert (now.state, now.used_by) == (PrescriptionState.WAITING, first)
    assert rx.told(hub, second)[-1] == now
    assert len(rx.record(hub, second).decisions) == 1


def test_a_refusal_of_the_second_stands(hub: Hub) -> None:
    _, second = ordered(hub, 1, images=(FRONT,)), ordered(hub, 2, images=(FRONT,))
    by_headquarters(hub, second, False)
    assert rx.now(hub, second).state is PrescriptionState.REFUSED


def test_a_cancelled_order_frees_it_for_the_oldest_that_waits(hub: Hub) -> None:
    _, second, third = (ordered(hub, number, images=(FRONT,)) for number in (1, 2, 3))
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    assert (rx.now(hub, second).used_by, rx.now(hub, third).used_by) == ("", second)
    assert open_reuse(hub) == [third]
    by_headquarters(hub, second)


def test_what_was_approved_offline_stands_once_it_is_free(hub: Hub) -> None:
    _, second = ordered(hub, 1, images=(FRONT,)), ordered(hub, 2, images=(FRONT,))
    by_store(hub, second, True)
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    assert rx.now(hub, second).state is PrescriptionState.APPROVED


def test_a_picked_order_that_never_left_frees_it(hub: Hub) -> None:
    first, second = ordered(hub, 1, images=(FRONT,)), ordered(hub, 2, images=(FRONT,))
    hub.do(PickCompleted(first, (Binding(1, "81012350000000157474", units(1)),)))
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    assert rx.now(hub, second).used_by == ""


def test_goods_that_left_the_store_used_it_up(hub: Hub) -> None:
    first, second = ordered(hub, 1, images=(FRONT,)), ordered(hub, 2, images=(FRONT,))
    hub.do(PickCompleted(first, (Binding(1, "81012350000000157474", units(1)),)))
    hub.do(OrderHandedOver(first))
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    assert hub.state(first) is OrderState.CANCELLED
    assert rx.now(hub, second).used_by == first
    third = ordered(hub, 3, images=(FRONT,))
    assert rx.now(hub, third).used_by == first


def test_a_finished_order_keeps_it(hub: Hub) -> None:
    first = ordered(hub, 1, images=(FRONT,))
    hub.say(1, Advanced("1", OrderState.COMPLETED), "completed:1")
    assert rx.now(hub, ordered(hub, 2, images=(FRONT,))).used_by == first
