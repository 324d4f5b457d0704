"""What an order is known as besides its goods: a prescription order, an insurance order (医保)."""

import msgspec
import pytest

from cloud import chain, orders
from cloud.channels.base import Changed, ChannelOrder, Placed
from domain.events import OrderChanged, OrderPlaced
from domain.orders import Order
from domain.products import Product
from tests.cloud.hub import Hub, channel_order, pushed

MEDICINE = Product("sku1", "阿莫西林胶囊", "0.25g*24粒", "盒", prescription=True)


@pytest.fixture
def hub(hub: Hub) -> Hub:
    with hub.transaction() as tx:
        chain.put_product(tx, MEDICINE)
    return hub


def place(hub: Hub, heard: ChannelOrder) -> Order:
    hub.accept(pushed(1, Placed(heard), "paid:1"))
    (event,) = hub.told(OrderPlaced)
    assert isinstance(event, OrderPlaced)
    return event.order


def stored(hub: Hub, order_id: str) -> Order:
    with hub.transaction() as tx:
        return orders.load(tx, order_id).order


def test_a_prescription_medicine_makes_a_prescription_order(hub: Hub) -> None:
    order = place(hub, channel_order(1, ("sku2", 1), ("sku1", 2)))
    assert [line.prescription for line in order.lines] == [False, True]
    assert order.prescription and not order.insurance
    assert stored(hub, order.order_id) == order


def test_what_the_channel_marks_counts_without_the_catalogue(hub: Hub) -> None:
    order = place(hub, msgspec.structs.replace(channel_order(1, ("sku2", 1)), prescription=True, insurance=True))
    assert (order.prescription, order.insurance, order.lines[0].prescription) == (True, True, False)
    assert stored(hub, order.order_id) == order


def test_an_ordinary_order_is_neither(hub: Hub) -> None:
    order = place(hub, channel_order(1, ("sku2", 1)))
    assert not order.prescription and not order.insurance


def test_a_line_stays_what_it_was_when_the_order_came(hub: Hub) -> None:
    order = place(hub, channel_order(1, ("sku1", 1)))
    with hub.transaction() as tx:
        chain.put_product(tx, msgspec.structs.replace(MEDICINE, prescription=False))
    assert stored(hub, order.order_id) == order


def test_a_change_is_read_afresh(hub: Hub) -> None:
    order = place(hub, channel_order(1, ("sku2", 1)))
    changed = msgspec.structs.replace(channel_order(1, ("sku2", 1), ("sku1", 1)), insurance=True)
    hub.say(1, Changed("1", changed), "changed:1")
    (told,) = hub.told(OrderChanged)
    assert isinstance(told, OrderChanged)
    assert (told.order.prescription, told.order.insurance) == (True, True)
    now = stored(hub, order.order_id)
    assert (now.prescription, now.insurance) == (True, True)
