"""A prescription's way: a late picture from the platform, over the hub, to the store's page; approved far away."""

import time

from domain.times import HOUR
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.end_to_end.test_one_order import at_hub
from tests.waiting import eventually, never

PIN = "135724"


def far_pharmacist(desk: HubDesk) -> None:
    who = {"staff_id": "hq1", "name": "周药师", "roles": ["pharmacist"], "licence": "ZY3303", "stores": []}
    desk.post("/api/staff", **who)
    desk.post("/api/staff/hq1/pin", pin=PIN)
    now = int(time.time() * 1000)
    desk.post("/api/roster", staff_id="hq1", begins_at=now - HOUR, ends_at=now + HOUR)


def test_a_late_picture_is_reviewed_at_headquarters_and_the_pick_is_free(
    shop: Shop, meituan: Meituan, desk: HubDesk
) -> None:
    far_pharmacist(desk)
    meituan.switch(picture_late_seconds=2.0, picture_fails=1)
    placed = meituan.order("S001", ("M0001", 1))
    view = shop.order(placed["day_seq"])
    store_id = view["card"]["order_id"]
    hub_order = eventually(lambda: at_hub(desk, "S001", placed["day_seq"]), "the order at the hub")
    order_id = hub_order["order_id"]
    (row,) = desk.get(f"/api/prescriptions/archive?order={order_id}")
    prescription_id = row["prescription"]["prescription_id"]

    def panel() -> dict[str, object]:
        found: dict[str, object] = shop.page.get(f"/api/orders/{store_id}/prescriptions")
        return found

    eventually(panel, "the store hears that a prescription is needed")
    shop.scan(view["code"])
    shop.scan(shop.fresh_code("M0001"))
    eventually(lambda: "R10-prescription" in shop.verdicts(store_id), "先方后药")
    never(lambda: shop.order(placed["day_seq"])["card"]["picked"], "a pack without approval", for_=0.5)

    def image() -> str:
        images = desk.get(f"/api/prescriptions/{prescription_id}")["row"]["prescription"]["images"]
        return images[0]["digest"] if images else ""

    digest = eventually(image, "late, then failing, then here", within=90)

    def here() -> bool:
        told = shop.page.get(f"/api/orders/{store_id}/prescriptions")["prescriptions"]
        return bool(told[0]["images"]) and bool(told[0]["images"][0]["here"])

    eventually(here, "the store has it too")
    local = shop.page.get(f"/api/orders/{store_id}/prescriptions")["prescriptions"][0]
    assert local["images"][0]["digest"] == digest

    seen = desk.get(f"/api/prescriptions/{prescription_id}")["seen"]
    proof = {"staff_id": "hq1", "pin": PIN}
    desk.post(f"/api/prescriptions/{prescription_id}/decide", approve=True, seen=seen, proof=proof)

    def approved() -> bool:
        told = shop.page.get(f"/api/orders/{store_id}/prescriptions")["prescriptions"][0]
        return bool(told["state"] == "approved" and told["decision"]["licence"] == "ZY3303")

    eventually(approved, "the store hears of the approval")
    shop.scan(view["code"])
    shop.scan(shop.fresh_code("M0001"))
    shop.until_picked(placed["day_seq"])
    meituan.switch(picture_late_seconds=0.0, picture_fails=0)
