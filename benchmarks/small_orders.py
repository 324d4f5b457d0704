"""Orders of the chain's own channel: the smallest change at the hub that a store must hear of."""

import http.client
import itertools
import json
from urllib.parse import urlsplit

from installer.demo.world import World


class SmallOrders:
    """One connection, one order at a time; each is answered once it is committed."""

    def __init__(self, world: World) -> None:
        self._line = http.client.HTTPConnection(urlsplit(world.hub_url).netloc)
        self._key = world.secrets.own_api_key
        self._numbers = itertools.count(1)

    def place(self, shop: str) -> None:
        body = json.dumps(small_order(next(self._numbers), shop))
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        self._line.request("POST", "/channels/own/orders", body, headers)
        answer = self._line.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the hub did not take the order: {answer.status} {said!r}")


def small_order(number: int, shop: str) -> dict[str, object]:
    """The number is the order's id and its day's number."""
    return {
        "order_id": f"SMALL-{number:07d}",
        "shop": shop,
        "placed_at": "2026-01-01T08:00:00+08:00",
        "total": 500,
        "day_number": number,
        "lines": [{"sku": "M0001", "name": "药", "quantity": 1, "price": 500}],
        "recipient": {"name": "测试", "phone": "13800000000"},
    }
