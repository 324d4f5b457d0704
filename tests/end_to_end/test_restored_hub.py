"""A hub brought back from a backup: what it forgot its channels tell it again, and no store sees a second order."""

from pathlib import Path

from cloud import cli
from installer.demo.world import World
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.end_to_end.test_one_order import at_hub
from tests.waiting import eventually, never


def test_orders_since_the_backup_come_again_as_the_same(
    world: World, shop: Shop, meituan: Meituan, desk: HubDesk, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    before = meituan.order("S001", ("M0001", 1))["day_seq"]
    eventually(lambda: shop.slips_of(before), "the slip of the order before")
    assert cli.main([*world.hub_config, "backup", str(backup)]) == 0

    waiting, picked = (meituan.order("S001", ("M0003", 1))["day_seq"] for _ in range(2))
    codes = {number: shop.order(number)["code"] for number in (waiting, picked)}
    ids = {number: shop.order(number)["card"]["order_id"] for number in codes}
    eventually(lambda: shop.slips_of(waiting) and shop.slips_of(picked), "their slips")
    shop.scan(codes[picked])
    shop.scan(shop.fresh_code("M0003"))
    eventually(lambda: (at_hub(desk, "S001", picked) or {}).get("state") == "picked", "the hub knows it is picked")
    eventually(lambda: not shop.page.get("/api/state")["outbox"]["depth"], "everything told")
    eventually(lambda: len(shop.slips_of(picked)) == 2, "the customer's copy")

    world.hub.stop()
    assert cli.main([*world.hub_config, "restore", str(backup)]) == 0
    world.hub.start()
    world.hub.wait_ready()

    eventually(lambda: all(at_hub(desk, "S001", number) for number in ids), "its channel told them again")
    assert {number: (at_hub(desk, "S001", number) or {})["order_id"] for number in ids} == ids
    eventually(lambda: (at_hub(desk, "S001", picked) or {}).get("state") == "picked", "told again")
    eventually(lambda: shop.order(waiting)["card"]["state"] == "accepted", "the store goes on with it")
    never(lambda: len(shop.slips_of(waiting)) > 1 or len(shop.slips_of(picked)) > 2, "a second slip", for_=2.0)
    assert len(shop.slips_of(before)) == 1

    shop.scan(codes[waiting])
    shop.scan(shop.fresh_code("M0003"))
    eventually(lambda: (at_hub(desk, "S001", waiting) or {}).get("state") == "picked", "picked after all")
    after = meituan.order("S001", ("M0001", 1))["day_seq"]
    eventually(lambda: shop.slips_of(after), "the next order comes as ever")
