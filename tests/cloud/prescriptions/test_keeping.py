"""Prescriptions of medicine that was given out are kept: five years, and one beyond the goods' expiry (R15)."""

from datetime import date

import pytest

from cloud import erasing, tables
from cloud.channels.base import Cancelled
from cloud.errors import MustBeKept
from domain.operations import OrderHandedOver, PickCompleted
from domain.picks import Binding
from domain.quantity import units
from domain.times import DAY
from tests.cloud.hub import Hub
from tests.cloud.prescriptions.rx import ordered, picture

YEAR = 366 * DAY


@pytest.fixture
def order_id(hub: Hub) -> str:
    return ordered(hub, 1, images=(picture("front"),))


def give_out(hub: Hub, order_id: str, expiry: date | None = None) -> None:
    hub.do(PickCompleted(order_id, (Binding(1, "81012350000000157474", units(1), expiry=expiry),)))
    hub.do(OrderHandedOver(order_id))


def erase(hub: Hub, order_id: str) -> None:
    with hub.transaction() as tx:
        erasing.erase(tx, order_id, by="operator")


def test_what_was_given_out_is_kept_five_years(hub: Hub, order_id: str) -> None:
    give_out(hub, order_id)
    hub.now += 5 * 365 * DAY
    with pytest.raises(MustBeKept, match="must be kept until 2031-09-"):
        erase(hub, order_id)
    assert len(hub.rows(tables.blobs)) == 1
    hub.now += 5 * DAY
    erase(hub, order_id)
    assert hub.rows(tables.blobs) == []


def test_and_a_year_beyond_the_expiry_of_the_goods(hub: Hub, order_id: str) -> None:
    give_out(hub, order_id, date(2032, 2, 29))
    hub.now += 6 * YEAR
    with pytest.raises(MustBeKept, match="2033-03-01"):
        erase(hub, order_id)
    hub.now += YEAR
    erase(hub, order_id)


def test_what_never_left_the_store_goes_at_once(hub: Hub, order_id: str) -> None:
    hub.do(PickCompleted(order_id, (Binding(1, "81012350000000157474", units(1)),)))
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    erase(hub, order_id)
    assert hub.rows(tables.blobs) == []


def test_a_cancellation_after_the_goods_left_changes_nothing(hub: Hub, order_id: str) -> None:
    give_out(hub, order_id)
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    with pytest.raises(MustBeKept):
        erase(hub, order_id)


def test_an_ordinary_order_is_erased_when_somebody_asks(hub: Hub) -> None:
    other = hub.place(2, ("sku2", 1))
    hub.do(PickCompleted(other, (Binding(1, "81012350000000157475", units(1)),)))
    hub.do(OrderHandedOver(other))
    erase(hub, other)
