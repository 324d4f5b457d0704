"""The chain's own mini-program: a second channel through the same seam."""

import itertools
import time
from typing import Any

import httpx

from installer.demo.world import World
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.end_to_end.waiting import eventually

_numbers = itertools.count(1)


def post(world: World, path: str = "", key: str | None = None, **body: Any) -> httpx.Response:
    own = world.manifest.channels.own
    headers = {"Authorization": f"Bearer {own.api_key if key is None else key}"}
    return httpx.post(own.orders_url + path, json=body, headers=headers, timeout=10.0, trust_env=False)


def order(number: int) -> dict[str, Any]:
    return {
        "order_id": f"WX-{number}-{time.time_ns()}",
        "shop": "S001",
        "day_number": 700 + number,
        "placed_at": "2026-11-21T08:00:00+08:00",
        "total": 1680,
        "lines": [{"sku": "M0005", "name": "藿香正气口服液", "quantity": 1, "price": 1680}],
        "recipient": {"name": "测试", "phone": "13800000000", "address": "测试小区"},
    }


def test_an_order_of_the_mini_program_prints_and_is_cancelled(world: World, shop: Shop, desk: HubDesk) -> None:
    number = next(_numbers)
    wanted = order(number)
    assert post(world, **wanted).json()["result"] == "understood"
    assert post(world, **wanted).json()["result"] == "repeated"
    eventually(lambda: shop.slips_of(700 + number, "小程序"), "the slip")
    assert post(world, f"/{wanted['order_id']}/cancel", by="customer").status_code == 200
    eventually(lambda: shop.order(700 + number)["card"]["state"] == "cancelled", "cancelled in the store")
    eventually(lambda: len(shop.slips_of(700 + number, "小程序")) == 2, "the stop slip")


def test_a_wrong_key_and_a_misspelt_field_are_told_apart(world: World) -> None:
    assert post(world, key="wrong", **order(next(_numbers))).status_code == 403
    misspelt = post(world, **{**order(next(_numbers)), "totall": 1})
    assert misspelt.status_code == 422
    assert "totall" in misspelt.json()["message"]
