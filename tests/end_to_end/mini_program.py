"""The chain's own mini-program, as it posts its orders to the hub."""

import itertools
import time
from typing import Any

import httpx

from installer.demo.world import World

_numbers = itertools.count(701)


def order() -> dict[str, Any]:
    """Each has a number of its own: the tests of one world share a board."""
    number = next(_numbers)
    return {
        "order_id": f"WX-{number}-{time.time_ns()}",
        "shop": "S001",
        "day_number": number,
        "placed_at": "2026-11-21T08:00:00+08:00",
        "total": 1680,
        "lines": [{"sku": "M0005", "name": "藿香正气口服液", "quantity": 1, "price": 1680}],
        "recipient": {"name": "测试", "phone": "13800000000", "address": "测试小区"},
    }


def post(world: World, path: str = "", key: str | None = None, **body: Any) -> httpx.Response:
    own = world.manifest.channels.own
    headers = {"Authorization": f"Bearer {own.api_key if key is None else key}"}
    return httpx.post(own.orders_url + path, json=body, headers=headers, timeout=30.0, trust_env=False)
