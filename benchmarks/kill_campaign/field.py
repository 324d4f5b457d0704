"""Hub, stores, lines, buyers and people of one run, put together. A context manager; it leaves no process behind."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Self

import httpx

from benchmarks.kill_campaign import chain
from benchmarks.kill_campaign.buyers import Buyers, Wanted
from benchmarks.kill_campaign.clerk import Clerk
from benchmarks.kill_campaign.ear import Ear
from benchmarks.kill_campaign.lives import Life
from benchmarks.kill_campaign.nest import Nest, Wish
from benchmarks.kill_campaign.shop import PAGE_S, Shop, free_port
from benchmarks.kill_campaign.watch import Watch
from benchmarks.print_faults.paper import Papers

UP_S, MOST_OPEN = 60.0, 12


def wait_until(is_so: Callable[[], bool], within: float) -> None:
    until = time.monotonic() + within
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError("a program of the campaign does not come up; its log says why")
        time.sleep(0.05)


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
        self.buyers = Buyers(self.hub, self.wanted, per_second, self._seed, keep_up=self._keeps_up)
        self.ears = [Ear(shop) for shop in self.shops]
        self.clerks = [
            Clerk(shop, ear, self._seed + place, place=place)
            for place, (shop, ear) in enumerate(zip(self.shops, self.ears, strict=True), 1)
        ]
        self.watch = Watch(self.shops)
        self._stack.callback(self.leave)
        self.watch.start()
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
        for life in self.lives:
            wait_until(partial(self.is_up, life), UP_S)
        for place, shop in enumerate(self.shops):
            shop.connect(self.hub, self._seed + place)

    def is_up(self, life: Life) -> bool:
        """Whether it answers."""
        shop = next((shop for shop in self.shops if shop.life is life), None)
        return self._hub_is_up() if shop is None else shop.is_up

    def _hub_is_up(self) -> bool:
        try:
            return httpx.get(f"{self.hub.url}/health", trust_env=False, timeout=PAGE_S).is_success
        except httpx.HTTPError:
            return False

    def _keeps_up(self) -> bool:
        """No more orders than people can pick before the run's end is judged."""
        ledger = self.buyers.ledger
        done = len(ledger.doomed) + sum(len(clerk.handed_over) for clerk in self.clerks)
        return len(ledger.answered) - done < MOST_OPEN

    def leave(self) -> None:
        """People and buyers go; more than once does no harm."""
        self.buyers.stop()
        for clerk in self.clerks:
            clerk.stop()
        for ear in self.ears:
            ear.stop()
        self.watch.stop()
