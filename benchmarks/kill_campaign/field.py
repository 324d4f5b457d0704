"""Hub, stores, lines, buyers and people of one run, put together. A context manager; it leaves no process behind."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import httpx

from benchmarks.kill_campaign import chain
from benchmarks.kill_campaign.buyers import Buyers, Wanted
from benchmarks.kill_campaign.clerk import Clerk, wait_until
from benchmarks.kill_campaign.ear import Ear
from benchmarks.kill_campaign.lives import Life
from benchmarks.kill_campaign.nest import Nest, Wish
from benchmarks.kill_campaign.shop import Shop, free_port
from benchmarks.print_faults.paper import Papers

UP_S = 60.0


class Field:
    """`flaws` are of the hub and of the agents, for negative controls."""

    def __init__(
        self,
        folder: Path,
        nest: Nest,
        wanted: list[Wanted],
        *,
        stores: tuple[str, ...],
        seed: int,
        flaws: tuple[str, str] = ("", ""),
    ) -> None:
        self.folder, self._nest, self.wanted, self._seed = folder, nest, wanted, seed
        self._stores, (self._hub_flaw, self._agent_flaw) = stores, flaws
        self.papers = Papers(
            {
                (each.shown_id, kind): frozenset(f"药品{sku}" for sku in each.lines)
                if kind == "picking"
                else frozenset()
                for each in wanted
                for kind in ("picking", "customer", "stop")
            }
        )
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._begin()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def lives(self) -> list[Life]:
        return [self.hub_life, *(shop.life for shop in self.shops)]

    @property
    def hub_file(self) -> Path:
        return self.hub.folder / "hub.db"

    def work(self, per_second: float) -> None:
        """Orders come and people begin."""
        self.buyers = Buyers(self.hub, self.wanted, per_second, self._seed)
        self.ears = [Ear(shop) for shop in self.shops]
        self.clerks = [
            Clerk(shop, ear, self._seed + place, place=place)
            for place, (shop, ear) in enumerate(zip(self.shops, self.ears, strict=True), 1)
        ]
        self._stack.callback(self.leave)
        for ear in self.ears:
            ear.start()
        self.buyers.start()
        for clerk in self.clerks:
            clerk.start()

    def _begin(self) -> None:
        hub_folder = self.folder / "hub"
        self.hub = chain.found(hub_folder, free_port(), self._stores)
        arguments = ("--config", str(self.hub.config), "serve")
        log = str(self.folder / "hub.log")
        self.hub_life = Life(self._nest, Wish("hub", arguments, log, self._hub_flaw, str(hub_folder)))
        self.hub_life.begin()
        self._stack.callback(self.hub_life.end)
        self.shops = [
            self._stack.enter_context(Shop(self.folder / store, store, self._nest, self.papers, flaw=self._agent_flaw))
            for store in self._stores
        ]
        self._wait_for_hub()
        for place, shop in enumerate(self.shops):
            wait_until(shop, UP_S)
            shop.connect(self.hub, self._seed + place)

    def _wait_for_hub(self) -> None:
        until = time.monotonic() + UP_S
        while True:
            try:
                httpx.get(f"{self.hub.url}/health", trust_env=False, timeout=2.0).raise_for_status()
                return
            except httpx.HTTPError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def leave(self) -> None:
        """People and buyers go; more than once does no harm."""
        self.buyers.stop()
        for clerk in self.clerks:
            clerk.stop()
        for ear in self.ears:
            ear.stop()
