"""A pilot (试运行) beside the system the store works with: the platform hears nothing, the counter sees everything."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from drivers.virtual.slip import VirtualSlip
from installer.demo.world import World
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.mini_program import order as own_order
from tests.end_to_end.mini_program import post
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.waiting import eventually

ASKED = {"order/getOrderDetail", "order/getOrderDaySeq", "order/getOrderIdByDaySeq", "order/batchFetchAbnormalOrder"}
"""What only reads; every other call tells the platform something."""


@pytest.fixture
def on_trial(shop: Shop, desk: HubDesk) -> Iterator[Shop]:
    desk.post("/api/mode", stores=["S001"], mode="shadow")
    eventually(lambda: shop.page.get("/api/state")["mode"] == "shadow", "the store knows")
    yield shop
    desk.post("/api/mode", stores=["S001"], mode="live")
    eventually(lambda: shop.page.get("/api/state")["mode"] == "live", "the store knows")


def told(meituan: Meituan, shop: str, orders: set[str]) -> list[tuple[str, str]]:
    """What the platform was told of this shop or of these orders."""
    return [
        (call["path"], call["params"].get("order_id", ""))
        for call in meituan.calls()
        if call["path"] not in ASKED
        and (call["params"].get("app_poi_code") == shop or call["params"].get("order_id") in orders)
    ]


def pick(shop: Shop, view: dict[str, Any], *skus: str) -> None:
    shop.scan(view["code"])
    for sku in skus:
        shop.scan(shop.fresh_code(sku))
    shop.until_picked(view["card"]["day_number"])


def test_not_one_word_reaches_the_platform(world: World, on_trial: Shop, meituan: Meituan, desk: HubDesk) -> None:
    platform_shop = next(store.shops["meituan"] for store in world.chain.stores if store.store == "S001")
    before = told(meituan, platform_shop, set())
    placed = [meituan.order("S001", ("M0002", 1)) for _ in range(3)]
    ids = {one["order_id"] for one in placed}
    numbers = [one["day_seq"] for one in placed]
    slips = eventually(lambda: _slips_of_each(on_trial, numbers), "slips on the counter")
    assert all("试运行" in slip.text for slip in slips)

    pick(on_trial, on_trial.order(numbers[0]), "M0002")
    on_trial.page.post(f"/api/orders/{on_trial.order(numbers[0])['card']['order_id']}/hand-over")
    meituan.do(placed[1]["order_id"], "cancel")
    eventually(lambda: on_trial.order(numbers[1])["card"]["state"] == "cancelled", "what the platform says is followed")
    eventually(lambda: len(on_trial.slips_of(numbers[1])) == 2, "the stop slip")
    assert "试运行" in on_trial.slips_of(numbers[1])[1].text
    meituan.do(placed[2]["order_id"], "refund")
    waiting = on_trial.order(numbers[2])
    refund = eventually(lambda: on_trial.order(numbers[2])["refunds"], "the refund is shown")[0]["refund"]
    with pytest.raises(httpx.HTTPStatusError) as refused:
        on_trial.page.post(f"/api/refunds/{waiting['card']['order_id']}/{refund['refund_id']}/answer", agree=True)
    assert "请在原系统处理" in refused.value.response.text
    on_trial.page.post("/api/sales", lines=[{"sku": "M0002", "quantity": 1000}])

    rows = eventually(lambda: _untold(desk, numbers), "the hub knows what was not told")
    assert sorted(row["kind"] for row in rows) == ["accept", "accept", "accept", "picked"]
    seen = meituan.seen(placed[0]["order_id"])
    assert not seen["picked"]
    assert told(meituan, platform_shop, ids) == before

    own = own_order()
    post(world, **own)
    eventually(lambda: on_trial.slips_of(own["day_number"], "小程序"), "the slip of the own channel")
    pick(on_trial, on_trial.order(own["day_number"]), "M0005")
    url = f"{world.manifest.channels.own.orders_url}/{own['order_id']}"
    headers = {"Authorization": f"Bearer {world.manifest.channels.own.api_key}"}
    assert httpx.get(url, headers=headers, trust_env=False, timeout=30).json()["state"] == "placed"

    desk.post("/api/mode", stores=["S001"], mode="live")
    eventually(
        lambda: any(path == "medicine/stock" for path, _ in told(meituan, platform_shop, ids)[len(before) :]),
        "live again, all stock is told",
    )
    after = meituan.order("S001", ("M0002", 1))
    eventually(
        lambda: ("order/confirm", after["order_id"]) in told(meituan, platform_shop, {after["order_id"]}), "told"
    )
    assert {order_id for _, order_id in told(meituan, platform_shop, ids)} & ids == set(), "nothing is told later"
    slip = eventually(lambda: on_trial.slips_of(after["day_seq"]), "a slip that counts")[0]
    assert "试运行" not in slip.text


def _slips_of_each(shop: Shop, numbers: list[int]) -> list[VirtualSlip]:
    """Empty until each order has one."""
    found = [slip for number in numbers for slip in shop.slips_of(number)]
    return found if len(found) == len(numbers) else []


def _untold(desk: HubDesk, numbers: list[int]) -> list[dict[str, Any]]:
    rows = [row for row in desk.get("/api/untold?store=S001") if row["day_number"] in numbers]
    return rows if len(rows) == 4 else []
