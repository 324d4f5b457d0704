"""Recalls: told through the catalogue, ended once, and the orders that their packs went out with."""

import msgspec
import pytest

from cloud import eventlog, recalls, tables
from cloud.channels.base import Cancelled
from cloud.errors import UnknownRecall
from cloud.recalls import WantedRecall
from domain.events import CATALOGUE, RecallPut, decode_body
from domain.lots import LotSource
from domain.operations import OrderHandedOver, PickCompleted
from domain.picks import Binding
from domain.protocol import Cursor
from domain.quantity import units
from domain.recalls import Recall, RecallKind
from tests.cloud.hub import CHAIN, Hub

WANTED = WantedRecall("R-1", "sku1", "质量问题", lots=("B1",))


def put(hub: Hub, wanted: WantedRecall = WANTED) -> Recall:
    with hub.transaction() as tx:
        return recalls.put(tx, wanted, by="operator")


def told(hub: Hub) -> list[Recall]:
    with hub.database.read() as connection:
        page = eventlog.page(connection, CHAIN, hub.vault, Cursor(CATALOGUE, "", 0), 10_000)
    bodies = [decode_body(event) for event in page.events]
    return [body.recall for body in bodies if isinstance(body, RecallPut)]


def bag(*lots: str | None) -> tuple[Binding, ...]:
    source = LotSource.RECEIVED
    return tuple(Binding(1, f"8123456{n:013d}", units(1), lot, source if lot else None) for n, lot in enumerate(lots))


def orders(hub: Hub, recall_id: str = "R-1") -> list[tuple[str, str | None, int]]:
    with hub.database.read() as connection:
        found = recalls.affected(connection, CHAIN, recall_id)
    return [(each.order_id, each.lot, each.quantity) for each in found]


def test_every_store_hears_of_it_through_the_catalogue(hub: Hub) -> None:
    begun = put(hub)
    changed = put(hub, msgspec.structs.replace(WANTED, lots=(), kind=RecallKind.STOP_SALE))
    assert changed.since == begun.since
    with hub.transaction() as tx:
        recalls.end(tx, "R-1", by="operator")
    with hub.transaction() as tx:
        recalls.end(tx, "R-1", by="operator")
    assert told(hub) == [begun, changed, msgspec.structs.replace(changed, ended=True)]
    assert put(hub).since > begun.since, "it begins again"
    with hub.database.read() as connection:
        (one,) = recalls.known(connection, CHAIN)
    assert not one.ended
    actions = [row.action for row in hub.rows(tables.audit) if row.action.startswith("recall.")]
    assert actions == ["recall.put", "recall.put", "recall.ended", "recall.put"]


def test_an_unknown_recall_is_named(hub: Hub) -> None:
    with pytest.raises(UnknownRecall, match="R-9"), hub.transaction() as tx:
        recalls.end(tx, "R-9", by="operator")
    with pytest.raises(UnknownRecall, match="R-9"):
        orders(hub, "R-9")


def test_the_orders_that_have_it(hub: Hub) -> None:
    """Lots are compared without case; a pack whose lot nobody said may be one of them."""
    first, second = hub.place(1, ("sku1", 3)), hub.place(2, ("sku1", 1))
    other, gone = hub.place(3, ("sku2", 1)), hub.place(4, ("sku1", 1))
    hub.do(PickCompleted(first, bag("b1", "B1", "B2")))
    hub.do(PickCompleted(second, (msgspec.structs.replace(bag(None)[0], code="8123456900000000000"),)))
    hub.do(PickCompleted(other, (msgspec.structs.replace(bag("B1")[0], code="8123456800000000000"),)))
    hub.do(PickCompleted(gone, (msgspec.structs.replace(bag("B1")[0], code="8123456700000000000"),)))
    hub.say(4, Cancelled("4", "customer", ""), "cancelled:4")
    put(hub)
    assert orders(hub) == [(first, "B1", units(1)), (first, "b1", units(1)), (second, None, units(1))]
    put(hub, msgspec.structs.replace(WANTED, lots=()))
    assert {order_id for order_id, _, _ in orders(hub)} == {first, second}


def test_a_pack_that_left_before_its_store_heard_of_the_cancellation(hub: Hub) -> None:
    """The store worked with the line cut: the rider has it, so its code is no other order's and a recall finds it."""
    gone, other = hub.place(1, ("sku1", 1)), hub.place(2, ("sku1", 1))
    hub.do(PickCompleted(gone, bag("B1")))
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    put(hub)
    assert orders(hub) == []
    hub.do(OrderHandedOver(gone))
    assert orders(hub) == [(gone, "B1", units(1))]
    hub.do(PickCompleted(other, bag("B1")))
    assert [row.kind for row in hub.rows(tables.exceptions) if row.order_id == other] == ["code_sold_twice"]


def test_a_code_sold_again_before_the_rider_was_heard_of(hub: Hub) -> None:
    gone, other = hub.place(1, ("sku1", 1)), hub.place(2, ("sku1", 1))
    hub.do(PickCompleted(gone, bag("B1")))
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    hub.do(PickCompleted(other, bag("B1")))
    hub.do(OrderHandedOver(gone))
    assert "code_sold_twice" in [row.kind for row in hub.rows(tables.exceptions) if row.order_id == gone]
