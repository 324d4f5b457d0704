"""The way of one order, from a platform's push to paper, scanner and back."""

from typing import Any

import pytest

from tests.end_to_end.meituan import Meituan
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.waiting import eventually, never


def at_hub(desk: HubDesk, store: str, day_number: int) -> dict[str, Any] | None:
    found = desk.get(f"/api/orders?store={store}&channel=meituan&day_number={day_number}")["orders"]
    return found[0] if found else None


def test_push_to_paper_to_scan_to_hub_to_channel(shop: Shop, meituan: Meituan, desk: HubDesk) -> None:
    placed = meituan.order("S001", ("M0003", 2), ("M0002", 1))
    number = placed["day_seq"]
    slip = eventually(lambda: shop.slips_of(number), "a slip on the counter")[0]
    view = shop.order(number)
    assert view["code"] in slip.codes
    assert "布洛芬缓释胶囊" in slip.text

    shop.scan(view["code"])
    packs = [shop.fresh_code(sku) for sku in ("M0003", "M0002", "M0003")]
    for code in packs:
        shop.scan(code)
    shop.until_picked(number)

    hub_order = eventually(
        lambda: (order := at_hub(desk, "S001", number)) and order["state"] == "picked" and order, "the hub knows it"
    )
    eventually(lambda: meituan.seen(placed["order_id"])["picked"], "the platform was told")
    calls = [call for call in meituan.calls() if call["params"].get("order_id") == placed["order_id"]]
    assert {"order/confirm", "order/preparationMealComplete"} <= {call["path"] for call in calls}
    customers = eventually(lambda: shop.slips_of(number)[1:], "the customer's copy")[0]
    assert "销售凭证" in customers.text and "布洛芬缓释胶囊" in customers.text
    assert all(f"追溯码 {code}" in customers.text for code in packs), "what was really bound"
    detail = eventually(
        lambda: (order := desk.get(f"/api/orders/{hub_order['order_id']}"))["slips"][1:] and order,
        "the hub knows of both papers",
    )
    assert sorted(len(line["codes"]) for line in detail["lines"]) == [1, 2]
    assert {(slip["kind"], slip["state"]) for slip in detail["slips"]} == {
        ("picking", "printed"),
        ("customer", "printed"),
    }
    assert all(slip["evidence"] in ("A", "B") for slip in detail["slips"])
    assert len(shop.slips_of(number)) == 2


def test_wrong_packs_are_refused_by_their_rule(shop: Shop, meituan: Meituan) -> None:
    number = meituan.order("S001", ("M0005", 2))["day_seq"]
    view = shop.order(number)
    order_id = view["card"]["order_id"]
    right, wrong = shop.fresh_code("M0005"), shop.fresh_code("M0006")
    expected = ["ok"]
    for code, rule in ((view["code"], "ok"), (wrong, "R3-product"), (right, "ok"), (right, "R5-order"), ("812", "R2")):
        shop.scan(code)
        if code != view["code"]:
            expected.insert(0, rule)
        eventually(lambda: shop.verdicts(order_id) == expected, f"{expected} for {code}, not {shop.verdicts(order_id)}")
    shop.scan(shop.fresh_code("M0005"))
    shop.until_picked(number)

    later = shop.order(meituan.order("S001", ("M0005", 1))["day_seq"])
    shop.scan(later["code"])
    shop.scan(right)
    eventually(lambda: "R5-sold" in shop.verdicts(later["card"]["order_id"]), "a code sold before is refused")


def test_the_clerk_accepts_where_the_store_says_so(clerks_shop: Shop, meituan: Meituan) -> None:
    placed = meituan.order("S002", ("M0007", 1))
    view = clerks_shop.order(placed["day_seq"])
    never(lambda: clerks_shop.slips_of(placed["day_seq"]), "a slip before the clerk accepted", for_=0.5)
    clerks_shop.page.post(f"/api/orders/{view['card']['order_id']}/accept")
    eventually(lambda: clerks_shop.slips_of(placed["day_seq"]), "the slip")
    eventually(lambda: meituan.seen(placed["order_id"])["state"] == "confirmed", "the platform heard 接单")


def test_a_cancelled_order_stops_the_picker(shop: Shop, meituan: Meituan) -> None:
    placed = meituan.order("S001", ("M0008", 2))
    view = shop.order(placed["day_seq"])
    order_id = view["card"]["order_id"]
    eventually(lambda: shop.slips_of(placed["day_seq"]), "the picking slip")
    taken = shop.fresh_code("M0008")
    shop.scan(view["code"])
    shop.scan(taken)
    eventually(lambda: shop.verdicts(order_id)[:1] == ["ok"], "one pack taken")
    meituan.do(placed["order_id"], "cancel")
    eventually(lambda: shop.order(placed["day_seq"])["card"]["pick"] == "stopped", "picking stops")
    stop = eventually(lambda: shop.slips_of(placed["day_seq"])[1:], "the stop slip")[0]
    assert "停止拣货" in stop.text

    again = shop.order(meituan.order("S001", ("M0008", 1))["day_seq"])
    shop.scan(again["code"])
    shop.scan(taken)
    eventually(lambda: shop.verdicts(again["card"]["order_id"])[:1] == ["ok"], "the code is free again")


