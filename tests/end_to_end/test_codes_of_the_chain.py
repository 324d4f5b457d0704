"""A pack that another store sold, or that headquarters recalled, is refused at the shelf while the line is cut."""

import sqlite3
from contextlib import closing
from functools import partial

import pytest

from installer.demo.world import World
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.faults.lanes import Way
from tests.faults.proxy import FaultProxy
from tests.waiting import eventually

SKU = "M0005"


def sell(shop: Shop, meituan: Meituan, code: str) -> None:
    number = meituan.order(shop.store, (SKU, 1))["day_seq"]
    shop.scan(shop.order(number)["code"])
    shop.scan(code)
    shop.until_picked(number)


def is_listed(world: World, shop: Shop, code: str) -> bool:
    """The store has heard of it; nothing on its pages says so before somebody scans it."""
    path = world.data / "stores" / shop.store / "cache.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute("SELECT 1 FROM listed_codes WHERE code = ?", (code,)).fetchone() is not None


def says(shop: Shop, order_id: str, rule: str) -> bool:
    return shop.verdicts(order_id)[:1] == [rule]


@pytest.fixture
def accepted(clerks_shop: Shop, meituan: Meituan) -> str:
    """An order that waits to be picked in the other store."""
    number = meituan.order("S002", (SKU, 1))["day_seq"]
    order_id: str = clerks_shop.order(number)["card"]["order_id"]
    clerks_shop.page.post(f"/api/orders/{order_id}/accept")
    eventually(lambda: clerks_shop.slips_of(number), "its slip")
    clerks_shop.scan(clerks_shop.order(number)["code"])
    return order_id


def test_what_the_chain_knows_of_a_pack_holds_without_a_line(
    world: World,
    lines: dict[str, FaultProxy],
    shop: Shop,
    clerks_shop: Shop,
    meituan: Meituan,
    desk: HubDesk,
    accepted: str,
) -> None:
    sold, recalled = shop.fresh_code(SKU), shop.fresh_code(SKU)
    sell(shop, meituan, sold)
    desk.post("/api/codes/recalled", codes=[recalled])
    for code in (sold, recalled):
        eventually(partial(is_listed, world, clerks_shop, code), "the other store has heard of it")
    line = lines["S002"]
    line.set(Way(refused=True))
    line.reset()
    try:
        for code, rule in ((sold, "R5-chain"), (recalled, "R10-code"), (clerks_shop.fresh_code(SKU), "ok")):
            clerks_shop.scan(code)
            eventually(partial(says, clerks_shop, accepted, rule), f"{code} is {rule}")
    finally:
        line.heal()
    said = [scan["sentence"] for scan in clerks_shop.page.get(f"/api/orders/{accepted}")["scans"]]
    assert any("人民路店" in sentence and "售出" in sentence for sentence in said), f"where it was sold: {said}"
