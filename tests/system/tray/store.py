"""The store behind the tray, as the tests bring it into each state."""

import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from installer.demo.world import World


class Store:
    def __init__(self, world: World, run_folder: Path) -> None:
        self.world, self.run_folder = world, run_folder
        self.run_folder.mkdir()
        self.name = world.chain.stores[0].store
        self.agent = world.agents[self.name]
        self.url = world.page_url(self.name)

    @property
    def hand(self) -> tuple[str, ...]:
        """How the tray is told where this store hands its token over."""
        return ("--hand", str(self.run_folder / "tray.sock"))

    def mend(self) -> None:
        for program in (self.world.hub, self.agent):
            if not program.running:
                program.start()
        self.world.hub.wait_ready()
        self.agent.wait_ready()

    def order(self, number: int) -> None:
        """By the chain's own mini-program."""
        own = self.world.manifest.channels.own
        wanted = {
            "order_id": f"WX-{time.time_ns()}",
            "shop": self.name,
            "day_number": number,
            "placed_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "total": 1680,
            "lines": [{"sku": "M0005", "name": "藿香正气口服液", "quantity": 1, "price": 1680}],
            "recipient": {"name": "测试", "phone": "13800000000", "address": "测试小区"},
        }
        headers = {"Authorization": f"Bearer {own.api_key}"}
        answer = httpx.post(own.orders_url, json=wanted, headers=headers, timeout=10, trust_env=False)
        assert answer.json()["result"] == "understood", answer.text

    def begin_orders(self) -> None:
        """Somebody picks: none waits any longer."""
        token = {"Authorization": f"Bearer {self.world.page_token(self.name)}"}
        with httpx.Client(base_url=self.url, headers=token, trust_env=False) as page:
            for card in page.get("/api/board").json()["cards"]:
                page.post(f"/api/orders/{card['order_id']}/start", json={}).raise_for_status()

    @property
    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", trust_env=False, timeout=2).is_success
        except httpx.HTTPError:
            return False
