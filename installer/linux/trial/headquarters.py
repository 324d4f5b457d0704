"""Headquarters and the store's counter, outside of the container: a hub that takes orders, a printer that prints."""

import itertools
import time
from pathlib import Path
from typing import Self

import httpx

from drivers.virtual.printer import VirtualPrinter
from installer.demo.ports import free
from installer.demo.world import World

STORE, SHOP = "S001", "S001"
_numbers = itertools.count(1)


class Headquarters:
    """The demo's chain with its hub, and the virtual printer of one store. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._world = World(folder, hub_port=0, with_simulator=False)
        self.page_port = free()

    def __enter__(self) -> Self:
        self._world.prepare()
        self._world.hub.start()
        self._world.hub.wait_ready()
        self.printer = VirtualPrinter()
        return self

    def __exit__(self, *_: object) -> None:
        self.printer.stop()
        self._world.stop()

    @property
    def page_url(self) -> str:
        return f"http://127.0.0.1:{self.page_port}"

    def store_toml(self) -> str:
        """What IT puts on the PC before the package: settings, and a code that pairs it."""
        to_hub = {"Authorization": f"Bearer {self._world.operator_token}"}
        made = _post(f"{self._world.hub_url}/api/stores/{STORE}/pairing-code", to_hub, {})
        return f"""\
page_port = {self.page_port}

[pairing]
hub = "{self._world.hub_url}"
code = "{made["code"]}"

[[printers]]
name = "前台"
address = "{self.printer.address}"
"""

    def order(self) -> int:
        """A customer orders one bottle; the order's number of the day."""
        number = 700 + next(_numbers)
        key = {"Authorization": f"Bearer {self._world.secrets.own_api_key}"}
        _post(f"{self._world.hub_url}/channels/own/orders", key, _wanted(number))
        return number

    def printed(self, number: int) -> bool:
        return any(f"小程序 #{number}" in slip.text for slip in self.printer.slips)

    def answers(self) -> bool:
        """Whether the agent's page does."""
        try:
            return httpx.get(f"{self.page_url}/health", timeout=1.0, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False


def _post(url: str, headers: dict[str, str], body: dict[str, object]) -> dict[str, str]:
    answer = httpx.post(url, headers=headers, json=body, timeout=20.0, trust_env=False).raise_for_status()
    said: dict[str, str] = answer.json()
    return said


def _wanted(number: int) -> dict[str, object]:
    return {
        "order_id": f"WX-{number}-{time.time_ns()}",
        "shop": SHOP,
        "day_number": number,
        "placed_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "total": 1680,
        "lines": [{"sku": "M0005", "name": "藿香正气口服液", "quantity": 1, "price": 1680}],
        "recipient": {"name": "测试", "phone": "13800000000", "address": "测试小区"},
    }
