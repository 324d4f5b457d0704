"""One store as a test stands in it: its printer's paper, its scanner, its page."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drivers.virtual.slip import VirtualSlip
from installer.demo.world import World
from tests.end_to_end.store_page import StorePage
from tests.waiting import eventually

_serials: Iterator[int] = itertools.count(1)


class Shop:
    def __init__(self, world: World, store: str) -> None:
        self.store = store
        self.agent = world.agents[store]
        entry = next(entry for entry in world.manifest.stores if entry.id == store)
        self.page = StorePage(entry)
        self.skus = {sku.sku: sku for sku in entry.skus}
        self._devices = world.devices[store]
        printer = self._devices.printer
        assert printer is not None
        self.printer = printer

    def fresh_code(self, sku: str) -> str:
        """A trace code of this product that nobody has scanned before."""
        return f"{self.skus[sku].trace_prefix}{next(_serials):013d}"

    def scan(self, code: str) -> None:
        """As the scanner does, from outside: by the path in the manifest."""
        with Path(self._devices.scanner.trigger_path).open("wb", buffering=0) as trigger:
            trigger.write(f"{code}\r".encode())

    def slips_of(self, day_number: int, channel: str = "美团") -> list[VirtualSlip]:
        """What lies on the counter for this order, oldest first."""
        return [slip for slip in self.printer.slips if f"{channel} #{day_number}" in slip.text]

    def card(self, day_number: int) -> dict[str, Any] | None:
        found = self.page.get(f"/api/board?find={day_number}")["cards"]
        return next((card for card in found if card["day_number"] == day_number), None)

    def order(self, day_number: int) -> dict[str, Any]:
        """The order as the store's page shows it, once it has come."""
        card = eventually(lambda: self.card(day_number), f"order #{day_number} on the board of {self.store}")
        view: dict[str, Any] = self.page.get(f"/api/orders/{card['order_id']}")
        return view

    def verdicts(self, order_id: str) -> list[str]:
        """The rules of the order's scans, the newest first."""
        return [scan["rule"] for scan in self.page.get(f"/api/orders/{order_id}")["scans"]]

    def until_picked(self, day_number: int) -> dict[str, Any]:
        """The order, once its last scan has completed it. Fails with what the rules said of each scan."""

        def picked() -> dict[str, Any] | None:
            view = self.order(day_number)
            return view if view["card"]["state"] == "picked" else None

        try:
            return eventually(picked, f"#{day_number} picked")
        except AssertionError as error:
            view = self.order(day_number)
            raise AssertionError(f"{error}: it is {view['card']['state']} after {view['scans']}") from None
