"""How the chain's slips look reaches every store, new ones too; what a voucher needs travels with the order."""

import msgspec

from cloud import chain, orders, slip_templates, tables
from cloud.channels.base import Placed
from domain.events import OrderPlaced, SlipTemplatesSet
from domain.products import Product
from domain.slips import SlipKind
from domain.templates import SlipTemplate, SlipTemplates
from tests.cloud.hub import OTHER_STORE, STORE, Hub, channel_order, pushed

WANTED = SlipTemplates(picking=SlipTemplate(footer="谢谢"), automatic=(SlipKind.PICKING,))


def told(hub: Hub, store: str) -> list[SlipTemplates | None]:
    return [one.templates for one in hub.told(SlipTemplatesSet, store=store) if isinstance(one, SlipTemplatesSet)]


def test_every_store_is_told_and_new_ones_too(hub: Hub) -> None:
    with hub.transaction() as tx:
        slip_templates.put(tx, WANTED, by="operator")
    assert told(hub, STORE) == told(hub, OTHER_STORE) == [WANTED]
    with hub.transaction() as tx:
        chain.put_store(tx, "s3", "新店")
        chain.put_store(tx, STORE, "改名")
    assert told(hub, "s3") == [WANTED]
    assert told(hub, STORE) == [WANTED], "a store that knows is not told again"
    assert [row.action for row in hub.rows(tables.audit) if row.store == "" and "templates" in row.action] == [
        "slips.templates"
    ]


def test_taken_back_each_store_decides(hub: Hub) -> None:
    with hub.transaction() as tx:
        slip_templates.put(tx, WANTED, by="operator")
        slip_templates.put(tx, None, by="operator")
        assert slip_templates.of_chain(tx.connection, tx.chain) is None
        chain.put_store(tx, "s3", "新店")
    assert told(hub, STORE) == [WANTED, None]
    assert told(hub, "s3") == []


def test_the_maker_travels_with_the_order_and_stays_what_it_was(hub: Hub) -> None:
    with hub.transaction() as tx:
        chain.put_product(tx, Product("sku1", "药品1", "0.25g*24粒", "盒", "联邦制药"))
    order_id = hub.place(1, ("sku1", 1), ("sku2", 1), ("nobody's", 1))
    (placed,) = hub.told(OrderPlaced)
    assert isinstance(placed, OrderPlaced)
    assert [one.maker for one in placed.order.lines] == ["联邦制药", "", ""]
    with hub.transaction() as tx:
        chain.put_product(tx, Product("sku1", "药品1", "0.25g*24粒", "盒", "另一家"))
    rows = [row.maker for row in hub.rows(tables.order_lines) if row.order_id == order_id]
    assert rows == ["联邦制药", "", ""]


def test_the_riders_code_travels_with_the_order(hub: Hub) -> None:
    heard = msgspec.structs.replace(channel_order(1), rider_code="8361")
    hub.accept(pushed(1, Placed(heard), "paid:1"))
    (event,) = hub.told(OrderPlaced)
    assert isinstance(event, OrderPlaced) and event.order.rider_code == "8361"
    with hub.transaction() as tx:
        known = orders.load(tx, event.order.order_id)
    assert known.order.rider_code == "8361"
