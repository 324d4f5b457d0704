"""What a store did comes late and in any order: its stock ends as if all had come as it was done."""

from datetime import date
from random import Random

import pytest

from cloud import operations, policy, tables
from cloud.erp import documents
from cloud.ledger import LOOKS, Movement
from cloud.set_aside import rerunning
from cloud.stock import Sheet
from cloud.transaction import Cause
from domain.operations import (
    GoodsReceived,
    Operation,
    OperationBody,
    ReceivedLine,
    SaleLine,
    SaleRecorded,
    StockCounted,
)
from domain.orders import OrderState
from domain.policy import ChainPolicy, Duty, ErpDelivery, Owner
from domain.quantity import Quantity, units
from tests.cloud.hub import CHAIN, STORE, Hub
from tests.cloud.set_aside.test_set_aside import bag

ANYTHING_SEEN = 10_000
Deed = tuple[Movement, Quantity]


def counted(boxes: int, sku: str = "sku1") -> StockCounted:
    return StockCounted(sku, units(boxes), "盘点", ANYTHING_SEEN)


def sold(number: int, boxes: int) -> SaleRecorded:
    return SaleRecorded(f"sale-{number}", (SaleLine("sku1", units(boxes)),))


def in_order(deeds: list[Deed]) -> Quantity:
    level = 0
    for kind, what in deeds:
        level = LOOKS[kind](what, level) if kind in LOOKS else level + what
    return level


def come(hub: Hub, sku: str, number: int, deed: Deed, life: str = "first") -> None:
    kind, what = deed
    with hub.transaction() as tx, tx.applying(Cause(life, number)):
        sheet = Sheet.of_facts(tx, STORE, [sku])
        if kind in LOOKS:
            sheet.look((STORE, sku), kind, what, f"key-{number}")
        else:
            sheet.move((STORE, sku), kind, what, f"key-{number}")
        sheet.write()


def test_whatever_comes_first_the_end_is_as_it_was_done(hub: Hub) -> None:
    dice = Random(6)
    kinds = (Movement.SALE, Movement.RECEIPT, Movement.COUNT, Movement.FOUND, Movement.LATE_COUNT)
    for trial in range(60):
        deeds = [(kind, dice.randint(-5, 12)) for kind in dice.choices(kinds, k=5)]
        order = dice.sample(range(5), 5)
        for place in order:
            come(hub, f"p{trial}", place + 1, deeds[place])
        assert hub.level(f"p{trial}").on_hand == in_order(deeds), (deeds, order)
    hub.balanced()


def test_of_another_life_no_number_speaks(hub: Hub) -> None:
    come(hub, "p", 7, (Movement.COUNT, 5))
    come(hub, "p", 3, (Movement.SALE, -1), life="second")
    assert hub.level("p").on_hand == 4


def held_back(hub: Hub, monkeypatch: pytest.MonkeyPatch, body: OperationBody, *since: OperationBody) -> None:
    """An older hub does not know what the first is, and is updated after the others have come."""
    operation = hub.operation(body)
    with monkeypatch.context() as older:
        older.setattr(type(body), "version", 0)
        _send(hub, operation)
        for each in since:
            hub.do(each)
    with hub.transaction() as tx:
        (entry,) = rerunning.known_by_now(tx)
        rerunning.take_up(tx, entry)
    hub.balanced()


def _send(hub: Hub, operation: Operation) -> None:
    with hub.transaction() as tx:
        operations.apply(tx, hub.agent(), operation)


def test_a_count_has_seen_what_was_packed_before_it(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """All else of the pick takes effect: the order is packed, its promise is over, its code is sold."""
    order_id = hub.place(1, ("sku1", 1))
    held_back(hub, monkeypatch, bag(order_id), counted(9))
    level = hub.level("sku1")
    assert (level.on_hand, level.reserved) == (units(9), 0)
    assert hub.state(order_id) is OrderState.PICKED and len(hub.rows(tables.bindings)) == 1


def test_a_count_has_seen_what_came_in_before_it(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else more would be sold than is there."""
    lines = (ReceivedLine("sku1", "B1", date(2028, 6, 30), units(20)),)
    with hub.transaction() as tx:
        policy.put(tx, ChainPolicy(owners={Duty.RECEIVING: Owner.YAOLINK}), by="test")
    held_back(hub, monkeypatch, GoodsReceived("r1", "供应商", "", lines), counted(30))
    assert hub.level("sku1").on_hand == units(30)
    assert len(hub.rows(tables.receipts)) == 1


def test_a_count_of_another_product_has_seen_nothing_of_it(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    held_back(hub, monkeypatch, sold(1, 2), counted(3, "sku2"), sold(2, 1))
    assert hub.level("sku1").on_hand == units(7)


def test_a_count_that_comes_late_has_not_seen_what_was_sold_since(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    held_back(hub, monkeypatch, counted(8), sold(1, 1))
    assert hub.level("sku1").on_hand == units(7)


def test_of_two_counts_the_one_that_was_made_last_stands(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    held_back(hub, monkeypatch, counted(4), counted(8), sold(1, 1))
    assert hub.level("sku1").on_hand == units(7)


def test_the_erp_books_once_what_a_count_had_seen_of_it(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count was corrected in its books before the sale came: what both say of it is one pack less."""
    with hub.transaction() as tx:
        policy.put(tx, ChainPolicy(erp=ErpDelivery.HEADQUARTERS), by="test")
    held_back(hub, monkeypatch, sold(1, 1), counted(8))
    with hub.database.read() as connection:
        owed = documents.owed(connection, CHAIN, after=0, limit=10)
    effects = [dict(document.effects)["sku1"] for document in owed]
    assert sorted(effects) == [units(-2), units(-1), units(1)]
    assert hub.level("sku1").on_hand == units(8)
