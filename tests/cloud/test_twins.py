"""A trace code that was sold twice names where else it went."""

from cloud.views import exceptions
from domain.exceptions import ExceptionKind
from tests.cloud.hub import CHAIN, OTHER_SHOP, OTHER_STORE, STORE, Hub
from tests.cloud.test_operations import picked


def test_the_other_order_is_named_in_the_other_store_too(hub: Hub) -> None:
    first = hub.place(1, ("sku1", 1), shop=OTHER_SHOP)
    second = hub.place(2, ("sku1", 1))
    hub.do(picked(first, 1), store=OTHER_STORE)
    hub.do(picked(second, 1), store=STORE)
    with hub.database.read() as connection:
        (found,) = exceptions.open_ones(connection, CHAIN)
    assert (found.kind, found.order_id) == (ExceptionKind.CODE_SOLD_TWICE, second)
    assert [(twin.order_id, twin.store, twin.day_number) for twin in found.twins] == [(first, OTHER_STORE, 1)]


def test_another_kind_names_none(hub: Hub) -> None:
    hub.place(1, ("sku1", 99))
    with hub.database.read() as connection:
        assert [found.twins for found in exceptions.open_ones(connection, CHAIN)] == [()]
