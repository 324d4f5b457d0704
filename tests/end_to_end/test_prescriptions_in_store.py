"""先方后药, from the platform's late image to the pharmacist's PIN and the last scan, with real programs."""

from typing import Any

import httpx
import pytest

from installer.demo.people import PEOPLE
from installer.demo.world import World
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.waiting import eventually, never

AMOXICILLIN = "M0001"
WANG = next(person for person in PEOPLE if person.staff_id == "wang")
ZHANG = next(person for person in PEOPLE if person.staff_id == "zhang")


@pytest.fixture(autouse=True)
def usual_pictures(meituan: Meituan) -> None:
    meituan.switch(picture_late_seconds=0.0, picture_fails=0)


def panel(shop: Shop, order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.page.get(f"/api/orders/{order_id}/prescriptions")
    return found


def ready(shop: Shop, order_id: str) -> dict[str, Any]:
    """The prescription, once its image is in the store."""

    def look() -> dict[str, Any] | None:
        told = panel(shop, order_id)["prescriptions"]
        return told[0] if told and told[0]["images"] and not told[0]["unseen"] else None

    return eventually(look, "the image in the store")


def decide(shop: Shop, prescription: dict[str, Any], *, approve: bool = True, reason: str = "") -> None:
    proof = {"staff_id": WANG.staff_id, "pin": WANG.pin}
    path = f"/api/prescriptions/{prescription['prescription_id']}/decide"
    shop.page.post(path, approve=approve, reason=reason, proof=proof)


def at_hub(desk: HubDesk, prescription: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = desk.get(f"/api/prescriptions/{prescription['prescription_id']}")["row"]["prescription"]
    return found


def test_nothing_is_taken_before_the_approval(shop: Shop, meituan: Meituan, desk: HubDesk) -> None:
    meituan.switch(picture_late_seconds=1.0, picture_fails=1)
    view = shop.order(meituan.order("S001", (AMOXICILLIN, 1))["day_seq"])
    order_id, code = view["card"]["order_id"], shop.fresh_code(AMOXICILLIN)
    assert view["card"]["review"] == "waiting"
    shop.scan(view["code"])
    shop.scan(code)
    eventually(lambda: "R10-prescription" in shop.verdicts(order_id), "the gate's own rule")
    never(lambda: shop.order(view["card"]["day_number"])["card"]["picked"], "a pack without approval", for_=0.5)
    prescription = ready(shop, order_id)
    with pytest.raises(httpx.HTTPStatusError):  # a picker is no pharmacist
        shop.page.post(
            f"/api/prescriptions/{prescription['prescription_id']}/decide",
            approve=True,
            proof={"badge": ZHANG.badge},
        )
    decide(shop, prescription)
    eventually(lambda: at_hub(desk, prescription)["state"] == "approved", "headquarters heard it")
    shop.scan(view["code"])
    shop.scan(code)
    number = view["card"]["day_number"]
    shop.until_picked(number)


def test_it_works_alike_with_headquarters_gone(world: World, shop: Shop, meituan: Meituan, desk: HubDesk) -> None:
    view = shop.order(meituan.order("S001", (AMOXICILLIN, 1))["day_seq"])
    order_id, number = view["card"]["order_id"], view["card"]["day_number"]
    prescription = ready(shop, order_id)
    world.hub.stop()
    try:
        decide(shop, prescription)
        shop.scan(view["code"])
        shop.scan(shop.fresh_code(AMOXICILLIN))
        shop.until_picked(number)
    finally:
        world.hub.start()
        world.hub.wait_ready()
    eventually(lambda: at_hub(desk, prescription)["state"] == "approved", "told when the line came back")
    assert panel(shop, order_id)["stand"] == "approved"


def test_a_refused_one_is_given_back_to_the_customer(shop: Shop, meituan: Meituan) -> None:
    placed = meituan.order("S001", (AMOXICILLIN, 1))
    view = shop.order(placed["day_seq"])
    order_id = view["card"]["order_id"]
    decide(shop, ready(shop, order_id), approve=False, reason="处方过期")
    assert panel(shop, order_id)["give_back"] == "处方审核未通过"
    shop.page.post(f"/api/orders/{order_id}/decline")
    eventually(lambda: shop.order(placed["day_seq"])["card"]["state"] == "cancelled", "cancelled")
    told = [call for call in meituan.calls("order/cancel") if call["params"].get("order_id") == placed["order_id"]]
    assert told and "处方审核未通过" in str(told[0]["params"])


def test_one_prescription_serves_one_order(shop: Shop, meituan: Meituan) -> None:
    first = meituan.order("S001", (AMOXICILLIN, 1))
    view = shop.order(first["day_seq"])
    decide(shop, ready(shop, view["card"]["order_id"]))
    again = shop.order(meituan.order("S001", (AMOXICILLIN, 1), prescription_of=int(first["order_id"]))["day_seq"])
    prescription = ready(shop, again["card"]["order_id"])
    with pytest.raises(httpx.HTTPStatusError) as refused:
        decide(shop, prescription)
    assert "已用于订单" in refused.value.response.json()["message"]
