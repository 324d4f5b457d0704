"""The simulated platform as a test drives it, through its control API."""

from collections.abc import Mapping
from typing import Any

import httpx

from installer.demo.world import World


class Meituan:
    """One customer's side of the platform; ids are text."""

    def __init__(self, world: World) -> None:
        self._shops = {store.store: store.shops["meituan"] for store in world.chain.stores}
        self._client = httpx.Client(
            base_url=f"{world.simulator_url}/control",
            headers={"Authorization": f"Bearer {world.secrets.control_token}"},
            timeout=30.0,
            trust_env=False,
        )

    def order(
        self, store: str, *lines: tuple[str, int], names: Mapping[str, str] = {}, **options: Any
    ) -> dict[str, Any]:
        """Places and pays one order; the answer has order_id and day_seq. `names` are of products no shop lists."""
        wanted = [
            {"app_medicine_code": sku, "quantity": quantity, "name": names.get(sku, "")} for sku, quantity in lines
        ]
        return self._post("/orders", {"shop": self._shops[store], "lines": wanted, **options})

    def do(self, order_id: str, deed: str, **options: Any) -> dict[str, Any]:
        """cancel, refund, withdraw, urge, ride, complete …"""
        return self._post(f"/orders/{order_id}/{deed}", options)

    def seen(self, order_id: str) -> dict[str, Any]:
        """The order as the platform has it."""
        seen: dict[str, Any] = self._get(f"/orders/{order_id}")
        return seen

    def calls(self, path: str = "") -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = self._get(f"/calls?path={path}")
        return calls

    def pushes(self, order_id: str) -> list[dict[str, Any]]:
        pushes: list[dict[str, Any]] = self._get(f"/pushes?order_id={order_id}")
        return pushes

    def switch(self, **switches: Any) -> None:
        self._post("/switches", switches)

    def close(self) -> None:
        self._client.close()

    def _get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.post(path, json=body).raise_for_status().json()
        return answer