def test_a_refund_request_pauses_and_a_part_refund_strikes_its_line(shop: Shop, meituan: Meituan) -> None:
    placed = meituan.order("S001", ("M0009", 2), ("M0010", 1))
    view = shop.order(placed["day_seq"])
    order_id = view["card"]["order_id"]
    shop.scan(view["code"])
    shop.scan(shop.fresh_code("M0009"))
    eventually(lambda: shop.verdicts(order_id) == ["ok", "ok"], "its first pack is in the bag before anybody asks")
    asked = meituan.do(
        placed["order_id"], "refund", lines=[{"app_medicine_code": "M0009", "quantity": 1}], reason="买多了"
    )
    eventually(lambda: shop.order(placed["day_seq"])["card"]["pick"] == "paused", "picking pauses")
    shop.page.post(f"/api/refunds/{order_id}/{asked['refund_id']}/answer", agree=True)
    eventually(lambda: shop.order(placed["day_seq"])["card"]["pick"] == "picking", "picking goes on")
    struck = {
        line["line"]["channel_sku"]: line["line"].get("struck", 0) for line in shop.order(placed["day_seq"])["lines"]
    }
    assert struck == {"M0009": 1000, "M0010": 0}
    shop.scan(shop.fresh_code("M0010"))
    shop.until_picked(placed["day_seq"])


def test_an_order_for_a_product_nobody_knows_prints_and_asks(shop: Shop, meituan: Meituan, desk: HubDesk) -> None:
    placed = meituan.order("S001", ("NEW-1", 1), names={"NEW-1": "新到的保健品"})
    slip = eventually(lambda: shop.slips_of(placed["day_seq"]), "the slip prints all the same")[0]
    assert "商品未建档" in slip.text
    order = eventually(lambda: at_hub(desk, "S001", placed["day_seq"]), "the order at the hub")
    kinds = {row["kind"] for row in desk.get("/api/exceptions") if row["order_id"] == order["order_id"]}
    assert kinds == {"unknown_product"}


def test_a_sale_over_the_counter_of_what_was_promised(clerks_shop: Shop, meituan: Meituan, desk: HubDesk) -> None:
    clerks_shop.page.post("/api/counts", sku="M0012", counted=1000, reason="盘点")
    store_page = clerks_shop.page
    eventually(lambda: not store_page.get("/api/state")["outbox"]["depth"], "the count is at the hub")
    placed = meituan.order("S002", ("M0012", 1))
    clerks_shop.order(placed["day_seq"])
    store_page.post("/api/sales", lines=[{"sku": "M0012", "quantity": 1000}])
    order = eventually(lambda: at_hub(desk, "S002", placed["day_seq"]), "the order")
    exception = eventually(
        lambda: next((row for row in desk.get("/api/exceptions") if row["order_id"] == order["order_id"]), None),
        "an exception for the order whose box was sold",
    )
    assert exception["kind"] == "oversold"
    assert set(exception["choices"]) == {"found", "part_refund", "cancel"}
    eventually(
        lambda: any(not e["closed_at"] for e in clerks_shop.order(placed["day_seq"])["exceptions"]), "the clerk sees it"
    )
    desk.post(f"/api/exceptions/{exception['exception_id']}/settle", choice="cancel")
    eventually(lambda: meituan.seen(placed["order_id"])["state"] == "cancelled", "the channel is told")
    eventually(lambda: clerks_shop.order(placed["day_seq"])["card"]["state"] == "cancelled", "and the store")


@pytest.mark.parametrize("answer", ["found"])
def test_stock_too_short_is_found_after_all(clerks_shop: Shop, meituan: Meituan, desk: HubDesk, answer: str) -> None:
    page = clerks_shop.page
    page.post("/api/counts", sku="M0011", counted=1000, reason="盘点")
    eventually(lambda: not page.get("/api/state")["outbox"]["depth"], "the count is at the hub")
    placed = meituan.order("S002", ("M0011", 3))
    view = clerks_shop.order(placed["day_seq"])
    order_id = view["card"]["order_id"]
    assert view["card"]["short"]
    page.post(f"/api/orders/{order_id}/accept")
    slip = eventually(lambda: clerks_shop.slips_of(placed["day_seq"]), "the slip")[0]
    assert "库存不足" in slip.text
    exception = view["exceptions"][0]["exception"]
    page.post(f"/api/exceptions/{exception['exception_id']}/settle", choice=answer, found={"1": 3000})
    eventually(lambda: not clerks_shop.order(placed["day_seq"])["card"]["short"], "reserved after the count")
    order = at_hub(desk, "S002", placed["day_seq"])
    assert order is not None

    def reserved() -> bool:
        lines = desk.get(f"/api/orders/{order['order_id']}")["lines"]
        return [line["reserved"] for line in lines] == [3000]

    eventually(reserved, "all of it is reserved at headquarters, which may hear of it after the page")
